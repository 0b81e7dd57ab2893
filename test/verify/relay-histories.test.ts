/** One small history for every anomaly of relays, and its near miss. */
import { describe, expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import { relayedOf, transferOf } from '../../src/scenario/records/relayed.ts';
import type { RelaySpec } from '../../src/scenario/relay-spec.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { AnomalyKind, Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  consumeLoad,
  killFault,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const COPIES: RelaySpec = { to: 'book', makes: 'copy', transactional: true, records: 10 };
const topic = (config: Record<string, string> = {}) => ({ partitions: 2, replicas: 3, config });
const relaying = (relay: RelaySpec, overrides: Partial<Scenario> = {}): Scenario =>
  aScenario({
    topics: { orders: topic(), book: topic() },
    load: [produceLoad(), consumeLoad({ relay, config: { 'isolation.level': 'read_committed' } })],
    ...overrides,
  });
const PLAIN = relaying({ ...COPIES, transactional: false });

/** Streams of the outputs of orders/0 and orders/1, and the places of book/0 and book/1. */
const [OF_0, OF_1] = [2, 3];
const [BOOK_0, BOOK_1] = [2, 3];

function judged(scenario: Scenario, write: (run: RunBuilder) => void): Result {
  using run = new RunBuilder(scenario);
  for (let second = 0; second < 30; second++)
    run.second({ second, offered: 100, acknowledged: 100 });
  write(run);
  const evidence = run.finish();
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

/** Ten records of orders/0, and the group's offset behind them. */
const worked = (run: RunBuilder, committed = 10): RunBuilder =>
  run
    .acked(0, 0, 10, 0)
    .read(0, 0, 10, 0)
    .audited(0, 10)
    .audited(1, 0)
    .delivered(0, 0, committed)
    .committed(0, committed);
/** Outputs of orders/0 in book/0, seen by both readings. */
const outputs = (run: RunBuilder, first: number, count: number, offset = first): RunBuilder =>
  run.read(OF_0, first, count, offset, BOOK_0).readCommitted(OF_0, first, count, offset, BOOK_0);
const booked = (run: RunBuilder, to = 11): RunBuilder =>
  run
    .marker(BOOK_0, to - 1)
    .audited(0, to, { topic: 'book' })
    .audited(1, 0, { topic: 'book' })
    .auditedCommitted(0, to, { topic: 'book' })
    .auditedCommitted(1, 0, { topic: 'book' });

const HISTORIES: readonly [
  string,
  AnomalyKind,
  Scenario,
  (run: RunBuilder) => void,
  readonly string[],
][] = [
  [
    'every input has its output, once',
    'relay-loss',
    relaying(COPIES),
    (run) => booked(outputs(worked(run), 0, 10)),
    [],
  ],
  [
    'inputs that were left behind without their outputs',
    'relay-loss',
    relaying(COPIES),
    (run) => booked(outputs(worked(run), 0, 8), 9),
    ['relay-loss × 2 violation'],
  ],
  [
    'near miss: unclean elections may take outputs',
    'relay-loss',
    relaying(COPIES, {
      topics: { orders: topic(), book: topic({ 'unclean.leader.election.enable': 'true' }) },
      faults: [killFault()],
    }),
    (run) => booked(outputs(worked(run), 0, 8), 9).fault('leader-dies', 1, 2),
    ['relay-loss × 2 expected'],
  ],
  [
    'near miss: the group did not come so far',
    'relay-loss',
    relaying(COPIES),
    (run) => booked(outputs(worked(run, 8), 0, 8), 9),
    [],
  ],
  [
    'near miss: the output was not read to its end',
    'relay-loss',
    relaying(COPIES),
    (run) =>
      booked(outputs(worked(run), 0, 8), 9).audited(0, 20, {
        topic: 'book',
        position: 9,
        complete: false,
      }),
    [],
  ],
  [
    'near miss: retention took outputs',
    'relay-loss',
    relaying(COPIES),
    (run) => booked(outputs(worked(run), 2, 8, 2)).audited(0, 11, { topic: 'book', logStart: 2 }),
    [],
  ],
  [
    'an output whose transaction was never committed',
    'relay-loss',
    relaying(COPIES),
    (run) => booked(outputs(worked(run), 0, 9).read(OF_0, 9, 1, 9, BOOK_0)),
    ['relay-loss × 1 violation'],
  ],
  [
    'outputs that are there twice',
    'relay-duplicate',
    relaying(COPIES),
    (run) => booked(outputs(outputs(worked(run), 0, 10), 3, 2, 10), 13),
    ['relay-duplicate × 2 violation'],
  ],
  [
    'near miss: the first ones were aborted',
    'relay-duplicate',
    relaying(COPIES),
    (run) => booked(outputs(worked(run).read(OF_0, 0, 5, 0, BOOK_0), 0, 10, 6), 17),
    [],
  ],
  [
    'near miss: without transactions an input may be worked off again',
    'relay-duplicate',
    PLAIN,
    (run) => booked(outputs(outputs(worked(run), 0, 10), 3, 2, 10), 13),
    ['relay-duplicate × 2 expected'],
  ],
  [
    'outputs in a partition that their inputs do not go to',
    'relay-phantom',
    relaying(COPIES),
    (run) =>
      booked(outputs(worked(run), 0, 8), 9)
        .read(OF_0, 8, 2, 0, BOOK_1)
        .readCommitted(OF_0, 8, 2, 0, BOOK_1)
        .audited(1, 2, { topic: 'book' })
        .auditedCommitted(1, 2, { topic: 'book' }),
    ['relay-phantom × 2 violation'],
  ],
  [
    'outputs of a record that was never sent',
    'relay-phantom',
    relaying(COPIES),
    (run) => booked(outputs(worked(run), 0, 11), 12),
    ['relay-phantom × 1 violation'],
  ],
  [
    'outputs of a partition without a record',
    'relay-phantom',
    relaying(COPIES),
    (run) =>
      booked(outputs(worked(run), 0, 10))
        .read(OF_1, 0, 1, 0, BOOK_1)
        .readCommitted(OF_1, 0, 1, 0, BOOK_1)
        .audited(1, 1, { topic: 'book' })
        .auditedCommitted(1, 1, { topic: 'book' }),
    ['relay-phantom × 1 violation'],
  ],
];

describe('a history of a relay and what is found in it', () => {
  test.each(HISTORIES)('%s: %s', (_, kind, scenario, write, expected) => {
    const result = judged(scenario, write);
    const found = result.delivery.anomalies.filter((one) => one.kind.startsWith('relay'));
    expect(found.map((one) => `${one.kind} × ${one.count} ${one.judgement}`)).toEqual(expected);
    for (const one of found) expect(one.kind).toBe(kind);
  });

  test('a group goes back to its last commit, and that is expected of a relay alone', () => {
    const back = (run: RunBuilder) =>
      booked(outputs(worked(run.assigned(0, atSecond(1)), 10), 0, 10))
        .delivered(0, 10, 5, atSecond(5))
        .delivered(0, 10, 5, atSecond(6));
    const kinds = (scenario: Scenario) =>
      judged(scenario, back).delivery.anomalies.map(
        ({ kind, judgement }) => `${kind} ${judgement}`,
      );
    expect(kinds(relaying(COPIES))).toContain('backwards-delivery expected');
    expect(kinds(PLAIN)).toContain('backwards-delivery violation');
  });
});

describe('transfers', () => {
  const TRANSFERS = relaying({ ...COPIES, makes: 'transfer' });
  const legs = (sequence: number) =>
    relayedOf('transfer', { stream: 0, sequence, partition: 0 }, 2).map(({ leg, partition }) => ({
      stream: OF_0 + leg,
      place: BOOK_0 + partition,
    }));
  const transfers = (run: RunBuilder, sequences: readonly number[]): RunBuilder => {
    const ends = [0, 0];
    for (const sequence of sequences) {
      for (const { stream, place } of legs(sequence)) {
        const offset = ends[place - BOOK_0] as number;
        ends[place - BOOK_0] = offset + 1;
        run.read(stream, sequence, 1, offset, place);
        run.readCommitted(stream, sequence, 1, offset, place);
      }
    }
    ends.forEach((end, partition) => {
      run
        .marker(BOOK_0 + partition, end)
        .audited(partition, end + 1, { topic: 'book' })
        .auditedCommitted(partition, end + 1, { topic: 'book' });
    });
    return run;
  };
  const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

  test('that happen once leave all accounts together at zero', () => {
    const { relays, anomalies } = judged(TRANSFERS, (run) => transfers(worked(run), ALL)).delivery;
    expect(anomalies).toEqual([]);
    expect(relays['billing']).toEqual({
      ...{ inputs: 10, outputs: 20, lost: 0, duplicated: 0, imbalance: 0 },
    });
  });

  test('of which a credit is missing leave them short by it', () => {
    const [, credit] = legs(0);
    const { relays, anomalies } = judged(TRANSFERS, (run) => {
      const kept = run.read.bind(run);
      run.read = (stream, first, ...rest) =>
        stream === credit?.stream && first === 0 ? run : kept(stream, first, ...rest);
      const keptToo = run.readCommitted.bind(run);
      run.readCommitted = (stream, first, ...rest) =>
        stream === credit?.stream && first === 0 ? run : keptToo(stream, first, ...rest);
      transfers(worked(run), ALL);
    }).delivery;
    expect(anomalies.map(({ kind, count }) => `${kind} ${count}`)).toContain('relay-loss 1');
    expect(relays['billing']?.imbalance).toBe(-transferOf(0, 0).amount);
  });
});
