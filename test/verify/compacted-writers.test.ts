/**
 * Compacted topics by who wrote to them: a producer that was killed and started again, transactions, a relay, others.
 * What cannot be judged makes the run unknown, and never an alarm.
 */
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import { FILES } from '../../src/evidence/run-folder.ts';
import { measure } from '../../src/measure/measure.ts';
import { createRanks, keyOfRank } from '../../src/scenario/records/keys.ts';
import { partitionOfKey } from '../../src/scenario/records/partitioner.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { treatments } from '../../src/verify/guarantees.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  consumeLoad,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const KEYS = { kind: 'uniform', count: 6 } as const;
const PARTITIONS = 2;
/** The run builder's. */
const SEED = 7;

type Sent = {
  readonly stream: number;
  readonly sequence: number;
  readonly offset: number;
  readonly rank: number;
  readonly second: number;
};

/** Records of one producer: numbers [from, to) of its load in each of its lives, one record a send. */
function writing(...lives: readonly (readonly [from: number, to: number])[]): readonly Sent[] {
  const rankOf = createRanks(KEYS, SEED);
  const next = new Array<number>(PARTITIONS).fill(0);
  return lives.flatMap(([from, to], life) =>
    Array.from({ length: to - from }, (_, i) => {
      const rank = rankOf(from + i);
      const stream = partitionOfKey(keyOfRank(rank), PARTITIONS);
      const sequence = next[stream] as number;
      next[stream] = sequence + 1;
      return { stream, sequence, offset: sequence, rank, second: 1 + 10 * life };
    }),
  );
}

const newest = (all: readonly Sent[]): readonly Sent[] =>
  all.filter((one) => all.findLast(({ rank }) => rank === one.rank) === one);

function topics(): Scenario['topics'] {
  const config = { 'cleanup.policy': 'compact' };
  return { orders: { partitions: PARTITIONS, replicas: 3, config } };
}

const load = produceLoad({ keys: KEYS, rate: { kind: 'max' } });

