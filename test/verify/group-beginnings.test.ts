/**
 * Where a group begins and goes on with auto.offset.reset=latest: what that excuses, and what it does not. And examples
 * of groups say when they happened.
 */
import { describe, expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  consumeLoad,
  killFault,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const topics = (config: Record<string, string> = {}): Scenario['topics'] => ({
  orders: { partitions: 2, replicas: 3, config },
});
const reading = (config: Record<string, string>, more: Partial<Scenario> = {}): Scenario =>
  aScenario({ topics: topics(), load: [produceLoad(), consumeLoad({ config })], ...more });
const LATEST = { 'auto.offset.reset': 'latest', 'session.timeout.ms': '10000' };

function judged(scenario: Scenario, write: (run: RunBuilder) => void, drainS = 40): Result {
  using run = new RunBuilder(scenario);
  for (let second = 0; second < 30; second++)
    run.second({ second, offered: 100, acknowledged: 100 });
  write(run);
  const evidence = run.finish({ drainS });
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

const told = ({ delivery }: Result): string[] =>
  delivery.anomalies.map(({ kind, count, judgement }) => `${kind} × ${count} ${judgement}`);
const codes = ({ reasons }: Result): string[] => reasons.map(({ code }) => code);

/** Twenty records of orders/0, of which the group is handed what `hand` says, and comes to the end. */
const twenty = (run: RunBuilder): RunBuilder =>
  run.acked(0, 0, 20, 0).read(0, 0, 20, 0).audited(0, 20).audited(1, 0);

describe('a member that passes over records', () => {
  const within = (run: RunBuilder): RunBuilder =>
    twenty(run)
      .assigned(0, atSecond(1))
      .delivered(0, 4, 4, atSecond(5))
      .delivered(0, 12, 8, atSecond(6))
      .committed(0, 20, atSecond(7));

  test('within an assignment skips them, whatever the reset is', () => {
    const result = judged(reading(LATEST), within);
    expect(told(result)).toEqual(['skipped-delivery × 4 violation']);
    expect(result.verdict).toBe('fail');
    expect(result.delivery.anomalies[0]).toMatchObject({
      why: expect.stringContaining('within an assignment'),
      examples: [{ offset: 8, atMs: 6000 }],
    });
  });

  test('does so by its settings from one assignment to the next', () => {
    const result = judged(reading(LATEST), (run) =>
      twenty(run)
        .assigned(0, atSecond(1))
        .delivered(0, 4, 4, atSecond(5))
        .assigned(0, atSecond(6))
        .delivered(0, 12, 8, atSecond(7))
        .committed(0, 20, atSecond(8)),
    );
    expect(told(result)).toEqual(['skipped-delivery × 4 expected']);
  });

  test('may have been told that it was out of range while something was broken', () => {
    const result = judged(reading(LATEST, { faults: [killFault({ atMs: 4000 })] }), (run) =>
      within(run).fault('leader-dies', 4, 10),
    );
    expect(told(result)).toEqual(['skipped-delivery × 4 expected']);
  });

  test('was out of range where the log begins behind its place', () => {
    const result = judged(reading(LATEST, { topics: topics({ 'retention.ms': '1000' }) }), (run) =>
      run
        .acked(0, 0, 20, 0)
        .read(0, 10, 10, 10)
        .audited(0, 20, { logStart: 10 })
        .audited(1, 0)
        .assigned(0, atSecond(1))
        .delivered(0, 4, 4, atSecond(5))
        .delivered(0, 12, 8, atSecond(6))
        .committed(0, 20, atSecond(7)),
    );
    expect(told(result)).toContain('skipped-delivery × 2 expected');
  });

  test('may have lost its place where unclean elections are on', () => {
    const unclean = topics({ 'unclean.leader.election.enable': 'true' });
    const result = judged(reading(LATEST, { topics: unclean }), within);
    expect(told(result)).toEqual(['skipped-delivery × 4 expected']);
  });

  test('is judged by what the scenario expects, if it says so', () => {
    const expect_ = [
      {
        ...{ text: 'skipped <= 4', metric: 'skipped', of: null, window: { kind: 'default' } },
        ...{ comparison: '<=', value: 4 },
      },
    ] as Scenario['expect'];
    const result = judged(reading(LATEST, { expect: expect_ }), within);
    expect(told(result)).toEqual(['skipped-delivery × 4 expected']);
  });
});

/** orders/0 as the sampler saw it, once a second: ten records until second 20, then ten more. */
const sampled = (run: RunBuilder, ends: (second: number) => number): RunBuilder => {
  for (let second = 0; second < 30; second++) {
    run.sample({
      ...{ t: atSecond(second), type: 'offsets', topic: 'orders', partition: 0, logStart: 0 },
      highWatermark: ends(second),
    });
  }
  return run;
};
const assignedAt = (run: RunBuilder, second: number): RunBuilder =>
  run.event({
    ...{ t: atSecond(second), type: 'assignment', load: 'billing', worker: 0, consumer: 0 },
    ...{ change: 'assigned', partitions: [0, 1] },
  });

describe('a group that begins with the latest record and is handed nothing', () => {
  const growing = (second: number): number => (second < 20 ? 10 : 20);

  test('is stuck when records came long after it was assigned', () => {
    const result = judged(reading(LATEST), (run) => assignedAt(sampled(twenty(run), growing), 2));
    expect(told(result)).toEqual(['stuck-group × 10 violation']);
    expect(result.verdict).toBe('fail');
  });

  test('is in doubt when the drain was too short to say so', () => {
    const write = (run: RunBuilder): RunBuilder =>
      assignedAt(sampled(twenty(run), growing), 2).fault('leader-dies', 4, 5);
    const faulty = reading(
      { 'auto.offset.reset': 'latest', 'session.timeout.ms': '60000' },
      { faults: [killFault()] },
    );
    expect(judged(faulty, write)).toMatchObject({
      verdict: 'unknown',
      reasons: [{ code: 'stuck-group' }],
    });
  });

  test('has proven nothing when none came', () => {
    const result = judged(reading(LATEST), (run) =>
      assignedAt(
        sampled(twenty(run), () => 20),
        2,
      ),
    );
    expect(told(result)).toEqual([]);
    expect(result).toMatchObject({ verdict: 'unknown' });
    expect(codes(result)).toEqual(['no-traffic']);
  });

  test('may still be looking for the end when the last records come', () => {
    const result = judged(reading(LATEST), (run) => assignedAt(sampled(twenty(run), growing), 15));
    expect(told(result)).toEqual([]);
    expect(codes(result)).toEqual(['no-traffic']);
  });
});

test('a record that a group read and that went says when it was handed over', () => {
  const result = judged(reading({}), (run) =>
    run
      .acked(0, 0, 10, 0)
      .read(0, 0, 8, 0)
      .audited(0, 10)
      .audited(1, 0)
      .delivered(0, 0, 4, atSecond(5))
      .delivered(0, 4, 6, atSecond(8))
      .committed(0, 10),
  );
  const lost = result.delivery.anomalies.find(({ kind }) => kind === 'read-then-lost');
  expect(lost?.examples).toMatchObject([{ offset: 8, atMs: 8000 }]);
});

test('what stands in the log is dated by when the log had grown so far', () => {
  const result = judged(reading({}), (run) =>
    sampled(run, (second) => Math.min(10, second))
      .acked(0, 0, 5, 0)
      .acked(0, 5, 4, 6)
      .read(0, 0, 5, 0)
      .read(0, 5, 4, 6)
      .audited(0, 10)
      .audited(1, 0)
      .delivered(0, 0, 5)
      .delivered(0, 6, 4)
      .committed(0, 10),
  );
  const gap = result.delivery.anomalies.find(({ kind }) => kind === 'unexplained-gap');
  expect(gap?.examples).toMatchObject([{ offset: 5, atMs: 6000 }]);
});
