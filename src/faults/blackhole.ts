/**
 * `blackhole`: connections are accepted and nothing passes, as behind a firewall that drops. On the response
 * stream alone it swallows acknowledgements of what was written.
 */
import type { BlackholeFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { describeProbe, injectOnLinks } from './on-links.ts';

export const blackhole: Fault<BlackholeFault> = {
  inject: ({ where, stream }, arena) =>
    injectOnLinks(where, { kind: 'blackhole', stream }, arena, (before, after) => ({
      proven: after.state === 'silent',
      evidence: `${describeProbe(before)} before, ${describeProbe(after)} with it`,
    })),
};
