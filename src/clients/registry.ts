/** Client libraries by name, loaded when a load first needs one. */
import type { ClientName } from '../scenario/scenario.ts';
import type { ClientLibrary } from './client.ts';

const LIBRARIES = {
  kafkajs: async () => (await import('./kafkajs/library.ts')).kafkajs,
  native: async () => (await import('./native/library.ts')).native,
} satisfies Record<ClientName, () => Promise<ClientLibrary>>;

export const loadClient = (name: ClientName): Promise<ClientLibrary> => LIBRARIES[name]();
