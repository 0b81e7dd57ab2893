/** Which reason outweighs which, what every gate is called, and what each verdict exits with. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import { measure } from '../../src/measure/measure.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { ReasonCode, Result } from '../../src/verify/result.ts';
import { REASON_CODES } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  consumeLoad,
  expectation,
  killFault,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

/** What is wrong with an otherwise good run. */
type Flaw = {
  readonly scenario?: Partial<Scenario>;
  readonly write?: (run: RunBuilder) => void;
  readonly ended?: boolean;
  readonly lost?: number;
  readonly duplicated?: number;
};

function judged({ scenario, write, ended = true, lost = 0, duplicated = 0 }: Flaw): Result {
  using run = new RunBuilder(aScenario(scenario));
  for (let second = 0; second < 30; second++) {
    run.second({ second, offered: 100, acknowledged: 100, ackedNow: 100 });
    run.latency('ack', second, [5, 6, 7]);
  }
  run.acked(0, 0, 10, 0).read(0, 0, 10 - lost, 0);
  if (duplicated > 0) run.read(0, 0, duplicated, 10);
  // What follows in the log are the ends of other people's transactions.
  run.marker(0, 10 + duplicated, 10 - duplicated);
  run.audited(0, 20).audited(1, 0);
  write?.(run);
  const evidence = run.finish({ ended });
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

const codes = (result: Result): ReasonCode[] => result.reasons.map(({ code }) => code);

const FAULT: Partial<Scenario> = { faults: [killFault()] };
const exited = (type: 'broker' | 'worker', expected: boolean) => (run: RunBuilder) =>
  type === 'broker'
    ? run.event({
        t: atSecond(4),
        type: 'broker-exited',
        broker: 2,
        code: 1,
        signal: null,
        expected,
      })
    : run.event({
        t: atSecond(4),
        type: 'worker-exited',
        load: 'checkout',
        worker: 0,
        code: expected ? 0 : 1,
        signal: null,
        expected,
      });

const GATES: readonly [string, ReasonCode, Flaw][] = [
  ['the harness was killed', 'evidence-incomplete', { ended: false }],
  [
    'the user interrupted it',
    'interrupted',
    { write: (run) => run.event({ t: atSecond(9), type: 'interrupted', signal: 'SIGINT' }) },
  ],
  [
    'the machine failed',
    'environment-failed',
    { write: (run) => run.event({ t: 0, type: 'aborted', code: 'x', message: 'disk full' }) },
  ],
  ['a broker died by itself', 'broker-died', { write: exited('broker', false) }],
  ['a worker died', 'worker-died', { write: exited('worker', false) }],
  [
    'the audit did not finish',
    'audit-incomplete',
    {
      write: (run) =>
        run.audited(0, 20, { position: 12, complete: false, reason: 'deadline passed' }),
    },
  ],
  [
    'the fault had no effect',
    'fault-not-effective',
    { scenario: FAULT, write: (run) => run.fault('leader-dies', 10, 20, false) },
  ],
  ['the fault never came', 'fault-not-effective', { scenario: FAULT }],
  [
    'the fault could not be injected',
    'fault-failed',
    {
      scenario: FAULT,
      write: (run) =>
        run.event({
          t: atSecond(10),
          type: 'fault-failed',
          fault: 'leader-dies',
          step: 'inject',
          message: 'nobody leads',
        }),
    },
  ],
  [
    'nothing was offered during the fault',
    'no-traffic-in-fault',
    { scenario: FAULT, write: (run) => run.fault('leader-dies', 40, 50) },
  ],
  [
    'the harness was late',
    'generator-bound',
    { write: (run) => run.latency('lateness', 3, [1, 2, 900]) },
  ],
  [
    'the harness offered too little',
    'generator-bound',
    { scenario: { load: [produceLoad({ rate: { kind: 'constant', perSecond: 200 } })] } },
  ],
  ['a send had no answer', 'unanswered-sends', { write: (run) => run.intent(0, 10, 1) }],
  [
    'the control did not show its anomaly',
    'must-find-missing',
    { scenario: { mustFind: 'acknowledged-loss' } },
  ],
];

describe('a gate makes an otherwise good run unknown', () => {
  test.each(GATES)('%s: %s', (_, code, flaw) => {
    const result = judged(flaw);
    expect(codes(result)).toEqual([code]);
    expect(result).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  });

  test.each(GATES.filter(([, code]) => code !== 'must-find-missing'))(
    'and never hides a proven loss: %s',
    (_, code, flaw) => {
      const result = judged({ ...flaw, lost: 2 });
      // Of a worker that died with its ledger, what it had been told is still known.
      expect(codes(result).slice(0, 2)).toEqual(['guarantee-violated', code]);
      expect(result).toMatchObject({ verdict: 'fail', exitCode: 1 });
    },
  );

  test('and outweighs an expectation about speed', () => {
    const slow = { expect: [expectation('p99(ack) < 1')] };
    expect(judged({ scenario: slow })).toMatchObject({ verdict: 'fail', exitCode: 1 });
    const gated = judged({ scenario: slow, write: exited('broker', false) });
    expect(gated.verdict).toBe('unknown');
    expect(codes(gated)).toEqual(['broker-died', 'expectation-failed']);
  });
});

describe('a run that its own abort-on stopped', () => {
  const write = (run: RunBuilder): void => {
    run.event({
      ...{ t: atSecond(12), type: 'stopped-early', condition: 'p99(ack) > 5s for 10s' },
      ...{ metric: 'p99(ack)', value: 6543.21 },
    });
  };

  test('fails, and says by which figure and when', () => {
    const result = judged({ write });
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(result.reasons).toEqual([
      {
        code: 'stopped-early',
        message: 'abort-on stopped the run: p99(ack) > 5s for 10s; it was 6s540ms',
        at: 12_000,
      },
    ]);
  });

  test('is unknown where the harness may have been the cause', () => {
    const late = (run: RunBuilder): void => {
      write(run);
      run.latency('lateness', 3, [1, 2, 900]);
    };
    const result = judged({ write: late });
    expect(codes(result)).toEqual(['generator-bound', 'stopped-early']);
    expect(result.verdict).toBe('unknown');
  });

  test('has no second reason in a fault that never had its time', () => {
    expect(codes(judged({ scenario: FAULT, write }))).toEqual(['stopped-early']);
  });
});

test('expected exits are no deaths', () => {
  const result = judged({
    write: (run) => {
      exited('broker', true)(run);
      exited('worker', true)(run);
    },
  });
  expect(result).toMatchObject({ verdict: 'pass', exitCode: 0, reasons: [] });
});

describe('expectations', () => {
  const expecting = (...texts: string[]) => ({ expect: texts.map((text) => expectation(text)) });

  test('have value, unit and verdict', () => {
    const result = judged({ scenario: expecting('p99(ack) < 100', 'lost == 0', 'rate > 50') });
    expect(result.verdict).toBe('pass');
    expect(result.expectations.map(({ verdict, unit }) => [verdict, unit])).toEqual([
      ['pass', 'ms'],
      ['pass', 'count'],
      ['pass', 'per-second'],
    ]);
    expect(result.expectations[0]?.actual).toBeCloseTo(7, 1);
  });

  test('without samples are unknown, never 0', () => {
    const result = judged({ scenario: expecting('p99(queue) < 100') });
    expect(result.expectations[0]).toMatchObject({ actual: null, verdict: 'unknown' });
    expect(codes(result)).toEqual(['expectation-unknown']);
    expect(result).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  });

  test('a failed one outweighs an unknown one', () => {
    const result = judged({ scenario: expecting('p99(queue) < 100', 'rate > 5000') });
    expect(result.verdict).toBe('fail');
  });

  test('override the guarantee of the same count, both ways', () => {
    const allowed = judged({ scenario: expecting('lost <= 5'), lost: 3 });
    expect(allowed.verdict).toBe('pass');
    expect(allowed.delivery.anomalies[0]).toMatchObject({ judgement: 'expected' });
    const strict = judged({ scenario: expecting('duplicated == 0'), duplicated: 2 });
    expect(codes(strict)).toEqual(['expectation-failed']);
    expect(strict.verdict).toBe('fail');
    expect(judged({ duplicated: 2 }).verdict).toBe('pass');
  });

  test('a proven one fails through every gate', () => {
    const result = judged({ scenario: expecting('lost == 0'), lost: 1, ended: false });
    expect(result.verdict).toBe('fail');
    expect(codes(result)).toEqual(['expectation-failed', 'evidence-incomplete']);
  });

  test('a count of 0 from half the evidence is unknown', () => {
    const result = judged({ scenario: expecting('lost == 0'), ended: false });
    expect(result.expectations[0]).toMatchObject({ actual: 0, verdict: 'unknown' });
  });

  test('about speed in a window where the harness was late are unknown', () => {
    const result = judged({
      scenario: { ...expecting('p99(ack) < 100', 'lost == 0', 'p99(lateness) < 1000') },
      write: (run) => run.latency('lateness', 3, [1, 2, 900]),
    });
    expect(result.expectations.map(({ verdict }) => verdict)).toEqual(['unknown', 'pass', 'pass']);
  });
});

describe('must-find', () => {
  test('passes when the anomaly is found and nothing worse', () => {
    const result = judged({ scenario: { mustFind: 'acknowledged-loss' }, lost: 2 });
    expect(result).toMatchObject({ verdict: 'pass', exitCode: 0, reasons: [] });
    expect(result.delivery).toMatchObject({ lost: 2 });
  });

  test('fails when another promise is broken as well', () => {
    const result = judged({
      scenario: { mustFind: 'acknowledged-loss' },
      lost: 2,
      write: (run) => run.read(0, 15, 1, 15),
    });
    expect(codes(result)).toEqual(['must-find-worse']);
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 1 });
  });
});

