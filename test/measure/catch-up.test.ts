/** Groups that begin behind a backlog. */
import { expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import { summary } from '../../src/report/terminal.ts';
import { readExpectation } from '../../src/scenario/expectation.ts';
import type { Expectation } from '../../src/scenario/scenario.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  consumeLoad,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const expecting = (text: string): Expectation => {
  const { result } = readExpectation(text);
  if (!result.ok) throw new Error(result.message);
  return result.value;
};

type Story = { readonly perSecond: number; readonly expect?: string; readonly begins?: boolean };

/** 100 records a second for 30 s; the group begins at 10 s and is handed so many a second. */
function run({ perSecond, expect: text, begins = true }: Story) {
  const scenario = aScenario({
    load: [produceLoad(), { ...consumeLoad(), startMs: 10_000 }],
    expect: text === undefined ? [] : [expecting(text)],
  });
  using builder = new RunBuilder(scenario);
  let left = 0;
  for (let second = 0; second < 30; second++) {
    builder.second({ second, offered: 100, acknowledged: 100, ackedNow: 100 });
    left += 100;
    const received = second >= 10 && begins ? Math.min(perSecond, left) : 0;
    left -= received;
    builder.second({ load: 'billing', second, received, receivedBytes: received * 10 });
    const sample = { t: atSecond(second), type: 'offsets', topic: 'orders', logStart: 0 } as const;
    // The log held other people's records before.
    builder.sample({ ...sample, partition: 0, highWatermark: 5000 + second * 100 });
    builder.sample({ ...sample, partition: 1, highWatermark: 0 });
  }
  if (begins) {
    builder.event({ t: atSecond(10), type: 'consumers-started', load: 'billing', worker: 0 });
  }
  builder.acked(0, 0, 3000, 5000).read(0, 0, 3000, 5000);
  builder.audited(0, 8000, { from: 5000 }).audited(1, 0);
  const evidence = builder.finish();
  const measures = measure(scenario, evidence);
  return { catchUp: measures.catchUps['billing'], result: verify(scenario, evidence, measures) };
}

test('backlog, time and rate of a group that catches up', () => {
  // 1000 behind and 100 more each second: after the third, all that the log held at its beginning was handed over.
  const { catchUp, result } = run({ perSecond: 400, expect: 'catch-up < 5s' });
  expect(catchUp).toMatchObject({ startedAtMs: 10_000, backlog: 1000, catchUpMs: 3000 });
  expect(catchUp?.ratePerSecond).toBe(400);
  expect(result.load['billing']?.catchUp).toEqual(catchUp);
  expect(result.load['checkout']).not.toHaveProperty('catchUp');
  expect(result.expectations[0]).toMatchObject({ actual: 3000, verdict: 'pass' });
  expect(summary(result)).toContain('billing began 1,000 records behind and caught up in 3');
});

test('a group that is too slow never does, and fails what asks for it', () => {
  const { catchUp, result } = run({ perSecond: 50, expect: 'catch-up < 5s' });
  expect(catchUp).toMatchObject({ backlog: 1000, catchUpMs: null, watchedMs: 19_000 });
  expect(catchUp?.ratePerSecond).toBe(50);
  expect(result.expectations[0]).toMatchObject({ actual: null, verdict: 'fail' });
  expect(summary(result)).toContain('had not caught up after 19');
});

test('what was watched too shortly is unknown', () => {
  const { result } = run({ perSecond: 50, expect: 'catch-up < 40s' });
  expect(result.expectations[0]).toMatchObject({ actual: null, verdict: 'unknown' });
});

test('a group that never began has no figures', () => {
  const { catchUp, result } = run({ perSecond: 50, begins: false, expect: 'catch-up < 5s' });
  expect(catchUp).toBeNull();
  expect(result.expectations[0]).toMatchObject({ verdict: 'unknown' });
});
