import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionOfKey } from '../../../src/scenario/records/partitioner.ts';
import { LEGS, relayedOf, transferOf } from '../../../src/scenario/records/relayed.ts';

const identity = { stream: fc.nat(5000), sequence: fc.nat(2 ** 40) };

describe('what a relay makes', () => {
  it('copies to the same partition, modulo those there are', () => {
    const of = (partition: number) =>
      relayedOf('copy', { stream: 1, sequence: 9, partition }, 4).map((one) => one.partition);
    expect([0, 3, 4, 6].map(of)).toEqual([[0], [3], [0], [2]]);
  });

  it('moves money between two accounts and makes none', () => {
    fc.assert(
      fc.property(
        fc.record({ ...identity, partition: fc.nat(9) }),
        fc.integer({ min: 1, max: 50 }),
        (input, partitions) => {
          const made = relayedOf('transfer', input, partitions);
          expect(made.map(({ leg }) => leg)).toEqual([0, 1]);
          expect(made).toHaveLength(LEGS.transfer);
          expect(made[0]?.key).not.toEqual(made[1]?.key);
          expect((made[0]?.amount ?? 0) < 0).toBe(true);
          expect((made[0]?.amount ?? 0) + (made[1]?.amount ?? 0)).toBe(0);
          for (const { key, partition } of made) {
            expect(partition).toBe(partitionOfKey(key as Buffer, partitions));
          }
        },
      ),
    );
  });

  it('depends on the identity of the input alone, not on where it is read', () => {
    const [here, there] = [0, 3].map((partition) =>
      relayedOf('transfer', { stream: 2, sequence: 77, partition }, 6),
    );
    expect(here).toEqual(there);
  });

  it('spreads transfers over accounts and amounts', () => {
    const made = Array.from({ length: 5000 }, (_, sequence) => transferOf(3, sequence));
    expect(new Set(made.map(({ from }) => from)).size).toBeGreaterThan(900);
    expect(new Set(made.map(({ to }) => to)).size).toBeGreaterThan(900);
    expect(new Set(made.map(({ amount }) => amount)).size).toBeGreaterThan(2500);
  });

  it('makes other transfers of other streams', () => {
    expect(transferOf(1, 5)).not.toEqual(transferOf(2, 5));
    expect(transferOf(1, 5)).not.toEqual(transferOf(1, 5 + 2 ** 33));
  });
});
