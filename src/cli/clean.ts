/**
 * `ordeal clean`: ends and removes whatever earlier runs left behind, here and on the Docker engine, and says what is
 * left on clusters of others: it has no login there.
 */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { findLeftBehind, forgetMade, howToDelete } from '../cluster/external/left-behind.ts';
import { endKept } from '../cluster/kept/end.ts';
import { allKept, isAlive } from '../cluster/kept/state.ts';
import type { HostEnvironment } from '../host/environment.ts';
import { cleanLeftovers } from '../host/leftovers.ts';
import { hostEnvironment } from './host.ts';
import { keptNote } from './kept-lines.ts';
import { print } from './output.ts';

type Arguments = { readonly kept: boolean };

export const clean: CommandModule<object, Arguments> = {
  command: 'clean',
  describe: 'End and remove what a crashed run left behind: processes, folders, containers',
  builder: (yargs: Argv) =>
    yargs.option('kept', {
      type: 'boolean',
      default: false,
      describe: 'End the clusters that are kept, too, also those in use',
    }) as unknown as Argv<Arguments>,
  handler: async ({ kept }: ArgumentsCamelCase<Arguments>) => {
    const host = hostEnvironment();
    // Loaded only now: other verbs start without the engine's library.
    const { cleanOrphans } = await import('../host/orphans.ts');
    const removed = [
      ...(await cleanLeftovers(host)),
      ...(await cleanOrphans(host)),
      ...(await cleanKept(host, kept)),
    ];
    for (const line of removed) print(line);
    const elsewhere = tellElsewhere(host);
    const nothing = removed.length + elsewhere === 0;
    print(nothing ? 'nothing was left behind' : `${removed.length} cleaned up`);
    if (elsewhere > 0) print('what is left elsewhere is not remembered any more');
    const living = keptNote(allKept(host));
    if (living !== undefined)
      print(`kept, and left alone: ${living} (ordeal clean --kept ends it)`);
  },
};

/** Of living ones only when told to; what is left of dead ones is as any other leftover. */
async function cleanKept(host: HostEnvironment, living: boolean): Promise<readonly string[]> {
  const ending = allKept(host).filter((one) => living || !isAlive(one));
  const lines: string[] = [];
  for (const one of ending) {
    const was = isAlive(one) ? 'ended the' : 'removed what was left of the';
    await endKept(host, one, { force: true });
    lines.push(`${was} kept cluster ${one.name}`);
  }
  return lines;
}

/** How many runs may have left something on clusters of others. */
function tellElsewhere(host: HostEnvironment): number {
  const elsewhere = findLeftBehind(host);
  for (const made of elsewhere) {
    print(
      `a run that was killed may have left this on ${made.bootstrap.join(',')}; delete it with:`,
    );
    for (const line of howToDelete(made)) print(`  ${line}`);
    forgetMade(made.path);
  }
  return elsewhere.length;
}
