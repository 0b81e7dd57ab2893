/** `ordeal clean`: ends and removes whatever earlier runs left behind. */
import type { CommandModule } from 'yargs';
import { cleanLeftovers } from '../host/leftovers.ts';
import { hostEnvironment } from './host.ts';
import { print } from './output.ts';

export const clean: CommandModule = {
  command: 'clean',
  describe: 'End processes and remove folders that a crashed run left behind',
  handler: async () => {
    const removed = await cleanLeftovers(hostEnvironment());
    for (const line of removed) print(line);
    print(removed.length === 0 ? 'nothing was left behind' : `${removed.length} cleaned up`);
  },
};
