/** Conditions of `abort-on` against the seconds of a run. */
import { expect, test } from 'vitest';
import { createHistogram, histogramLine, recordUs } from '../../src/evidence/histograms.ts';
import { AbortWatch } from '../../src/runner/abort-watch.ts';
import { watchConditions } from '../../src/runner/watch-conditions.ts';
import { readAbort } from '../../src/scenario/abort-on.ts';
import { aScenario, consumeLoad } from '../fixtures/run-builder.ts';

const condition = (text: string) => {
  const { result, forMs } = readAbort(text);
  if (!result.ok) throw new Error(result.message);
  return { ...result.value, forMs };
};
const scenarioOf = (...texts: string[]) =>
  aScenario({
    load: [...aScenario().load, consumeLoad()],
    abortOn: texts.map(condition),
  });

/** A run of whole seconds; what each tells is said before it is looked at. */
class Run {
  readonly watch: AbortWatch;
  #us = 0;

  constructor(...texts: string[]) {
    this.watch = new AbortWatch(scenarioOf(...texts));
  }

  phase(phase: 'warmup' | 'measure', type: 'phase-started' | 'phase-ended' = 'phase-started') {
    this.watch.event({ t: this.#us, type, phase });
    return this;
  }

  fault(type: 'fault-injected' | 'fault-healing') {
    const event = { t: this.#us, fault: 'die', kind: 'kill', where: 'x', target: 'y' };
    this.watch.event({ ...event, type });
    return this;
  }

  /** The condition that came true, if one did. */
  second(counts: Parameters<AbortWatch['second']>[0] | object = {}): string | null {
    this.watch.second({ load: 'checkout', worker: 0, second: 0, ...counts });
    this.#us += 1_000_000;
    return this.watch.look(this.#us)?.condition.text ?? null;
  }

  ack(...ms: number[]): this {
    const histogram = createHistogram();
    for (const value of ms) recordUs(histogram, value * 1000);
    this.watch.histogram(histogramLine('checkout', 'ack', 3, histogram));
    return this;
  }
}

/** In `measure`, with a look at its first moment behind it. */
const measuring = (...texts: string[]): Run => {
  const run = new Run(...texts).phase('measure');
  run.second();
  return run;
};

const BAD = { acknowledged: 10, failed: 90 };
const GOOD = { acknowledged: 100 };

test('it must hold for so many seconds in a row', () => {
  const run = measuring('errors > 50% for 3s');
  expect([BAD, BAD, GOOD, BAD, BAD].map((one) => run.second(one))).toEqual(Array(5).fill(null));
  expect(run.second(BAD)).toBe('errors > 50%');
});

test('a second without a figure neither counts nor breaks the row', () => {
  const run = measuring('errors > 50% for 2s');
  expect([BAD, {}, {}].map((one) => run.second(one))).toEqual([null, null, null]);
  expect(run.second(BAD)).toBe('errors > 50%');
});

test('the warm-up is a time of grace, unless the condition is about it', () => {
  const run = new Run('errors > 50% for 1s', 'rate during warmup > 10/s for 2s').phase('warmup');
  expect([BAD, BAD, BAD].map((one) => run.second(one))).toEqual([null, null, null]);
  run.second({ ackedNow: 50 });
  expect(run.second({ ackedNow: 50 })).toBe('rate during warmup > 10/s');
});

test('a second that began outside of the window is not of it', () => {
  const run = measuring('errors during die > 50% for 1s');
  expect(run.second(BAD)).toBeNull();
  run.fault('fault-injected');
  expect(run.second(BAD)).toBeNull();
  expect(run.second(BAD)).toBe('errors during die > 50%');
  run.fault('fault-healing');
  expect(run.second(BAD)).toBeNull();
});

test('latencies are of what was answered since the last look, and of the load', () => {
  const run = measuring('p99(ack) of checkout > 1s for 2s', 'p50(queue) > 1ms for 1s');
  expect(run.ack(5, 2000).second()).toBeNull();
  expect(run.ack(5, 6).second()).toBeNull();
  expect(run.ack(5, 2000).second()).toBeNull();
  expect(run.ack(5, 2000).second()).toBe('p99(ack) of checkout > 1s');
});

test('counts add up from the beginning of the window, rates do not', () => {
  const run = measuring('failed >= 100 for 1s', 'rate < 20/s for 1s', 'throughput > 1MiB/s for 1s');
  const seconds = Array.from({ length: 10 }, () => run.second({ failed: 11, ackedNow: 30 }));
  expect(seconds).toEqual([...Array(9).fill(null), 'failed >= 100']);
  expect(run.second({ ackedNow: 10 })).toBe('failed >= 100');
  const slow = measuring('rate < 20/s for 1s');
  expect(slow.second({ ackedNow: 10 })).toBe('rate < 20/s');
});

test('lag is as last seen, and nothing until every group was seen', () => {
  const run = measuring('lag > 100 for 1s');
  expect(run.second()).toBeNull();
  run.watch.sample({ t: 0, type: 'lag', group: 'billing', lag: 500 });
  expect(run.second()).toBe('lag > 100');
  run.watch.sample({ t: 0, type: 'lag', group: 'billing', lag: 5 });
  expect(run.second()).toBeNull();
});

test('when one comes true offering ends, and then the run; nobody looks any more', async () => {
  const steps: string[] = [];
  const ending = new AbortController();
  const watching: { watch: AbortWatch | null } = { watch: null };
  let us = 0;
  await watchConditions(
    {
      plan: { scenario: scenarioOf('rate < 1/s for 2s') } as never,
      // Every look is late already, so that nothing waits.
      clock: { nowUs: () => (us += 2_000_000) } as never,
      ending: ending.signal,
      watch: (watch) => {
        watching.watch = watch;
        watch.event({ t: 0, type: 'phase-started', phase: 'measure' });
      },
      stopEarly: ({ condition: { text }, value }) => {
        steps.push(`${text}: ${value}`);
        ending.abort();
      },
    },
    { endAt: () => void steps.push('end of offering') },
    { warmupUs: 0, measureUs: 0, endUs: 60_000_000 },
  );
  expect(steps).toEqual(['end of offering', 'rate < 1/s: 0']);
});

test('a scenario without conditions is not watched', async () => {
  const never = (): never => {
    throw new Error('watched');
  };
  const session = { plan: { scenario: aScenario() } as never, clock: { nowUs: never } as never };
  await watchConditions(
    { ...session, ending: new AbortController().signal, watch: never, stopEarly: never },
    { endAt: never },
    { warmupUs: 0, measureUs: 0, endUs: 60_000_000 },
  );
});
