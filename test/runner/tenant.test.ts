/** A tenant finds nothing of its names, leaves nothing, and says so only when all went well. */
import { expect, test } from 'vitest';
import type { RunningCluster } from '../../src/cluster/cluster.ts';
import type { Session } from '../../src/runner/session.ts';
import { moveIn } from '../../src/runner/tenant.ts';
import type { Admin } from '../../src/wire/admin.ts';
import { codeOf } from '../../src/wire/errors.ts';

function house({ healed = true, refusing = 0, open = 0 } = {}) {
  const asked: string[] = [];
  let knowing = 2;
  let left = 0;
  const world = { refusing, open };
  const admin = {
    deleteGroups: async (names: readonly string[]) => {
      asked.push(`delete group ${names}`);
      return names.map((group) => ({ group, errorCode: world.refusing }));
    },
    metadata: async (names: readonly string[]) => ({
      topics: names.map((name) => ({ name, partitions: [{}] })),
    }),
    deleteTopics: async (names: readonly string[]) => {
      asked.push(`delete topic ${names}`);
      return names.map((name) => ({ name, errorCode: 0 }));
    },
    whoKnows: async () => {
      asked.push('who knows');
      return Array.from({ length: knowing-- }, (_, i) => i);
    },
    listTransactions: async () =>
      Array.from({ length: world.open }, () => ({ transactionalId: 'checkout-0' })),
  } as unknown as Admin;
  const session = {
    plan: { scenario: { topics: { orders: {} }, load: [{ kind: 'consume', group: 'billing' }] } },
    signal: new AbortController().signal,
    traces: { healed },
  } as unknown as Session;
  const cluster = { leaveWhole: () => left++ } as unknown as RunningCluster;
  return {
    asked,
    world,
    begin: () => moveIn(session, cluster, admin),
    left: () => left,
    session,
    admin,
  };
}

const TAKEN = ['delete group billing', 'delete topic orders'];

test('what others left is deleted, and every broker must have forgotten it', async () => {
  const { asked, begin, left } = house();
  const tenant = await begin();
  expect(asked).toEqual([...TAKEN, ...Array<string>(3).fill('who knows')]);
  asked.length = 0;
  tenant.finished();
  await tenant[Symbol.asyncDispose]();
  expect(asked).toEqual(TAKEN);
  expect(left()).toBe(1);
});

test('a group that others use is told, and nothing begins', async () => {
  const { begin } = house({ refusing: codeOf('NON_EMPTY_GROUP') });
  await expect(begin()).rejects.toMatchObject({ code: 'kept.not-cleared' });
});

test.each([
  ['it did not come to its end', {}, false, {}],
  ['a fault was not healed', { healed: false }, true, {}],
  ['something could not be deleted', {}, true, { refusing: codeOf('NON_EMPTY_GROUP') }],
  ['a transaction is open', {}, true, { open: 1 }],
])('a run does not leave it whole when %s', async (_, given, finished, then) => {
  const { begin, world, left } = house(given);
  const tenant = await begin();
  Object.assign(world, then);
  if (finished) tenant.finished();
  await tenant[Symbol.asyncDispose]();
  expect(left()).toBe(0);
});

test('of a cluster of its own a run is no tenant', async () => {
  const { session, admin, asked } = house();
  const tenant = await moveIn(session, {} as RunningCluster, admin);
  tenant.finished();
  await tenant[Symbol.asyncDispose]();
  expect(asked).toEqual([]);
});
