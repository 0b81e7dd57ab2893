/**
 * `partition`: connections over the links are closed and refused. Directed by who dials: cutting `1 -> 2` still
 * lets 2 fetch from 1. Proven when the links refuse while HARNESS, which has no such link, still answers.
 */
import type { PartitionFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { describeProbe, injectOnLinks } from './on-links.ts';

export const partition: Fault<PartitionFault> = {
  async inject({ where }, arena) {
    const injection = await injectOnLinks(where, { kind: 'cut' }, arena, (before, after) => ({
      proven: after.state === 'refused' || after.state === 'reset',
      evidence: `${describeProbe(before)} before, ${describeProbe(after)} with it`,
    }));
    return {
      ...injection,
      probe: async () => {
        const [links, { brokers }] = await Promise.all([
          injection.probe(),
          arena.admin.metadata([]),
        ]);
        return {
          proven: links.proven && brokers.length > 0,
          evidence: `${links.evidence}; HARNESS answers, ${brokers.length} brokers registered`,
        };
      },
    };
  },
};