function finish(run: RunBuilder, log: readonly Sent[], all: readonly Sent[]): Result {
  const byOffset = [...log].sort((a, b) => a.offset - b.offset);
  for (const { stream, sequence, offset } of byOffset) run.read(stream, sequence, 1, offset);
  for (let place = 0; place < PARTITIONS; place++) {
    run.audited(place, all.filter(({ stream }) => stream === place).length);
  }
  run.second({ second: 0, offered: all.length });
  const evidence = run.finish();
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

const anomalies = ({ delivery }: Result): readonly string[] =>
  delivery.anomalies.map(({ kind, count, judgement }) => `${kind} × ${count} ${judgement}`);

type Restarted = { readonly log?: readonly Sent[]; readonly behind?: Record<string, number> };

const BOTH_LIVES = writing([0, 40], [70, 110]);
const NUMBERED = { behind: { 0: 70 } };

/** Forty records, a kill, thirty dropped, forty more. */
function restarted({ log = newest(BOTH_LIVES), ...told }: Restarted): Result {
  using run = new RunBuilder(aScenario({ load: [load], topics: topics() }));
  for (const { stream, sequence, offset, second } of BOTH_LIVES) {
    run.acked(stream, sequence, 1, offset, second);
  }
  const dropped = { type: 'records-dropped', load: 'checkout', worker: 0, count: 30 } as const;
  run.event({ t: atSecond(10), ...dropped, ...told } as RunEvent);
  return finish(run, log, BOTH_LIVES);
}

test('the lives differ: numbered on, other keys would be the newest ones', () => {
  const ranks = (all: readonly Sent[]) => newest(all).map(({ rank }) => rank);
  expect(ranks(writing([0, 40], [40, 80]))).not.toEqual(ranks(BOTH_LIVES));
});

test('a producer that was killed and started again wrote the keys it says', () => {
  const result = restarted(NUMBERED);
  expect(anomalies(result)).toEqual([]);
  expect(result.verdict).toBe('pass');
});

test('what compaction took of its second life is found', () => {
  const gone = newest(BOTH_LIVES).find(({ second }) => second > 1) as Sent;
  const log = newest(BOTH_LIVES).filter((one) => one !== gone);
  expect(anomalies(restarted({ ...NUMBERED, log }))).toEqual(['compaction-loss × 1 violation']);
});

test('one that did not say how its records went on is not judged', () => {
  const result = restarted({});
  expect(anomalies(result)).toEqual([]);
  expect(result).toMatchObject({ verdict: 'unknown', reasons: [{ code: 'not-judged' }] });
});

const transactional = produceLoad({ ...load, transaction: { records: 20, abort: 0.5 } });
const ONE_LIFE = writing([0, 40]);

/** Two transactions of twenty records; the second one ends as `told`. */
function inTransactions(
  log: readonly Sent[],
  by: 'commit-intent' | 'abort-intent',
  told: 'acknowledged' | 'failed' | 'unknown',
): Result {
  using run = new RunBuilder(aScenario({ load: [transactional], topics: topics() }));
  for (const transaction of [0, 1]) {
    for (const { stream, sequence, offset } of ONE_LIFE.slice(20 * transaction).slice(0, 20)) {
      run.inTransaction(transaction, {
        ...{ stream, first: sequence, count: 1, baseOffset: offset },
        second: 1 + 2 * transaction,
      });
    }
    if (transaction === 0) run.ending(0, 'commit-intent', 'acknowledged');
    else run.ending(1, by, told, { second: 4 });
  }
  for (const one of log) {
    const committed = told === 'acknowledged' || ONE_LIFE.indexOf(one) < 20;
    if (committed) run.readCommitted(one.stream, one.sequence, 1, one.offset);
  }
  for (let place = 0; place < PARTITIONS; place++) {
    run.auditedCommitted(place, ONE_LIFE.filter(({ stream }) => stream === place).length);
  }
  return finish(run, log, ONE_LIFE);
}

const FIRST = ONE_LIFE.slice(0, 20);

test('committed records that compaction took are lost', () => {
  const kept = newest(ONE_LIFE).slice(1);
  const alarms = anomalies(inTransactions(kept, 'commit-intent', 'acknowledged'));
  expect(alarms).toContain('compaction-loss × 1 violation');
});

test('near miss: the newest committed of each key is there', () => {
  const result = inTransactions(newest(ONE_LIFE), 'commit-intent', 'acknowledged');
  expect(anomalies(result)).toEqual([]);
});

test('near miss: what was aborted is gone', () => {
  expect(anomalies(inTransactions(newest(FIRST), 'abort-intent', 'failed'))).toEqual([]);
});

test('an aborted record of the key is no newer one', () => {
  const gone = newest(FIRST)[0] as Sent;
  const log = ONE_LIFE.filter(({ rank }, i) => i >= 20 || rank !== gone.rank);
  expect(log.some(({ rank }) => rank === gone.rank)).toBe(true);
  expect(anomalies(inTransactions(log, 'abort-intent', 'failed'))).toContain(
    'compaction-loss × 1 violation',
  );
});

test('near miss: whether the newest was committed is not known, and it is gone', () => {
  expect(anomalies(inTransactions(newest(FIRST), 'commit-intent', 'unknown'))).toEqual([]);
});

test('where others wrote as well a missing key proves nothing', () => {
  using run = new RunBuilder(aScenario({ load: [load], topics: topics() }));
  for (const { stream, sequence, offset } of ONE_LIFE) run.acked(stream, sequence, 1, offset);
  for (let place = 0; place < PARTITIONS; place++) {
    run.entry(FILES.auditLedger, {
      ...{ kind: 'foreign', place, baseOffset: 50, count: 1, leaderEpoch: 0, timeUs: atSecond(60) },
    });
  }
  const result = finish(run, newest(ONE_LIFE).slice(1), ONE_LIFE);
  expect(anomalies(result)).toEqual([]);
  expect(result.reasons.map(({ code }) => code)).toContain('not-judged');
});

test('where a relay writes as well nothing is judged, and the table says so', () => {
  const relay = { to: 'orders', makes: 'copy', transactional: false, records: 10 } as const;
  const feeding = produceLoad({ name: 'feed', topic: 'inputs' });
  const scenario = aScenario({
    load: [load, feeding, consumeLoad({ name: 'bank', topic: 'inputs', relay })],
    topics: { ...topics(), inputs: { partitions: 1, replicas: 3, config: {} } },
  });
  const rows = treatments({ scenario, undisturbed: true });
  expect(
    rows.filter(({ kind, about }) => kind === 'compaction-loss' && about === 'orders'),
  ).toEqual([
    {
      ...{ kind: 'compaction-loss', about: 'orders', as: 'not judged' },
      why: 'of which keys relay bank wrote is not known',
    },
  ]);
});
