/** One small history for every anomaly of transactions, and its near miss. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import type { Outcome } from '../../src/evidence/ledger.ts';
import { measure } from '../../src/measure/measure.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { AnomalyKind, Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  consumeLoad,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

type History = {
  readonly scenario?: Partial<Scenario>;
  readonly write: (run: RunBuilder) => void;
};

function judged({ scenario, write }: History): Result {
  const transaction = { records: 4, abort: 0 };
  using run = new RunBuilder(aScenario({ load: [produceLoad({ transaction })], ...scenario }));
  for (let second = 0; second < 30; second++)
    run.second({ second, offered: 100, acknowledged: 100 });
  write(run);
  const evidence = run.finish();
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

const told = (result: Result): string[] =>
  result.delivery.anomalies.map(({ kind, count, judgement }) => `${kind} × ${count} ${judgement}`);

const reads = (isolation: string): Partial<Scenario> => ({
  load: [
    produceLoad({ transaction: { records: 4, abort: 0 } }),
    consumeLoad({ config: { 'isolation.level': isolation } }),
  ],
});
const COMMITTED = reads('read_committed');

/**
 * Transaction 0 of the only producer writes two records to each partition, at offsets 0 and 1; their control records
 * stand at offset 2. Its end is what `end` says, and everything is read back twice, to offset 3.
 */
const sends = (run: RunBuilder): RunBuilder =>
  run
    .inTransaction(0, { stream: 0, first: 0, count: 2, baseOffset: 0 })
    .inTransaction(0, { stream: 1, first: 0, count: 2, baseOffset: 0 });
const ends = (run: RunBuilder, outcome: Outcome | null = 'acknowledged'): RunBuilder =>
  outcome === 'failed'
    ? run.ending(0, 'abort-intent', 'failed')
    : run.ending(0, 'commit-intent', outcome);
const inLog = (run: RunBuilder): RunBuilder =>
  run.read(0, 0, 2, 0).marker(0, 2).read(1, 0, 2, 0).marker(1, 2).audited(0, 3).audited(1, 3);
const readTwice = (run: RunBuilder): RunBuilder =>
  run.auditedCommitted(0, 3).auditedCommitted(1, 3);
/** A second transaction, committed and seen, so that a run is about something. */
const another = (run: RunBuilder): RunBuilder =>
  run
    .inTransaction(1, { stream: 0, first: 2, count: 2, baseOffset: 3, second: 4 })
    .ending(1, 'commit-intent', 'acknowledged', { second: 5 })
    .read(0, 2, 2, 3)
    .marker(0, 5)
    .readCommitted(0, 2, 2, 3)
    .audited(0, 6)
    .auditedCommitted(0, 6);

/** The first transaction ended so and all of it stands in the log; a second one is whole. */
const first = (run: RunBuilder, outcome: Outcome | null): RunBuilder =>
  another(readTwice(inLog(ends(sends(run), outcome))));

describe('a history without an anomaly', () => {
  test('of a transaction that was committed and seen passes', () => {
    const result = judged({
      write: (run) =>
        readTwice(inLog(ends(sends(run))))
          .readCommitted(0, 0, 2, 0)
          .readCommitted(1, 0, 2, 0),
    });
    expect(told(result)).toEqual([]);
    expect(result).toMatchObject({ verdict: 'pass', reasons: [] });
    expect(result.delivery.transactions).toEqual({
      checkout: { committed: 1, aborted: 0, unknown: 0, unknownSeen: 0 },
    });
  });

  test('of one that was aborted is read and acknowledged all the same', () => {
    const result = judged({ write: (run) => first(run, 'failed') });
    expect(told(result)).toEqual([]);
    expect(result.verdict).toBe('pass');
    expect(result.delivery).toMatchObject({ acknowledged: 6, read: 6, lost: 0, duplicated: 0 });
    expect(result.delivery.transactions['checkout']).toMatchObject({ committed: 1, aborted: 1 });
  });

  test('of loads without transactions has none', () => {
    const result = judged({
      write: (run) => run.acked(0, 0, 10, 0).read(0, 0, 10, 0).audited(0, 10).audited(1, 0),
    });
    expect(result.delivery.transactions).toEqual({});
    expect(result.verdict).toBe('pass');
  });
});