test('recovery that was watched for long enough and never came is a failure', () => {
  const after = { window: { kind: 'after', fault: 'leader-dies' } } as const;
  const never = (limit: number): Result =>
    judged({
      scenario: { ...FAULT, expect: [expectation(`recovery < ${limit}`, after)] },
      write: (run) => {
        run.fault('leader-dies', 10, 12);
        for (let second = 12; second < 30; second++) run.second({ second, backlog: 1000 });
      },
    });
  expect(never(5000).expectations[0]).toMatchObject({ actual: null, verdict: 'fail' });
  expect(never(15_000).expectations[0]).toMatchObject({ actual: null, verdict: 'unknown' });
});

describe('a partition that nobody leads after healing', () => {
  const headless = (run: RunBuilder): void => {
    run.acked(0, 0, 10, 0).read(0, 0, 10, 0).acked(1, 0, 5, 0).audited(0, 10);
    run.event({
      ...{ t: atSecond(60), type: 'audit-skipped', topic: 'orders', partition: 1 },
      reason: 'nobody leads it',
    });
  };
  const verdictOf = (write: (run: RunBuilder) => void): Result => {
    using run = new RunBuilder();
    headless(run);
    write(run);
    const evidence = run.finish();
    return verify(run.scenario, evidence, measure(run.scenario, evidence));
  };

  test('is named, and the verdict is unknown', () => {
    const { verdict, reasons, delivery } = verdictOf(() => {});
    expect(verdict).toBe('unknown');
    expect(reasons.find(({ code }) => code === 'audit-incomplete')?.message).toBe(
      'the log of orders/1 was not audited: nobody leads it',
    );
    expect(delivery).toMatchObject({ acknowledged: 15, read: 10, lost: 0 });
  });

  test('is named among others', () => {
    using run = new RunBuilder();
    run.acked(0, 0, 10, 0).audited(0, 10, { position: 4, complete: false, reason: 'no time' });
    const evidence = run.finish();
    const { reasons } = verify(run.scenario, evidence, measure(run.scenario, evidence));
    expect(reasons.map(({ message }) => message)).toContain(
      'the audit of orders/0 ended at offset 4 of 10: no time; nor was all of orders/1 read',
    );
  });

  test('hides no loss of another one', () => {
    const { verdict, delivery } = verdictOf((run) => run.acked(0, 10, 3, 7));
    expect(verdict).toBe('fail');
    expect(delivery.lost).toBe(3);
  });
});

