/** A run goes on without its follower, and says so. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { startFollower } from '../../src/runner/follow.ts';
import type { Session } from '../../src/runner/session.ts';
import { OWN_NAMES } from '../../src/scenario/kafka-names.ts';
import type { FaultSpec, Scenario } from '../../src/scenario/scenario.ts';
import { aScenario, produceLoad } from '../fixtures/run-builder.ts';

const ENTRY = new URL('./fake-follower.mjs', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'ordeal-follow-'));
mkdirSync(join(folder, 'logs'));
afterAll(() => rmSync(folder, { recursive: true }));

function started(name: string, scenario: Partial<Scenario> = {}, entry = ENTRY) {
  const events: RunEvent[] = [];
  const session = {
    plan: {
      folder,
      scenario: aScenario({ load: [produceLoad({ name })], ...scenario }),
      streams: { runId: 1, streams: [], partitions: [] },
    },
    t0Ns: '0',
    record: (event: RunEvent) => events.push(event),
    event: (event: object) => events.push({ t: 0, ...event } as RunEvent),
  } as unknown as Session;
  const where = { names: OWN_NAMES, from: [] };
  const cluster = { harness: [], connection: {} };
  return { events, follower: startFollower(session, cluster, where, entry) };
}

const told = (events: readonly RunEvent[]): string[] =>
  events.map((event) => (event.type === 'warning' ? event.message : event.type));

describe('a follower', () => {
  test('tells what it sees, and ends when it is asked to', async () => {
    const { events, follower } = started('checkout');
    await waitFor('followed', () => events.length > 0, { timeoutMs: 20_000, everyMs: 20 });
    await follower.stop();
    expect(told(events)).toEqual(['followed', 'follower-ended']);
  });

  test.each([
    ['dies', 'nobody follows the log any more: its process ended (exit code 7)'],
    ['fails', 'nobody follows the log any more: no broker answered'],
  ])('that %s is one warning', async (name, message) => {
    const { events, follower } = started(name);
    await waitFor('a warning', () => events.length > 0, { timeoutMs: 20_000, everyMs: 20 });
    await follower.stop();
    await follower[Symbol.asyncDispose]();
    expect(told(events)).toEqual([message]);
    expect(events[0]).toMatchObject({ type: 'warning', code: 'not-following' });
  });

  test('that cannot be found is one warning', async () => {
    const { events, follower } = started('checkout', {}, new URL('./nowhere.mjs', ENTRY));
    await waitFor('a warning', () => events.length > 0, { timeoutMs: 20_000, everyMs: 20 });
    await follower.stop();
    expect(told(events)).toEqual([
      'nobody follows the log any more: its process ended (exit code 1)',
    ]);
  });

  test('that does not end is ended, with a warning', async () => {
    const { events, follower } = started('deaf');
    await waitFor('followed', () => events.length > 0, { timeoutMs: 20_000, everyMs: 20 });
    await follower.stop();
    expect(told(events)).toEqual([
      'followed',
      'nobody follows the log any more: it was too slow to end',
    ]);
  });

  test('leaves out topics that may lawfully be other ones, and says which', async () => {
    const recreate = { kind: 'recreate-topic', where: { kind: 'place', topic: 'orders' } };
    const compacted = { 'cleanup.policy': 'compact' };
    for (const scenario of [
      { faults: [recreate as unknown as FaultSpec] },
      { topics: { orders: { partitions: 1, replicas: 1, config: compacted } } },
    ]) {
      const { events, follower } = started('checkout', scenario);
      await follower[Symbol.asyncDispose]();
      expect(told(events)[0]).toBe(
        'orders is not followed: records may lawfully leave it or be others',
      );
    }
  });
});