/** Three brokers with this beside their min.insync.replicas. */
const ofBrokers = (config: Record<string, string>): Partial<Scenario> => {
  const { cluster } = aScenario();
  return { cluster: { ...cluster, config: { ...cluster.config, ...config } } };
};
const DIES: RunEvent = {
  ...{ t: atSecond(5), type: 'broker-exited', broker: 2 },
  ...{ code: 1, signal: null, expected: false },
};

/** name, kind, history, what is found. */
const CASES: readonly [string, AnomalyKind, History, string[]][] = [
  [
    'a record of an aborted transaction in a reading of what is committed',
    'aborted-read',
    { write: (run) => first(run, 'failed').readCommitted(1, 0, 1, 0) },
    ['aborted-read × 1 violation'],
  ],
  [
    'one of which nobody ever asked for the commit, handed to a group at read_committed',
    'aborted-read',
    {
      scenario: COMMITTED,
      write: (run) =>
        another(readTwice(inLog(sends(run))))
          .delivered(1, 0, 2)
          .committed(1, 2),
    },
    ['aborted-read × 2 violation'],
  ],
  [
    'the same records, in a reading and in a group, once',
    'aborted-read',
    {
      scenario: COMMITTED,
      write: (run) =>
        first(run, 'failed').readCommitted(1, 0, 1, 0).delivered(1, 0, 2).committed(1, 2),
    },
    ['aborted-read × 2 violation'],
  ],
  [
    'near miss: handed to a group at read_uncommitted',
    'aborted-read',
    {
      scenario: reads('read_uncommitted'),
      write: (run) => first(run, 'failed').delivered(1, 0, 2).delivered(0, 0, 2).delivered(0, 3, 2),
    },
    ['aborted-read × 4 expected'],
  ],
  [
    'near miss: nobody at read_committed saw it',
    'aborted-read',
    { write: (run) => first(run, 'failed') },
    [],
  ],
  [
    'near miss: its end is unknown',
    'aborted-read',
    {
      write: (run) => first(run, 'unknown').readCommitted(0, 0, 2, 0).readCommitted(1, 0, 2, 0),
    },
    [],
  ],
  [
    'one whose producer was killed before it asked for the commit',
    'aborted-read',
    {
      write: (run) =>
        another(readTwice(inLog(sends(run))))
          .readCommitted(0, 0, 2, 0)
          .event({
            ...{ t: atSecond(5), type: 'worker-exited', load: 'checkout', worker: 0 },
            ...{ code: null, signal: 'SIGKILL', expected: true },
          }),
    },
    ['aborted-read × 2 violation'],
  ],
  [
    'near miss: its producer was killed after it had asked for the commit',
    'aborted-read',
    {
      write: (run) =>
        first(run, null)
          .readCommitted(0, 0, 2, 0)
          .readCommitted(1, 0, 2, 0)
          .event({
            ...{ t: atSecond(5), type: 'worker-exited', load: 'checkout', worker: 0 },
            ...{ code: null, signal: 'SIGKILL', expected: true },
          }),
    },
    [],
  ],
  [
    'a committed transaction of which one record is hidden',
    'torn-transaction',
    {
      write: (run) =>
        first(run, 'acknowledged').readCommitted(0, 0, 2, 0).readCommitted(1, 0, 1, 0),
    },
    ['torn-transaction × 1 violation'],
  ],
  [
    'one of unknown end of which one partition is seen and the other one is not',
    'torn-transaction',
    { write: (run) => first(run, 'unknown').readCommitted(0, 0, 2, 0) },
    ['torn-transaction × 1 violation'],
  ],
  [
    'near miss: retention took the rest between the two readings',
    'torn-transaction',
    {
      write: (run) =>
        first(run, 'acknowledged')
          .readCommitted(0, 0, 2, 0)
          .readCommitted(1, 1, 1, 1)
          .auditedCommitted(1, 3, { logStart: 1 }),
    },
    [],
  ],
  [
    'near miss: the second reading did not come to the rest',
    'torn-transaction',
    {
      write: (run) =>
        first(run, 'acknowledged')
          .readCommitted(0, 0, 2, 0)
          .auditedCommitted(1, 3, { position: 0, complete: false }),
    },
    [],
  ],
  [
    'near miss: the topic is compacted',
    'torn-transaction',
    {
      scenario: {
        topics: { orders: { partitions: 2, replicas: 3, config: { 'cleanup.policy': 'compact' } } },
      },
      write: (run) => first(run, 'acknowledged').readCommitted(0, 0, 2, 0),
    },
    [],
  ],
  [
    'near miss: the record that is not seen was never acknowledged',
    'torn-transaction',
    {
      write: (run) =>
        readTwice(
          inLog(
            ends(
              run
                .inTransaction(0, { stream: 0, first: 0, count: 2, baseOffset: 0 })
                .inTransaction(0, { stream: 1, first: 0, count: 2, outcome: 'unknown' }),
            ),
          ),
        ).readCommitted(0, 0, 2, 0),
    },
    [],
  ],
  [
    'near miss: what is not seen is not in the log either',
    'acknowledged-loss',
    {
      write: (run) =>
        readTwice(ends(sends(run)))
          .read(0, 0, 2, 0)
          .marker(0, 2)
          .read(1, 0, 1, 0)
          .marker(1, 2)
          .audited(0, 3)
          .audited(1, 3)
          .readCommitted(0, 0, 2, 0)
          .readCommitted(1, 0, 1, 0),
    },
    ['acknowledged-loss × 1 violation'],
  ],
  [
    'near miss: a record of an aborted transaction that is not in the log',
    'acknowledged-loss',
    {
      write: (run) =>
        another(readTwice(ends(sends(run), 'failed')))
          .marker(0, 2)
          .read(1, 0, 2, 0)
          .marker(1, 2)
          .audited(1, 3),
    },
    [],
  ],
  [
    'near miss: a record of a transaction of unknown end that is not in the log',
    'acknowledged-loss',
    {
      write: (run) =>
        another(readTwice(ends(sends(run), 'unknown')))
          .marker(0, 2)
          .read(1, 0, 2, 0)
          .marker(1, 2)
          .audited(1, 3),
    },
    [],
  ],
  [
    'a record of one of unknown end that is seen, and of which one is not in the log',
    'acknowledged-loss',
    {
      write: (run) =>
        another(readTwice(ends(sends(run), 'unknown')))
          .marker(0, 2)
          .read(1, 0, 2, 0)
          .marker(1, 2)
          .audited(1, 3)
          .readCommitted(1, 0, 2, 0),
    },
    ['acknowledged-loss × 2 violation'],
  ],
  [
    'a committed transaction that nobody sees',
    'lost-transaction',
    { write: (run) => first(run, 'acknowledged') },
    ['lost-transaction × 1 violation'],
  ],
  [
    'one of unknown end that a group was handed and nobody else sees',
    'lost-transaction',
    {
      scenario: COMMITTED,
      write: (run) => first(run, 'unknown').delivered(1, 0, 2, atSecond(6)).committed(1, 3),
    },
    ['lost-transaction × 1 violation'],
  ],
  [
    'near miss: one of unknown end that nobody sees',
    'lost-transaction',
    { write: (run) => first(run, 'unknown') },
    [],
  ],
  [
    'near miss: one of unknown end that a group at read_uncommitted was handed',
    'lost-transaction',
    {
      scenario: reads('read_uncommitted'),
      write: (run) => first(run, 'unknown').delivered(1, 0, 2, atSecond(6)),
    },
    [],
  ],
  [
    'near miss: acks of a topic with one replica, where ends may be lost as well',
    'lost-transaction',
    {
      scenario: { cluster: { ...aScenario().cluster, config: {} }, faults: [] },
      write: (run) => first(run, 'acknowledged').event(DIES),
    },
    ['lost-transaction × 1 expected'],
  ],
  [
    'near miss: the brokers keep one copy of the transaction log, and one of them dies',
    'lost-transaction',
    {
      scenario: ofBrokers({ 'transaction.state.log.replication.factor': '1' }),
      write: (run) => first(run, 'acknowledged').event(DIES),
    },
    ['lost-transaction × 1 expected'],
  ],
  [
    'near miss: there a coordinator decides alone',
    'torn-transaction',
    {
      scenario: ofBrokers({ 'transaction.state.log.min.isr': '1' }),
      write: (run) => first(run, 'acknowledged').readCommitted(0, 0, 2, 0).event(DIES),
    },
    ['torn-transaction × 1 expected'],
  ],
  [
    'one copy of the transaction log, and no broker died',
    'lost-transaction',
    {
      scenario: ofBrokers({ 'transaction.state.log.replication.factor': '1' }),
      write: (run) => first(run, 'acknowledged'),
    },
    ['lost-transaction × 1 violation'],
  ],
  [
    'two copies of the transaction log, and a broker dies',
    'lost-transaction',
    {
      scenario: ofBrokers({ 'transaction.state.log.replication.factor': '2' }),
      write: (run) => first(run, 'acknowledged').event(DIES),
    },
    ['lost-transaction × 1 violation'],
  ],
  [
    'a record that is handed over before its commit is asked for',
    'early-read',
    {
      scenario: COMMITTED,
      write: (run) =>
        first(run, 'acknowledged')
          .readCommitted(0, 0, 2, 0)
          .readCommitted(1, 0, 2, 0)
          .delivered(1, 0, 2, atSecond(2) - 1)
          .committed(1, 3),
    },
    ['early-read × 2 violation'],
  ],
  [
    'near miss: it is handed over at the moment its commit is asked for',
    'early-read',
    {
      scenario: COMMITTED,
      write: (run) =>
        first(run, 'acknowledged')
          .readCommitted(0, 0, 2, 0)
          .readCommitted(1, 0, 2, 0)
          .delivered(1, 0, 2, atSecond(2))
          .committed(1, 3),
    },
    [],
  ],
  [
    'near miss: the group reads uncommitted',
    'early-read',
    {
      scenario: reads('read_uncommitted'),
      write: (run) =>
        first(run, 'acknowledged')
          .readCommitted(0, 0, 2, 0)
          .readCommitted(1, 0, 2, 0)
          .delivered(1, 0, 2, atSecond(2) - 1)
          .committed(1, 3),
    },
    [],
  ],
  [
    'a transaction that is open long after its time',
    'hanging-transaction',
    {
      write: (run) =>
        another(readTwice(inLog(sends(run))))
          .auditedCommitted(1, 3, { position: 0, complete: false })
          .event(unsettled(75_000)),
    },
    ['hanging-transaction × 1 violation'],
  ],
  [
    'near miss: a broker died that may have been alone in knowing of it',
    'hanging-transaction',
    {
      scenario: ofBrokers({ 'transaction.state.log.min.isr': '1' }),
      write: (run) =>
        another(readTwice(inLog(sends(run))))
          .auditedCommitted(1, 3, { position: 0, complete: false })
          .event(unsettled(75_000))
          .event(DIES),
    },
    ['hanging-transaction × 1 expected'],
  ],
  [
    'near miss: its time is not over',
    'hanging-transaction',
    {
      write: (run) =>
        another(readTwice(inLog(sends(run))))
          .auditedCommitted(1, 3, { position: 0, complete: false })
          .event(unsettled(74_999)),
    },
    [],
  ],
];

