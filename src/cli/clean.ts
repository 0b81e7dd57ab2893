/**
 * `ordeal clean`: ends and removes whatever earlier runs left behind, here and on the Docker engine, and says what is
 * left on clusters of others: it has no login there.
 */
import type { CommandModule } from 'yargs';
import { findLeftBehind, forgetMade, howToDelete } from '../cluster/external/left-behind.ts';
import { cleanLeftovers } from '../host/leftovers.ts';
import { hostEnvironment } from './host.ts';
import { print } from './output.ts';

export const clean: CommandModule = {
  command: 'clean',
  describe: 'End and remove what a crashed run left behind: processes, folders, containers',
  handler: async () => {
    const host = hostEnvironment();
    // Loaded only now: other verbs start without the engine's library.
    const { cleanOrphans } = await import('../host/orphans.ts');
    const removed = [...(await cleanLeftovers(host)), ...(await cleanOrphans(host))];
    for (const line of removed) print(line);
    const elsewhere = findLeftBehind(host);
    for (const made of elsewhere) {
      print(
        `a run that was killed may have left this on ${made.bootstrap.join(',')}; delete it with:`,
      );
      for (const line of howToDelete(made)) print(`  ${line}`);
      forgetMade(made.path);
    }
    const nothing = removed.length + elsewhere.length === 0;
    print(nothing ? 'nothing was left behind' : `${removed.length} cleaned up`);
    if (elsewhere.length > 0) print('what is left elsewhere is not remembered any more');
  },
};
