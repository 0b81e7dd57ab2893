/**
 * The compiled program, for tests whose processes need entry files that Node 20 can run. `npm test` builds it into
 * dist; ORDEAL_TEST_BUILD names another folder.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = resolve(process.env['ORDEAL_TEST_BUILD'] ?? 'dist');

const built = (path: string): Promise<unknown> => import(pathToFileURL(`${folder}/${path}`).href);

export const providers = (await built(
  'cluster/choose-provider.js',
)) as typeof import('../../src/cluster/choose-provider.ts');
export const reaper = (await built('host/reaper.js')) as typeof import('../../src/host/reaper.ts');
export const toxiproxy = (await built(
  'links/toxiproxy.js',
)) as typeof import('../../src/links/toxiproxy.ts');
export const toxiproxyProgram = (await built(
  'host/toxiproxy.js',
)) as typeof import('../../src/host/toxiproxy.ts');
