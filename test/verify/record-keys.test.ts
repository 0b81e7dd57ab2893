/** Keys recomputed by stream and sequence are those that the workers gave their records. */
import { expect, test } from 'vitest';
import { createStreamTable } from '../../src/evidence/streams.ts';
import { indexOfNth, partitionOfNth } from '../../src/load/offers.ts';
import { createKeys } from '../../src/scenario/records/keys.ts';
import type { KeyModel } from '../../src/scenario/traffic.ts';
import { RecordKeys } from '../../src/verify/record-keys.ts';
import { produceLoad } from '../fixtures/run-builder.ts';

const SEED = 11;
const PARTITIONS = 3;
const PRODUCERS = 5;

test.each<Exclude<KeyModel, { kind: 'none' }>>([
  { kind: 'uniform', count: 20 },
  { kind: 'zipf', count: 1000, exponent: 1.1 },
])('$kind', (keys) => {
  const load = produceLoad({ keys, producers: PRODUCERS });
  const topics = { payments: { partitions: 2 }, orders: { partitions: PARTITIONS } };
  const table = createStreamTable(1, topics, [load]);
  const recomputed = new RecordKeys(load, keys, SEED, { streams: table, events: [] });
  const keyOf = createKeys(keys, SEED);
  const next = new Map<string, number>();
  const share = { producers: PRODUCERS, partitions: PARTITIONS, keyOf, keyed: true, run: 1 };
  for (let producer = 0; producer < PRODUCERS; producer++) {
    for (let nth = 0; nth < 300; nth++) {
      const index = indexOfNth(nth, producer, share);
      const partition = partitionOfNth(nth, producer, share);
      const stream = `${producer}/${partition}`;
      const sequence = next.get(stream) ?? 0;
      next.set(stream, sequence + 1);
      expect(String(recomputed.rankOf(producer, partition, sequence))).toBe(String(keyOf(index)));
    }
  }
});