const unsettled = (waitedMs: number) =>
  ({
    t: atSecond(55),
    type: 'unsettled-transaction',
    ...{ topic: 'orders', partition: 1, lastStableOffset: 0, highWatermark: 3, waitedMs },
  }) as const;

describe('finds', () => {
  test.each(CASES)('%s', (_, kind, history, expected) => {
    const result = judged(history);
    expect(told(result)).toEqual(expected);
    const violated = expected.some((line) => line.endsWith('violation'));
    if (violated) {
      expect(result.verdict).toBe('fail');
      expect(result.delivery.anomalies.map((anomaly) => anomaly.kind)).toContain(kind);
    } else {
      expect(result.verdict).not.toBe('fail');
    }
  });
});

test('a group at read_committed need not be handed what was aborted, nor control records', () => {
  const result = judged({
    scenario: COMMITTED,
    write: (run) => first(run, 'failed').delivered(0, 3, 2).committed(0, 5).committed(1, 0),
  });
  expect(told(result)).toEqual([]);
  expect(result.verdict).toBe('pass');
  expect(result.delivery.groups['billing']).toMatchObject({ skipped: 0, lagAtEnd: 0 });
});

test('a group at read_committed must be handed what was committed', () => {
  const result = judged({
    scenario: COMMITTED,
    write: (run) =>
      first(run, 'acknowledged')
        .readCommitted(0, 0, 2, 0)
        .readCommitted(1, 0, 2, 0)
        .delivered(0, 3, 2)
        .committed(0, 6),
  });
  expect(told(result)).toEqual(['skipped-delivery × 2 violation']);
  expect(result.delivery.groups['billing']).toMatchObject({ skipped: 2, lagAtEnd: 2 });
});

