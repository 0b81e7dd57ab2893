/** What nothing happened to proves nothing: of each load by itself, of relays, and of what a gate leaves standing. */
import { describe, expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import type { RelaySpec } from '../../src/scenario/relay-spec.ts';
import type { LoadSpec, Scenario } from '../../src/scenario/scenario.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  consumeLoad,
  expectation,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const topic = (config: Record<string, string> = {}) => ({ partitions: 1, replicas: 3, config });

function judged(scenario: Scenario, write: (run: RunBuilder) => void, ended = true): Result {
  using run = new RunBuilder(scenario);
  for (let second = 0; second < 30; second++)
    run.second({ second, offered: 100, acknowledged: 100 });
  write(run);
  const evidence = run.finish({ ended });
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

const reasons = ({ reasons: all }: Result): string[] =>
  all.map(({ code, message }) => `${code}: ${message}`);

describe('one load of two that did nothing makes the run unknown', () => {
  const two = (second: LoadSpec): Scenario =>
    aScenario({ topics: { orders: topic(), other: topic() }, load: [produceLoad(), second] });
  const first = (run: RunBuilder): RunBuilder =>
    run.acked(0, 0, 10, 0).read(0, 0, 10, 0).audited(0, 10).audited(0, 0, { topic: 'other' });
  const silent = produceLoad({ name: 'refunds', topic: 'other' });

  test('it sent nothing', () => {
    const result = judged(two(silent), first);
    expect(result.verdict).toBe('unknown');
    expect(reasons(result)).toEqual(['no-traffic: load refunds sent no record']);
  });

  test('nothing of it was acknowledged or arrived', () => {
    const result = judged(two(silent), (run) =>
      first(run).intent(1, 0, 5).outcome(1, 0, 5, 'failed'),
    );
    expect(reasons(result)).toEqual([
      'no-traffic: no record of load refunds was acknowledged and none is in the log',
    ]);
  });

  test('it reads a topic in which there is nothing', () => {
    const result = judged(two(consumeLoad({ topic: 'other' })), first);
    expect(reasons(result)).toEqual(['no-traffic: load billing received no record']);
  });

  test('near miss: both did something', () => {
    const result = judged(two(silent), (run) =>
      first(run).acked(1, 0, 5, 0).read(1, 0, 5, 0, 1).audited(0, 5, { topic: 'other' }),
    );
    expect(result).toMatchObject({ verdict: 'pass', reasons: [] });
  });
});

describe('a relay', () => {
  const COPIES: RelaySpec = { to: 'book', makes: 'copy', transactional: false, records: 10 };
  const relaying = (more: Partial<Scenario> = {}, config: Record<string, string> = {}): Scenario =>
    aScenario({
      topics: { orders: topic(), book: topic() },
      load: [produceLoad(), consumeLoad({ relay: COPIES, config })],
      ...more,
    });
  /** Ten inputs, handed over and committed to `committed`; so many outputs. */
  const worked = (run: RunBuilder, committed: number, outputs: number, logStart = 0): RunBuilder =>
    run
      .acked(0, 0, 10, 0)
      .read(0, 0, 10, 0)
      .audited(0, 10)
      .delivered(0, 0, 10)
      .committed(0, committed)
      .read(1, logStart, outputs - logStart, logStart, 1)
      .audited(0, outputs, { topic: 'book', logStart });

  test('that worked all off passes', () => {
    expect(judged(relaying(), (run) => worked(run, 10, 10)).verdict).toBe('pass');
  });

  test('that has not committed all is not known to have lost nothing', () => {
    const result = judged(relaying(), (run) => worked(run, 8, 10));
    expect(result.verdict).toBe('unknown');
    expect(reasons(result)).toEqual([
      'not-judged: what relay billing lost: its group had committed all but the last 2 records when the drain ended',
    ]);
  });

  test('whose outputs leave their log is not judged', () => {
    const short = { orders: topic(), book: topic({ 'retention.ms': '1000' }) };
    const result = judged(relaying({ topics: short }), (run) => worked(run, 10, 10, 3));
    expect(result.verdict).toBe('unknown');
    expect(reasons(result)).toEqual([
      'not-judged: what relay billing lost: topic book does not keep all that was written to it',
    ]);
    expect(result.delivery.relays['billing']).not.toHaveProperty('unjudged');
  });

  test('that begins with the latest record does not answer for those before', () => {
    const latest = relaying({}, { 'auto.offset.reset': 'latest' });
    const result = judged(latest, (run) =>
      run
        .acked(0, 0, 10, 0)
        .read(0, 0, 10, 0)
        .audited(0, 10)
        .delivered(0, 6, 4)
        .committed(0, 10)
        .read(1, 6, 4, 0, 1)
        .audited(0, 4, { topic: 'book' }),
    );
    expect(result.delivery.anomalies).toMatchObject([
      { kind: 'relay-loss', count: 6, judgement: 'expected' },
    ]);
  });

  test('that lost something has failed, whatever gate is closed', () => {
    const strict = relaying({
      expect: [expectation('unrelayed == 0'), expectation('doubled == 0')],
    });
    const result = judged(strict, (run) => worked(run, 10, 8), false);
    expect(result.verdict).toBe('fail');
    expect(result.expectations).toMatchObject([
      { verdict: 'fail', actual: 2 },
      { verdict: 'unknown', actual: 0 },
    ]);
  });
});
