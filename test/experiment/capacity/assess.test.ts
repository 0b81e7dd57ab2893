/** What a step says: the cluster's doing, the harness's, and the neighbours' are told apart. */
import { expect, test } from 'vitest';
import { assess, type Judged } from '../../../src/experiment/capacity/assess.ts';
import type { LoadMeasures, ProcessorUse } from '../../../src/measure/measures.ts';
import type { ExpectationResult, Reason, ReasonCode } from '../../../src/verify/result.ts';
import { aScenario, consumeLoad, expectation, produceLoad } from '../../fixtures/run-builder.ts';

type Change = {
  /** p99 of the response time, and of the cluster's part of it, in ms. */
  readonly ack?: number;
  readonly service?: number;
  readonly acknowledged?: number;
  readonly received?: number;
  /** CPU seconds per million records, at 1000 a second. */
  readonly cpu?: number;
  readonly others?: number | null;
  readonly reason?: ReasonCode;
  readonly failed?: string;
  readonly verdict?: 'pass' | 'fail' | 'unknown';
};

const RATE = 1000;

function step(change: Change = {}): Judged {
  const { ack = 20, service = 10, acknowledged = RATE, received = RATE, cpu = 100 } = change;
  const { others = 0.1, reason, failed, verdict = 'pass' } = change;
  const produced = {
    ...{ seconds: 10, offered: RATE * 10, ratePerSecond: acknowledged, cpuSecondsPerMillion: cpu },
    latency: { ack: { p99: ack }, service: { p99: service } },
  } as unknown as LoadMeasures;
  const consumed = { ratePerSecond: received, cpuSecondsPerMillion: 1 } as unknown as LoadMeasures;
  const processors: ProcessorUse = { cores: 2, busy: 1.9, brokers: 1, clients: 0.5, others };
  const expectations: ExpectationResult[] = [
    { expression: 'p99(ack) < 50', actual: ack, unit: 'ms', verdict: ack < 50 ? 'pass' : 'fail' },
    { expression: 'lost == 0', actual: 0, unit: 'count', verdict: failed ? 'fail' : 'pass' },
  ];
  const reasons: Reason[] =
    reason === undefined ? [] : [{ code: reason, message: reason, at: null }];
  return {
    scenario: aScenario({
      load: [produceLoad(), consumeLoad()],
      expect: [expectation('p99(ack) < 50'), expectation('lost == 0')],
    }),
    measures: {
      windows: [
        {
          ...{ window: 'measure', allProduce: produced, allConsume: consumed, processors },
          loads: { checkout: produced, billing: consumed },
        },
      ],
      ...{ faults: [], seconds: [], curves: [], catchUps: {} },
    },
    result: { verdict, reasons, expectations } as unknown as Judged['result'],
  };
}

const SLOW = { ack: 80, verdict: 'fail' } as const;
const LATE = { reason: 'generator-bound', verdict: 'unknown' } as const;

test.each<[string, Change, string, RegExp | null]>([
  ['all is well', {}, 'holds', null],
  ['neighbours are no matter to what holds', { others: 1 }, 'holds', null],
  ['it is slow', SLOW, 'breaks', /p99\(ack\) < 50: was 80\.0 ms/],
  ['a record is lost', { failed: 'lost', verdict: 'fail' }, 'breaks', /lost == 0/],
  [
    'a guarantee is broken, and the harness was late',
    { reason: 'guarantee-violated', verdict: 'fail', others: 1, cpu: 2000 },
    'breaks',
    /guarantee-violated/,
  ],
  ['a broker died', { reason: 'broker-died', verdict: 'unknown' }, 'breaks', /broker-died/],
  [
    'answers stay away',
    { acknowledged: 900, verdict: 'pass' },
    'breaks',
    /90\.0 % of what was offered/,
  ],
  [
    'some were never answered',
    { reason: 'unanswered-sends', verdict: 'unknown' },
    'breaks',
    /unans/,
  ],
  ['readers fall behind', { received: 900 }, 'breaks', /billing was handed only 90\.0 %/],
  ['the harness was late', LATE, 'void', /generator-bound/],
  ['it is slow since the harness was late', { ...LATE, ack: 300 }, 'void', /generator-bound/],
  [
    'the harness was late, and the cluster alone is too slow',
    { ...LATE, ack: 300, service: 70 },
    'breaks',
    /was 300 ms/,
  ],
  ['it is slow, and the worker had no time left', { ...SLOW, cpu: 970 }, 'void', /97\.0 % busy/],
  ['the worker is busy, but all is well', { cpu: 970 }, 'holds', null],
  [
    'it is slow beside noisy neighbours',
    { ...SLOW, others: 0.4 },
    'disturbed',
    /0\.4 of the machine/,
  ],
  ['nobody knows of neighbours', { ...SLOW, others: null }, 'breaks', /80\.0 ms/],
  ['it could not be judged', { reason: 'audit-incomplete', verdict: 'unknown' }, 'void', /audit/],
])('%s', (_, change, outcome, why) => {
  const found = assess(step(change));
  expect(found.outcome).toBe(outcome);
  if (why === null) expect(found.why).toBeNull();
  else expect(found.why).toMatch(why);
});