describe('is unknown', () => {
  const codes = (result: Result) => result.reasons.map(({ code }) => code);

  test('when no transaction was committed', () => {
    const result = judged({ write: (run) => readTwice(inLog(ends(sends(run), 'failed'))) });
    expect(codes(result)).toEqual(['no-traffic']);
    expect(result.verdict).toBe('unknown');
  });

  test('when the scenario asks for aborts and there was none', () => {
    const load = [produceLoad({ transaction: { records: 4, abort: 0.1 } })];
    const seen = (run: RunBuilder) => run.readCommitted(0, 0, 2, 0).readCommitted(1, 0, 2, 0);
    const write = (run: RunBuilder) => seen(readTwice(inLog(ends(sends(run)))));
    expect(codes(judged({ scenario: { load }, write }))).toEqual(['nothing-aborted']);
    const aborted = judged({ scenario: { load }, write: (run) => first(run, 'failed') });
    expect(aborted.verdict).toBe('pass');
  });

  test('when the log was not read at read_committed', () => {
    const result = judged({ write: (run) => inLog(ends(sends(run))) });
    expect(codes(result)).toEqual(['audit-incomplete']);
    expect(result.reasons[0]?.message).toBe(
      'the reading of orders/0 at read_committed was not made, and 1 more',
    );
  });

  test('when a transaction may still be ended', () => {
    const result = judged({
      write: (run) =>
        another(readTwice(inLog(sends(run))))
          .auditedCommitted(1, 3, { position: 0, complete: false })
          .event(unsettled(20_000)),
    });
    expect(codes(result)).toEqual(['audit-incomplete']);
    expect(result.reasons[0]?.message).toContain('orders/1 was still open after 20 s');
  });
});

test('an example names the transaction, and how much of it is hidden', () => {
  const result = judged({
    write: (run) => first(run, 'acknowledged').readCommitted(0, 0, 2, 0).readCommitted(1, 0, 1, 0),
  });
  expect(result.delivery.anomalies[0]?.examples[0]).toMatchObject({
    topic: 'orders',
    partition: 1,
    offset: 1,
    producer: 'checkout #0',
    sequence: 1,
    atMs: 2003,
    note: 'transaction 0 of checkout #0: 3 of its records are seen; 1 acknowledged record is in the log and hidden',
  });
});
