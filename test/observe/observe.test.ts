/** What the observer makes of the cluster's answers: changes only, and no lag where a part of it is unknown. */
import { describe, expect, test } from 'vitest';
import { environmentError } from '../../src/lib/errors.ts';
import { createCommitWatch, sampleCommitted, sampleLag } from '../../src/observe/lag.ts';
import { createLeadershipWatch } from '../../src/observe/leadership.ts';
import type { Admin } from '../../src/wire/admin.ts';

const offsets = [
  { topic: 'orders', partition: 0, highWatermark: 100, logStart: 0 },
  { topic: 'orders', partition: 1, highWatermark: 50, logStart: 10 },
];

const committing = (answers: readonly { partition: number; offset: number; errorCode: number }[]) =>
  ({ committedOffsets: async () => answers }) as unknown as Admin;

const group = { group: 'billing', topic: 'orders' };

describe('lag', () => {
  test('is high watermark minus committed, from the log start where nothing is committed', async () => {
    const admin = committing([
      { partition: 0, offset: 90, errorCode: 0 },
      { partition: 1, offset: -1, errorCode: 0 },
    ]);
    expect(await sampleLag(admin, group, offsets)).toBe(10 + 40);
  });
  test('is not known when one partition cannot be asked for', async () => {
    const admin = committing([
      { partition: 0, offset: 90, errorCode: 0 },
      { partition: 1, offset: -1, errorCode: 15 },
    ]);
    expect(await sampleLag(admin, group, offsets)).toBeNull();
    expect(await sampleLag(committing([]), group, offsets)).toBeNull();
    expect(await sampleLag(committing([]), { group: 'x', topic: 'y' }, offsets)).toBeNull();
  });
});

test('what a group has committed is told once, and again when it changes', async () => {
  const told: unknown[] = [];
  const watch = createCommitWatch((sample) => told.push(sample));
  const look = async (t: number, second: number): Promise<void> => {
    const admin = committing([
      { partition: 0, offset: 90, errorCode: 0 },
      { partition: 1, offset: second, errorCode: 0 },
    ]);
    watch(t, group, (await sampleCommitted(admin, group, offsets)) ?? []);
  };
  await look(1, -1);
  await look(2, -1);
  await look(3, 20);
  const about = { type: 'committed', ...group };
  expect(told).toEqual([
    { t: 1, ...about, partition: 0, offset: 90 },
    { t: 1, ...about, partition: 1, offset: -1 },
    { t: 3, ...about, partition: 1, offset: 20 },
  ]);
});

test('leadership is told once, and again when leader, epoch or ISR changes', async () => {
  let isr = [1, 2];
  const admin = {
    metadata: async () => ({
      topics: [
        {
          name: 'orders',
          partitions: [{ partition: 0, leader: 1, leaderEpoch: 3, isr, replicas: [1, 2] }],
        },
      ],
    }),
    quorum: async () => ({ leaderId: 2, leaderEpoch: 9 }),
  } as unknown as Admin;
  const told: unknown[] = [];
  const watch = createLeadershipWatch(admin, ['orders'], (change) => told.push(change));
  await watch.look();
  isr = [2, 1];
  await watch.look();
  expect(told).toHaveLength(2);
  isr = [1];
  await watch.look();
  expect(told).toHaveLength(3);
  expect(told.at(-1)).toMatchObject({ topic: 'orders', isr: [1] });
});

test('who may not ask for the controller sees the rest all the same', async () => {
  const refusing = (code: string) =>
    ({
      metadata: async () => ({ topics: [] }),
      quorum: async () => Promise.reject(environmentError(code, 'no')),
    }) as unknown as Admin;
  const look = (code: string) => createLeadershipWatch(refusing(code), [], () => {}).look();
  await expect(look('kafka.refused')).resolves.toBeUndefined();
  await expect(look('kafka.unreachable')).rejects.toMatchObject({ code: 'kafka.unreachable' });
});
