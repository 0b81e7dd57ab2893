/** Compacted topics: of every key the newest acknowledged record must be there, or a newer one. */
import { expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import { createRanks, keyOfRank } from '../../src/scenario/records/keys.ts';
import { partitionOfKey } from '../../src/scenario/records/partitioner.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  killFault,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const KEYS = { kind: 'uniform', count: 5 } as const;
const SEED = 7;
const RECORDS = 40;
const PRODUCERS = 2;
const PARTITIONS = 2;

type Sent = {
  readonly stream: number;
  readonly sequence: number;
  readonly place: number;
  readonly offset: number;
  readonly rank: number;
};

/** As producers offer them: record i is producer i mod 2's, and its key says the partition. */
function sent(): Sent[] {
  const rankOf = createRanks(KEYS, SEED);
  const sequences = new Map<number, number>();
  const offsets = new Array<number>(PARTITIONS).fill(0);
  return Array.from({ length: RECORDS }, (_, i) => {
    const rank = rankOf(i);
    const place = partitionOfKey(keyOfRank(rank), PARTITIONS);
    const stream = (i % PRODUCERS) * PARTITIONS + place;
    const sequence = sequences.get(stream) ?? 0;
    sequences.set(stream, sequence + 1);
    const offset = offsets[place] as number;
    offsets[place] = offset + 1;
    return { stream, sequence, place, offset, rank };
  });
}

const ALL = sent();
const newestOf = (rank: number): Sent => ALL.findLast((one) => one.rank === rank) as Sent;
const COMPACTED = ALL.filter((one) => newestOf(one.rank) === one);
const [VICTIM] = COMPACTED as [Sent, ...Sent[]];
const without = (gone: Sent): Sent[] => COMPACTED.filter((one) => one !== gone);
const olderOf = ({ rank }: Sent): Sent => ALL.find((one) => one.rank === rank) as Sent;

type Case = {
  readonly log: readonly Sent[];
  /** Records whose outcome was unknown. */
  readonly unknown?: readonly Sent[];
  readonly scenario?: Partial<Scenario>;
  readonly logStart?: number;
  readonly write?: (run: RunBuilder) => void;
};

function judged({ log, unknown = [], scenario, logStart = 0, write }: Case): Result {
  const load = produceLoad({ producers: PRODUCERS, keys: KEYS, rate: { kind: 'max' } });
  const config = { 'cleanup.policy': 'compact' };
  const topics = { orders: { partitions: PARTITIONS, replicas: 3, config } };
  using run = new RunBuilder(aScenario({ load: [load], topics, ...scenario }));
  run.second({ second: 0, offered: RECORDS });
  if (run.scenario.faults.length > 0) run.fault('leader-dies', 0, 1);
  for (const one of ALL) {
    run.intent(one.stream, one.sequence, 1);
    const known = !unknown.includes(one);
    run.outcome(
      ...([one.stream, one.sequence, 1] as const),
      known ? 'acknowledged' : 'unknown',
      known ? one.offset : -1,
    );
  }
  const byOffset = [...log].sort((a, b) => a.offset - b.offset);
  for (const { stream, sequence, offset } of byOffset) run.read(stream, sequence, 1, offset);
  for (let place = 0; place < PARTITIONS; place++) {
    const end = ALL.filter((one) => one.place === place).length;
    run.audited(place, end, { logStart });
  }
  write?.(run);
  const evidence = run.finish();
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

const told = (result: Result): string[] =>
  result.delivery.anomalies.map(({ kind, count, judgement }) => `${kind} × ${count} ${judgement}`);

const ACKS_ONE = {
  load: [produceLoad({ producers: PRODUCERS, keys: KEYS, config: { acks: '1' } })],
  faults: [killFault()],
};

const CASES: readonly (readonly [string, Case, readonly string[]])[] = [
  ['a log compacted to the newest of each key', { log: COMPACTED }, []],
  ['a log that was not compacted yet', { log: ALL }, []],
  ['no record of a key', { log: without(VICTIM) }, ['compaction-loss × 1 violation']],
  [
    'an older record of the key alone',
    { log: [...without(VICTIM), olderOf(VICTIM)] },
    ['compaction-loss × 1 violation'],
  ],
  ['no record at all', { log: [] }, [`compaction-loss × ${COMPACTED.length} violation`]],
  [
    'near miss: the newest has an unknown outcome, and is not there',
    {
      log: [
        ...without(VICTIM),
        ALL.filter((one) => one.rank === VICTIM.rank && one !== VICTIM).at(-1) as Sent,
      ],
      unknown: [VICTIM],
    },
    [],
  ],
  [
    'near miss: the newest has an unknown outcome, and is there instead',
    { log: COMPACTED, unknown: [VICTIM] },
    [],
  ],
  [
    'near miss: acks=1 promises nothing when a leader is killed',
    { log: without(VICTIM), scenario: ACKS_ONE },
    ['compaction-loss × 1 expected'],
  ],
  ['near miss: the log begins behind it', { log: [], logStart: RECORDS }, []],
  [
    'near miss: a worker was lost, and which key a record had is not known',
    {
      log: without(VICTIM),
      write: (run) =>
        run.event({
          ...{ t: atSecond(5), type: 'worker-exited', load: 'checkout', worker: 0 },
          ...{ code: null, signal: 'SIGKILL', expected: false },
        }),
    },
    [],
  ],
];

test('the history is worth something: keys in both partitions, and records to compact', () => {
  expect(new Set(COMPACTED.map(({ place }) => place)).size).toBe(PARTITIONS);
  expect(COMPACTED.length).toBeLessThan(ALL.length);
  expect(olderOf(VICTIM)).not.toBe(VICTIM);
});

test.each(CASES)('%s', (_, one, expected) => {
  expect(told(judged(one))).toEqual(expected);
});

test('an example names the key and what is left of it', () => {
  const [anomaly] = judged({ log: [...without(VICTIM), olderOf(VICTIM)] }).delivery.anomalies;
  expect(anomaly?.examples[0]).toMatchObject({
    topic: 'orders',
    partition: VICTIM.place,
    offset: VICTIM.offset,
    note: `of key ${VICTIM.rank} this was acknowledged last, and the one at offset ${olderOf(VICTIM).offset} is the newest in the log`,
  });
});
