/**
 * The whole pipeline against a broker that lies on command: every lie is named, an honest broker passes, and
 * latencies agree with the broker's own times.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EventOf } from '../../src/evidence/events.ts';
import type { Result } from '../../src/verify/result.ts';
import { eventsOf, ordeal, resultOf, scratch } from '../cli/ordeal.ts';
import type { Lie } from '../lying-broker/lies.ts';
import { startLyingBroker } from '../lying-broker/lying-broker.ts';

const folder = scratch();
let runs = 0;

type Tried = {
  readonly code: number | null;
  readonly result: Result;
  /** What the follower told when it ended; undefined without one. */
  readonly followed: EventOf<'follower-ended'> | undefined;
};

async function trial(lies: readonly Lie[], ...flags: readonly string[]): Promise<Tried> {
  await using broker = await startLyingBroker({ topics: { orders: 2 }, lies });
  const out = join(folder, `run-${++runs}`);
  const { code, stderr } = await ordeal([
    'run',
    'test/scenarios/lied-to.yaml',
    '--bootstrap',
    broker.brokers.join(','),
    '--out',
    out,
    ...flags,
  ]);
  expect(code, stderr).toBeOneOf([0, 1, 3]);
  const followed = eventsOf(out).find((event) => event.type === 'follower-ended');
  return { code, result: resultOf(out), followed };
}

const kinds = ({ delivery }: Result): string[] => delivery.anomalies.map(({ kind }) => kind);
const about = { partition: 0, from: 3 } as const;

test('an honest broker passes', async () => {
  const { code, result, followed } = await trial([], '--follow');
  expect(result.reasons).toEqual([]);
  expect(code).toBe(0);
  expect(followed).toMatchObject({ lost: 0, gone: 0, hidden: 0, notCompared: 0 });
  expect(followed?.compared).toBe(result.delivery.acknowledged);
  expect(result.delivery.anomalies).toEqual([]);
  expect(result.delivery.groups['billing']).toMatchObject({ skipped: 0, lagAtEnd: 0 });
});

describe('a lie is named and fails the run', () => {
  test.each<[string, Lie]>([
    ['acknowledged-loss', { ...about, kind: 'lose' }],
    ['duplicate', { ...about, kind: 'duplicate' }],
    ['reorder', { ...about, kind: 'reorder' }],
    ['damaged', { ...about, kind: 'corrupt', how: 'stamp' }],
    ['duplicate', { ...about, kind: 'swallow-ack' }],
    ['duplicate', { ...about, kind: 'error', code: 7, appended: true }],
  ])('%s: %j', async (anomaly, lie) => {
    const { code, result } = await trial([lie]);
    expect(kinds(result)).toContain(anomaly);
    const found = result.delivery.anomalies.find(({ kind }) => kind === anomaly);
    expect(found?.examples[0]).toMatchObject({ topic: 'orders', partition: 0 });
    expect(result.verdict).toBe('fail');
    expect(code).toBe(1);
  });
});

/** Which partition the first example of a violation is about. */
const placesOf = ({ delivery }: Result): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(
    delivery.anomalies
      .filter(({ judgement }) => judgement === 'violation')
      .map(({ kind, examples }) => [kind, examples[0]?.partition]),
  );

test('several lies about several batches are told apart', async () => {
  const { code, result } = await trial([
    { partition: 0, from: 1, kind: 'reuse-offset' },
    { partition: 0, from: 2, kind: 'gap', offsets: 5 },
    { partition: 0, from: 3, kind: 'old-epoch' },
    { partition: 1, from: 1, kind: 'misplace' },
    { partition: 1, from: 2, kind: 'forge' },
    { partition: 1, from: 3, kind: 'hide' },
  ]);
  expect(placesOf(result)).toMatchObject({
    ...{ 'offset-reuse': 0, 'unexplained-gap': 0, 'leader-epoch-back': 0 },
    // What was put elsewhere is missing where it belongs, and found where it is.
    ...{ 'acknowledged-loss': 1, 'wrong-partition': 0 },
    ...{ phantom: 1, 'skipped-delivery': 1 },
  });
  expect(code).toBe(1);
});

test('a tail that was cut off is a loss, and its offsets are given to others', async () => {
  const { code, result, followed } = await trial(
    [{ ...about, kind: 'truncate', batches: 2 }],
    '--follow',
  );
  expect(placesOf(result)).toMatchObject({ 'acknowledged-loss': 0, 'offset-reuse': 0 });
  // Whichever it saw first: the records, or others in their place.
  const seen = (followed?.lost ?? 0) + (followed?.gone ?? 0);
  expect(seen).toBeGreaterThanOrEqual(result.delivery.lost ?? Infinity);
  expect(code).toBe(1);
});

test('an error before the append is no anomaly: the client tries again', async () => {
  const { code, result } = await trial([{ ...about, kind: 'error', code: 7, appended: false }]);
  expect(result.delivery).toMatchObject({ lost: 0, duplicated: 0, anomalies: [] });
  expect(code).toBe(0);
});

test('a delayed answer shows in the latency, and a stall in every record it held up', async () => {
  const { result: delayed } = await trial([{ ...about, kind: 'delay', ms: 400 }]);
  expect(delayed.load['checkout']?.ackMs?.max).toBeGreaterThanOrEqual(400);
  const { result: stalled } = await trial([{ ...about, from: 5, kind: 'stall', ms: 800 }]);
  // 0.8 s of a 2 s run: open loop, so about a fifth of all records waited more than 400 ms.
  expect(stalled.load['checkout']?.ackMs?.p99).toBeGreaterThanOrEqual(600);
});
