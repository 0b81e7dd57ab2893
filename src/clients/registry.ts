/** Client libraries by name, loaded when a load first needs one. */
import type { ClientName } from '../scenario/scenario.ts';
import type { ClientLibrary } from './client.ts';

const LIBRARIES = {
  kafkajs: async () => (await import('./kafkajs/library.ts')).kafkajs,
} satisfies Partial<Record<ClientName, () => Promise<ClientLibrary>>>;

/** Planning refuses the names that have no library here; see check.ts. */
export async function loadClient(name: ClientName): Promise<ClientLibrary> {
  if (!(name in LIBRARIES)) throw new Error(`no client library ${name}`);
  return await LIBRARIES[name as keyof typeof LIBRARIES]();
}

export const hasClient = (name: ClientName): boolean => name in LIBRARIES;
