/** `ordeal clean`: ends and removes whatever earlier runs left behind, here and on the Docker engine. */
import type { CommandModule } from 'yargs';
import { cleanLeftovers, cleanOrphans } from '../host/leftovers.ts';
import { hostEnvironment } from './host.ts';
import { print } from './output.ts';

export const clean: CommandModule = {
  command: 'clean',
  describe: 'End and remove what a crashed run left behind: processes, folders, containers',
  handler: async () => {
    const host = hostEnvironment();
    const removed = [...(await cleanLeftovers(host)), ...(await cleanOrphans(host))];
    for (const line of removed) print(line);
    print(removed.length === 0 ? 'nothing was left behind' : `${removed.length} cleaned up`);
  },
};
