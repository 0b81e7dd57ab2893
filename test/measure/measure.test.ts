/** The numbers of design §3, each on a run made up so that the right answer is known. */
import { describe, expect, test } from 'vitest';
import type { RunEvidence } from '../../src/evidence/read-run.ts';
import { measure } from '../../src/measure/measure.ts';
import type { LoadMeasures, Measures } from '../../src/measure/measures.ts';
import { metricValue } from '../../src/measure/metric-value.ts';
import { METRIC_NAMES } from '../../src/scenario/metrics.ts';
import { leaderKillRun } from '../fixtures/leader-kill.ts';
import {
  aScenario,
  atSecond,
  expectation,
  killFault,
  MEASURE_US,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const windowOf = (measures: Measures, name: string): LoadMeasures | null =>
  measures.windows.find(({ window }) => window === name)?.allProduce ?? null;

/** Thirty quiet seconds, changed by `change`; a fault from 10.5 s to 15.5 s. */
function quiet(
  write: (run: RunBuilder) => void = () => {},
  change: (second: number) => { ms?: number; backlog?: number; acknowledged?: number } = () => ({}),
): Measures {
  using run = new RunBuilder(aScenario({ faults: [killFault()] }));
  for (let second = 0; second < 30; second++) {
    const { ms = 5, backlog = 2, acknowledged = 100 } = change(second);
    run.second({
      second,
      offered: 100,
      acknowledged,
      ackedNow: 100,
      ackedBytesNow: 102_400,
      backlog,
    });
    run.latency('ack', second, [ms], 'checkout', 100);
  }
  run.fault('leader-dies', 10.5, 15.5);
  write(run);
  return measure(run.scenario, run.finish());
}

const recoveryOf = (measures: Measures): number | null => measures.faults[0]?.recoveryMs ?? null;

describe('recovery', () => {
  test('is 0 when nothing was ever disturbed', () => {
    expect(recoveryOf(quiet())).toBe(0);
  });

  test.each([
    ['slow records', (s: number) => (s < 18 ? { ms: 40 } : {})],
    ['a backlog', (s: number) => (s < 18 ? { backlog: 50 } : {})],
    ['missing acknowledgements', (s: number) => (s < 18 ? { acknowledged: 90 } : {})],
  ])('is counted from healing to the first of five good seconds: %s', (_, change) => {
    expect(recoveryOf(quiet(undefined, (s) => (s >= 11 ? change(s) : {})))).toBe(2500);
  });

  test('waits for the full ISR', () => {
    const isr =
      (second: number, ...ids: number[]) =>
      (run: RunBuilder) =>
        run.event({
          t: atSecond(second),
          type: 'leadership',
          topic: 'orders',
          partition: 0,
          leader: 1,
          epoch: 0,
          isr: ids,
          replicas: [1, 2, 3],
        });
    const measures = quiet((run) => {
      for (const write of [isr(-1, 1, 2, 3), isr(11, 1, 3), isr(19.2, 1, 2, 3)]) write(run);
    });
    expect(recoveryOf(measures)).toBe(4500);
  });

  test('starts again when a bad second comes among the five', () => {
    const bumpy = quiet(undefined, (s) => ({ ms: s === 18 || s === 22 ? 100 : 5 }));
    expect(recoveryOf(bumpy)).toBe(7500);
  });

  test('may be within 10 ms of what was normal', () => {
    expect(recoveryOf(quiet(undefined, (s) => ({ ms: s > 11 ? 14.9 : 5 })))).toBe(0);
    expect(recoveryOf(quiet(undefined, (s) => ({ ms: s > 11 ? 15.5 : 5 })))).toBeNull();
  });

  test('is null when it never came, and the watching is told', () => {
    const measures = quiet(undefined, (s) => ({ ms: s > 11 ? 500 : 5 }));
    expect(measures.faults[0]).toMatchObject({ recoveryMs: null, watchedMs: 14_500 });
  });
});

describe('unavailable', () => {
  const gapOf = (write: (run: RunBuilder) => void): number | null =>
    quiet(write).faults[0]?.unavailableMs ?? null;
  const ack = (run: RunBuilder, n: number, sent: number, acked: number): RunBuilder =>
    run.intent(0, n, 1, atSecond(sent)).outcome(0, n, 1, 'acknowledged', -1, atSecond(acked));

  test('is the longest gap between acknowledgements while something waits', () => {
    expect(
      gapOf((run) => {
        ack(run, 0, 10, 10.1);
        ack(run, 1, 10.2, 14);
        ack(run, 2, 14.1, 14.2);
      }),
    ).toBeCloseTo(3800, 3);
  });

  test('does not count the time in which nobody asked', () => {
    expect(
      gapOf((run) => {
        ack(run, 0, 10, 10.1);
        ack(run, 1, 14, 14.2);
      }),
    ).toBeCloseTo(200, 3);
  });

  test('is not ended by a failed send', () => {
    expect(
      gapOf((run) => {
        run.intent(0, 0, 1, atSecond(11)).outcome(0, 0, 1, 'failed', -1, atSecond(12));
        ack(run, 1, 13, 14);
      }),
    ).toBeCloseTo(3000, 3);
  });

  test('reaches to the end when no acknowledgement came any more', () => {
    expect(gapOf((run) => run.intent(0, 0, 1, atSecond(12)))).toBeCloseTo(19_000, 3);
  });

  describe('in transactions', () => {
    const two = (told: 'acknowledged' | 'failed' | 'unknown' | null) => (run: RunBuilder) => {
      run.inTransaction(0, { stream: 0, first: 0, count: 1, second: 10 });
      run.ending(0, told === 'failed' ? 'abort-intent' : 'commit-intent', told, { second: 11 });
      run.inTransaction(1, { stream: 0, first: 1, count: 1, second: 14 });
    };

    test.each(['acknowledged', 'failed'] as const)('ends when the end is answered: %s', (told) => {
      expect(gapOf(two(told))).toBeCloseTo(3, 3);
    });

    test.each(['unknown', null] as const)('goes on until the next can be written: %s', (told) => {
      expect(gapOf(two(told))).toBeCloseTo(3002, 3);
    });
  });

  test('does not count that nobody answered a worker that a fault had killed', () => {
    const killed = (expected: boolean): number | null =>
      gapOf((run) => {
        run.intent(0, 0, 1, atSecond(12)).event({
          t: atSecond(12.5),
          type: 'worker-exited',
          load: 'checkout',
          worker: 0,
          code: null,
          signal: 'SIGKILL',
          expected,
        });
      });
    expect(killed(true)).toBeCloseTo(500, 3);
    expect(killed(false)).toBeCloseTo(19_000, 3);
  });

  test('counts acknowledgements of every worker, and names the partition', () => {
    const measures = quiet((run) => {
      const second = (kind: 'intent' | 'outcome', timeUs: number) =>
        run.entry(
          'ledger/checkout-1.ledger',
          kind === 'intent'
            ? { kind, stream: 1, first: 0, count: 1, timeUs }
            : {
                kind,
                stream: 1,
                first: 0,
                count: 1,
                outcome: 'acknowledged',
                attempts: 1,
                errorCode: 0,
                baseOffset: 0,
                timeUs,
              },
        );
      ack(run, 0, 11, 11.5);
      second('intent', atSecond(11));
      second('outcome', atSecond(12));
    });
    expect(measures.faults[0]).toMatchObject({ unavailableMs: 1000, unavailableOn: 'orders/1' });
  });

  test('is null when nobody asked during the fault', () => {
    expect(gapOf((run) => ack(run, 0, 2, 2.1))).toBeNull();
  });
});

describe('windows', () => {
  test('of a fault hold the whole seconds inside it', () => {
    const measures = quiet(undefined, (s) => ({ ms: s >= 11 && s < 15 ? 50 : 5 }));
    expect(windowOf(measures, 'during leader-dies')).toMatchObject({ seconds: 4, offered: 400 });
    expect(windowOf(measures, 'during leader-dies')?.latency.ack?.p50).toBeCloseTo(50, 0);
  });

  test('steady is measure without faults through their recovery', () => {
    const measures = quiet(undefined, (s) => ({ ms: s >= 11 && s < 18 ? 50 : 5 }));
    expect(windowOf(measures, 'steady')).toMatchObject({ seconds: 10 + 12 });
    expect(windowOf(measures, 'steady')?.latency.ack?.max).toBeCloseTo(5, 1);
    expect(windowOf(measures, 'measure')?.latency.ack?.max).toBeCloseTo(50, 0);
  });

  test('have no percentiles without samples', () => {
    expect(windowOf(quiet(), 'measure')?.latency.queue).toBeNull();
    expect(windowOf(quiet(), 'warmup')).toMatchObject({ ratePerSecond: null, errorShare: null });
  });

  test('keep warm-up and measure apart', () => {
    using run = new RunBuilder(
      aScenario({ phases: { warmupMs: 2000, measureMs: 2000, drainMs: 0 } }),
    );
    for (const second of [-2, -1, 0, 1]) run.second({ second, offered: 10, ackedNow: 10 });
    const measures = measure(run.scenario, run.finish());
    expect(windowOf(measures, 'warmup')).toMatchObject({ offered: 20, ratePerSecond: 10 });
    expect(windowOf(measures, 'measure')).toMatchObject({ offered: 20, ratePerSecond: 10 });
  });
});

test('lines of one second add up, and gauges of workers do', () => {
  using run = new RunBuilder();
  run.second({ second: 0, offered: 5, backlog: 3 }).second({ second: 0, offered: 1, backlog: 1 });
  run.second({ second: 0, worker: 1, offered: 2, backlog: 4 });
  run.latency('ack', 0, [10]).latency('ack', 0, [30]);
  const [row] = measure(run.scenario, run.finish()).seconds;
  expect(row).toMatchObject({ offered: 8, backlog: 5, residentBytes: null });
  expect(row?.latency.ack).toMatchObject({ count: 2 });
});

describe('a minute of leader-kill', () => {
  test('shows the nine seconds without a leader and the slow network', () => {
    using run = leaderKillRun();
    const measures = measure(run.scenario, run.finish());
    expect(measures.faults[0]?.unavailableMs).toBeGreaterThan(9000);
    expect(measures.faults[0]?.unavailableOn).toBe('orders/0');
    const slow = windowOf(measures, 'during slow-network')?.latency.ack?.p50 ?? 0;
    const steady = windowOf(measures, 'steady')?.latency.ack?.p50 ?? 0;
    expect(slow - steady).toBeGreaterThan(50);
  });

  test('answers every metric of the table, or says null', () => {
    using run = leaderKillRun();
    const evidence: RunEvidence = run.finish();
    const measures = measure(run.scenario, evidence);
    const nothing = { total: NO_NUMBERS, byLoad: {}, groups: {}, transactions: {}, relays: {} };
    for (const metric of METRIC_NAMES) {
      const window = { window: { kind: 'after', fault: 'leader-dies' } } as const;
      const asked = expectation(
        `${metric} < 1`,
        /^(unavailable|recovery)/.test(metric) ? window : {},
      );
      const value = metricValue(measures, nothing, asked);
      expect(value === null || Number.isFinite(value), metric).toBe(true);
    }
    expect(metricValue(measures, nothing, expectation('p99(ack) < 1'))).toBeGreaterThan(1000);
    expect(metricValue(measures, nothing, expectation('rate < 1'))).toBeCloseTo(1200, 0);
    expect(metricValue(measures, nothing, expectation('lost == 0'))).toBeNull();
  });
});

const NO_NUMBERS = {
  acknowledged: null,
  failed: null,
  unknown: null,
  read: null,
  lost: null,
  duplicated: null,
  reordered: null,
};

test('a run that never had traffic measures nothing', () => {
  using run = new RunBuilder();
  const evidence = { ...run.finish(), schedule: null };
  expect(measure(run.scenario, evidence)).toEqual({
    windows: [],
    faults: [],
    seconds: [],
    curves: [],
    catchUps: {},
  });
  expect(MEASURE_US).toBeGreaterThan(0);
});

describe('processors', () => {
  const used = (second: number, brokersMs: Record<string, number>, nodes = 2) => ({
    t: atSecond(second + 1),
    type: 'processors' as const,
    ...{ cores: 4, wallMs: 1000, busyMs: 2000, harnessMs: 100, nodes, brokersMs },
  });
  const measured = (write: (run: RunBuilder) => void) => {
    const window = quiet(write).windows.find((one) => one.window === 'measure');
    return window?.processors ?? null;
  };

  test('are told in cores, and what nobody of ours used is the others', () => {
    const found = measured((run) => {
      for (let second = -3; second < 30; second++) {
        // Warm-up burns, and counts nowhere else.
        run.sample(used(second, second < 0 ? { 1: 9000, 2: 0 } : { 1: 500, 2: 300 }));
        if (second >= 0) run.second({ second, cpuMicros: 400_000 });
      }
    });
    expect(found).toEqual({
      cores: 4,
      busy: 2,
      brokers: 0.8,
      clients: expect.closeTo(0.4, 6),
      others: expect.closeTo(0.7, 6),
    });
  });

  test('of a broker that cannot be seen are not guessed', () => {
    const found = measured((run) => {
      run.sample(used(3, { 1: 500, 2: 300 })).sample(used(4, { 1: 500 }));
    });
    expect(found).toMatchObject({ busy: 2, brokers: null, others: null });
    expect(measured((run) => run.sample(used(3, {}, 0)))).toMatchObject({ brokers: null });
  });

  test('are null without samples', () => {
    expect(measured(() => {})).toBeNull();
  });
});

test('what was in force before measure counts within it only', () => {
  using run = new RunBuilder(aScenario({ faults: [killFault({ atMs: -3000 })] }));
  for (let second = -3; second < 30; second++) {
    run.second({ second, offered: 100, acknowledged: 100, ackedNow: 100 });
    run.latency('ack', second, [second < 0 ? 900 : 5], 'checkout', 100);
  }
  run.fault('leader-dies', -3, 30);
  const measures = measure(run.scenario, run.finish());
  const during = windowOf(measures, 'during leader-dies');
  expect(during).toMatchObject({ offered: 3000, latency: { ack: { max: expect.closeTo(5, 0) } } });
});