describe('a partition that is only consumed and was not audited', () => {
  const consuming = (write: (run: RunBuilder) => void): Result => {
    using run = new RunBuilder(aScenario({ load: [consumeLoad()] }));
    run.delivered(0, 0, 10).committed(0, 10).audited(0, 10);
    const audit = 'ledger/audit.ledger';
    run.entry(audit, { kind: 'foreign', place: 0, baseOffset: 0, count: 10, timeUs: 0 });
    write(run);
    const evidence = run.finish();
    return verify(run.scenario, evidence, measure(run.scenario, evidence));
  };
  const skipped: RunEvent = {
    ...{ t: atSecond(60), type: 'audit-skipped', topic: 'orders', partition: 1 },
    reason: 'nobody leads it',
  };

  test('makes the verdict unknown', () => {
    const { verdict, reasons } = consuming((run) => run.event(skipped));
    expect(verdict).toBe('unknown');
    expect(reasons).toMatchObject([
      {
        code: 'audit-incomplete',
        message: 'the log of orders/1 was not audited: nobody leads it',
      },
    ]);
  });

  test('near miss: it was', () => {
    expect(consuming((run) => run.audited(1, 0)).verdict).toBe('pass');
  });
});

describe('an interrupted run', () => {
  const interrupted = (write: (run: RunBuilder) => void): ReasonCode[] =>
    codes(
      judged({
        scenario: FAULT,
        write: (run) => {
          run.event({ t: atSecond(9), type: 'interrupted', signal: 'SIGINT' });
          write(run);
        },
      }),
    );
  const failed = (second: number) => (run: RunBuilder) =>
    run.event({
      t: atSecond(second),
      ...{ type: 'fault-failed', fault: 'leader-dies', step: 'inject', message: 'SIGINT' },
    });

  test('has no second reason in a fault that never had its time', () => {
    expect(interrupted(() => {})).toEqual(['interrupted']);
    expect(interrupted(failed(9.1))).toEqual(['interrupted']);
    expect(interrupted((run) => run.fault('leader-dies', 40, 41))).toEqual(['interrupted']);
  });

  test('keeps what was seen to go wrong before', () => {
    expect(interrupted((run) => run.fault('leader-dies', 5, 9, false))).toEqual([
      'interrupted',
      'fault-not-effective',
    ]);
    expect(interrupted(failed(5))).toEqual(['interrupted', 'fault-failed']);
  });
});

test('what was not audited is null, never 0', () => {
  using run = new RunBuilder(aScenario({ load: [produceLoad(), consumeLoad()] }));
  run.acked(0, 0, 10, 0).delivered(0, 0, 10);
  const evidence = run.finish();
  const { delivery, reasons } = verify(run.scenario, evidence, measure(run.scenario, evidence));
  const blank = { read: null, lost: null, duplicated: null, reordered: null };
  expect(delivery).toMatchObject({ acknowledged: 10, ...blank });
  expect(delivery.byTopic['orders']).toMatchObject(blank);
  expect(delivery.groups['billing']).toMatchObject({ delivered: 10, skipped: null });
  expect(reasons.map(({ code }) => code)).toContain('audit-incomplete');
});

test('the reasons are of the published list', () => {
  const all = GATES.flatMap(([, , flaw]) => codes(judged(flaw)));
  for (const code of all) expect(REASON_CODES).toContain(code);
});
