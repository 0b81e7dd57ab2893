/** One small history for every anomaly, and its near miss: the same but for the thing that makes it one. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import { measure } from '../../src/measure/measure.ts';
import type { ProduceLoad, Scenario } from '../../src/scenario/scenario.ts';
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

type History = {
  readonly scenario?: Partial<Scenario>;
  /** Of the one load, where the scenario does not say. */
  readonly producers?: number;
  readonly write: (run: RunBuilder) => void;
  readonly drainS?: number;
};

const WITH_FAULT: Partial<Scenario> = { faults: [killFault()] };
const producing = (load: Partial<ProduceLoad>, more: Partial<Scenario> = WITH_FAULT) => ({
  load: [produceLoad(load)],
  ...more,
});

function judged({ scenario, producers = 1, write, drainS }: History): Result {
  using run = new RunBuilder(aScenario({ load: [produceLoad({ producers })], ...scenario }));
  for (let second = 0; second < run.scenario.phases.measureMs / 1000; second++)
    run.second({ second, offered: 100, acknowledged: 100 });
  if (run.scenario.faults.length > 0) run.fault('leader-dies', 10, 20);
  write(run);
  const evidence = run.finish(drainS === undefined ? {} : { drainS });
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

/** Found anomalies as `kind × count judgement`. */
const told = (result: Result): string[] =>
  result.delivery.anomalies.map(({ kind, count, judgement }) => `${kind} × ${count} ${judgement}`);

/** Both partitions audited; stream 0 has ten records acknowledged and read, stream 1 none. */
const whole = (run: RunBuilder): RunBuilder =>
  run.acked(0, 0, 10, 0).read(0, 0, 10, 0).audited(0, 10).audited(1, 0);

/** The follower had read so many records of orders/0 from the offset on, and they went. */
const followerGone = (offset: number, count: number): RunEvent => ({
  ...{ t: atSecond(6), type: 'follower-gone', topic: 'orders', partition: 0 },
  ...{ count, runs: [{ offset, count }] },
});

/** The leadership of orders/0 as it was seen then. */
const led = (run: RunBuilder, second: number, epoch: number): RunBuilder =>
  run.event({
    ...{ t: atSecond(second), type: 'leadership', topic: 'orders', partition: 0, epoch },
    ...{ leader: epoch + 1, isr: [1, 2, 3], replicas: [1, 2, 3] },
  });

const COMPACTED = {
  orders: { partitions: 2, replicas: 3, config: { 'cleanup.policy': 'compact' } },
};

const UNCLEAN = {
  orders: { partitions: 2, replicas: 3, config: { 'unclean.leader.election.enable': 'true' } },
};

const withGroup: Partial<Scenario> = {
  load: [produceLoad(), consumeLoad()],
};
/** A group whose coordinator gives up on a lost member after a second. */
const withHastyGroup: Partial<Scenario> = {
  load: [produceLoad(), { ...consumeLoad(), config: { 'session.timeout.ms': '1000' } }],
};

describe('a history without an anomaly', () => {
  test('passes', () => {
    const result = judged({ write: whole });
    expect(result.delivery.anomalies).toEqual([]);
    expect(result.reasons).toEqual([]);
    expect(result).toMatchObject({ verdict: 'pass', exitCode: 0 });
    expect(result.delivery).toMatchObject({ acknowledged: 10, read: 10, lost: 0, unknown: 0 });
  });

  test('that is empty is unknown', () => {
    using run = new RunBuilder();
    const evidence = run.audited(0, 0).audited(1, 0).finish();
    const result = verify(run.scenario, evidence, measure(run.scenario, evidence));
    expect(result).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(result.reasons.map(({ code }) => code)).toContain('no-traffic');
    expect(result.load['checkout']).toMatchObject({ ackMs: null, ratePerSecond: null });
  });

  test('of which nothing was acknowledged is unknown', () => {
    const result = judged({
      write: (run) => run.intent(0, 0, 10).outcome(0, 0, 10, 'unknown').audited(0, 0).audited(1, 0),
    });
    expect(result.reasons.map(({ code }) => code)).toEqual(['no-traffic']);
    expect(result.verdict).toBe('unknown');
  });
});

const keeping = (config: Readonly<Record<string, string>>) => ({
  orders: { partitions: 2, replicas: 3, config },
});

/** The audit looks a minute after most records were sent. */
const SHORT_LIVED = { topics: keeping({ 'retention.ms': '15000' }) };

const IDEMPOTENT = { acks: 'all', 'enable.idempotence': 'true' };

/** The second record was given up, and stands behind the third. */
const lateAfterGivingUp = (run: RunBuilder): RunBuilder =>
  run
    .acked(0, 0, 1, 0)
    .intent(0, 1, 1)
    .outcome(0, 1, 1, 'unknown')
    .acked(0, 2, 1, 1)
    .read(0, 0, 1, 0)
    .read(0, 2, 1, 1)
    .read(0, 1, 1, 2)
    .audited(0, 3)
    .audited(1, 0);

/** Ten records of 1 KiB sent in second 1; so many seconds later the log begins with the seventh. */
const removedAfter =
  (seconds: number) =>
  (run: RunBuilder): void => {
    run.acked(0, 0, 10, 0).read(0, 6, 4, 6).audited(0, 10, { logStart: 6 }).audited(1, 0);
    const about = { type: 'offsets', topic: 'orders', partition: 0, highWatermark: 10 } as const;
    run.sample({ t: atSecond(2), ...about, logStart: 0 });
    run.sample({ t: atSecond(1 + seconds), ...about, logStart: 6 });
  };

/** Partition 1 gives no answer from then on; partition 0 gives its last one in the other second. */
const standing = (run: RunBuilder, fromS: number, lastS: number): RunBuilder =>
  whole(run)
    .acked(1, 0, 5, 0, 2)
    .read(1, 0, 5, 0)
    .intent(1, 5, 5, atSecond(fromS))
    .acked(0, 10, 1, 10, lastS)
    .read(0, 10, 1, 10)
    .audited(0, 11)
    .audited(1, 5);

/** A consumer that had come to offset 6 gets the partition again, where 3 is committed. */
const stopped = (run: RunBuilder): RunBuilder =>
  run
    .assigned(0, atSecond(1))
    .delivered(0, 0, 6)
    .committed(0, 3, atSecond(2))
    .assigned(0, atSecond(3));

/** Ten records of stream 0, and a control record between them. */
const parted = (run: RunBuilder, marker: number): RunBuilder =>
  run
    .acked(0, 0, marker, 0)
    .acked(0, marker, 10 - marker, marker + 1)
    .read(0, 0, marker, 0)
    .marker(0, marker)
    .read(0, marker, 10 - marker, marker + 1)
    .audited(0, 11)
    .audited(1, 0);

/** name, history, what is found; the near miss finds nothing or something allowed. */
const CASES: readonly [string, AnomalyKind, History, string[]][] = [
  [
    'an acknowledged record that the audit passed and did not see',
    'acknowledged-loss',
    {
      scenario: WITH_FAULT,
      write: (run) =>
        run.acked(0, 0, 10, 0).read(0, 0, 4, 0).read(0, 6, 4, 6).audited(0, 10).audited(1, 0),
    },
    ['acknowledged-loss × 2 violation'],
  ],
  [
    'near miss: its outcome was unknown',
    'acknowledged-loss',
    {
      write: (run) =>
        run
          .acked(0, 0, 4, 0)
          .intent(0, 4, 2)
          .outcome(0, 4, 2, 'unknown')
          .read(0, 0, 4, 0)
          .audited(0, 4)
          .audited(1, 0),
    },
    [],
  ],
  [
    'near miss: retention took it',
    'acknowledged-loss',
    {
      scenario: SHORT_LIVED,
      write: (run) =>
        run.acked(0, 0, 10, 0).read(0, 6, 4, 6).audited(0, 10, { logStart: 6 }).audited(1, 0),
    },
    ['retention-gap × 6 expected'],
  ],
  [
    'near miss: retention took it, and the client did not know its offset',
    'acknowledged-loss',
    {
      write: (run) =>
        run.acked(0, 0, 10).read(0, 6, 4, 6).audited(0, 10, { logStart: 6 }).audited(1, 0),
    },
    [],
  ],
  [
    'a record that was refused and came late: what retention took before is no loss for that',
    'phantom',
    {
      write: (run) =>
        run
          .acked(0, 0, 2)
          .intent(0, 2, 1)
          .outcome(0, 2, 1, 'failed')
          .acked(0, 3, 7)
          .read(0, 8, 2, 7)
          .read(0, 2, 1, 9)
          .audited(0, 10, { logStart: 7 })
          .audited(1, 0),
    },
    ['phantom × 1 violation', 'reorder × 1 expected'],
  ],
  [
    'retention that took less than is absent',
    'acknowledged-loss',
    {
      scenario: SHORT_LIVED,
      write: (run) =>
        run.acked(0, 0, 10, 0).read(0, 6, 4, 6).audited(0, 10, { logStart: 5 }).audited(1, 0),
    },
    ['acknowledged-loss × 1 violation', 'retention-gap × 5 expected'],
  ],
  [
    'near miss: the topic is compacted',
    'acknowledged-loss',
    {
      scenario: {
        topics: { orders: { partitions: 2, replicas: 3, config: { 'cleanup.policy': 'compact' } } },
      },
      write: (run) => run.acked(0, 0, 10, 0).read(0, 6, 4, 6).audited(0, 10).audited(1, 0),
    },
    [],
  ],
  [
    'near miss: acks=1 with a fault promises nothing',
    'acknowledged-loss',
    {
      scenario: producing({ config: { acks: '1' } }),
      write: (run) => run.acked(0, 0, 10, 0).read(0, 0, 9, 0).audited(0, 9).audited(1, 0),
    },
    ['acknowledged-loss × 1 expected'],
  ],
  [
    'acks=1 where nothing was broken',
    'acknowledged-loss',
    {
      scenario: producing({ config: { acks: '1' } }, {}),
      write: (run) => run.acked(0, 0, 10, 0).read(0, 0, 9, 0).audited(0, 9).audited(1, 0),
    },
    ['acknowledged-loss × 1 violation'],
  ],
  [
    'near miss: acks=0 is never acknowledged',
    'acknowledged-loss',
    {
      scenario: producing({ config: { acks: '0' } }),
      write: (run) => run.acked(0, 0, 10).read(0, 0, 9, 0).audited(0, 9).audited(1, 0),
    },
    [],
  ],
  [
    'a second copy with idempotence',
    'duplicate',
    {
      scenario: producing({ config: { acks: 'all', 'enable.idempotence': 'true' } }),
      write: (run) => whole(run).read(0, 3, 2, 10).audited(0, 12),
    },
    ['duplicate × 2 violation'],
  ],
  [
    'near miss: a second copy without idempotence',
    'duplicate',
    { write: (run) => whole(run).read(0, 3, 2, 10).audited(0, 12) },
    ['duplicate × 2 expected'],
  ],
  [
    'a later record before an earlier one',
    'reorder',
    {
      write: (run) =>
        run
          .acked(0, 0, 1, 0)
          .acked(0, 1, 1, 2)
          .acked(0, 2, 1, 1)
          .read(0, 0, 1, 0)
          .read(0, 2, 1, 1)
          .read(0, 1, 1, 2)
          .audited(0, 3)
          .audited(1, 0),
    },
    ['reorder × 1 violation'],
  ],
  [
    'near miss: the late one had been given up',
    'reorder',
    { write: lateAfterGivingUp },
    ['reorder × 1 expected'],
  ],
  [
    'what an idempotent producer had given up, late although it kept its numbers',
    'reorder',
    {
      scenario: producing({ config: IDEMPOTENT, afterGivingUp: 'reuse' }),
      write: lateAfterGivingUp,
    },
    ['reorder × 1 violation'],
  ],
  [
    'near miss: it had taken new numbers, and the broker knew nothing of the two',
    'reorder',
    { scenario: producing({ config: IDEMPOTENT }), write: lateAfterGivingUp },
    ['reorder × 1 expected'],
  ],
  [
    'near miss: second copies are not disorder',
    'reorder',
    {
      write: (run) =>
        run.acked(0, 0, 3, 0).read(0, 0, 3, 0).read(0, 0, 1, 3).audited(0, 4).audited(1, 0),
    },
    ['duplicate × 1 expected'],
  ],
  [
    'a record that was never sent',
    'phantom',
    { write: (run) => whole(run).read(0, 10, 1, 10).audited(0, 11) },
    ['phantom × 1 violation'],
  ],
  [
    'near miss: its writer died with its ledger',
    'phantom',
    {
      write: (run) =>
        whole(run)
          .read(0, 10, 1, 10)
          .audited(0, 11)
          .event({
            t: atSecond(5),
            type: 'worker-exited',
            load: 'checkout',
            worker: 0,
            code: null,
            signal: 'SIGKILL',
            expected: false,
          }),
    },
    [],
  ],
  [
    'its writer was killed by a fault, and had written down what it sent',
    'phantom',
    {
      write: (run) =>
        whole(run)
          .read(0, 10, 1, 10)
          .audited(0, 11)
          .event({
            t: atSecond(5),
            type: 'worker-exited',
            load: 'checkout',
            worker: 0,
            code: null,
            signal: 'SIGKILL',
            expected: true,
          }),
    },
    ['phantom × 1 violation'],
  ],
  [
    'a record that was refused for good',
    'phantom',
    {
      write: (run) =>
        whole(run).intent(0, 10, 2).outcome(0, 10, 2, 'failed').read(0, 11, 1, 10).audited(0, 11),
    },
    ['phantom × 1 violation'],
  ],
  [
    'near miss: refused and not there',
    'phantom',
    { write: (run) => whole(run).intent(0, 10, 2).outcome(0, 10, 2, 'failed') },
    [],
  ],
  [
    'a record of a stream that there never was',
    'phantom',
    { write: (run) => whole(run).read(7, 3, 1, 0, 1).audited(1, 1) },
    ['phantom × 1 violation'],
  ],
  [
    'a record in another partition',
    'wrong-partition',
    { write: (run) => whole(run).read(0, 3, 1, 0, 1).audited(1, 1) },
    ['wrong-partition × 1 violation'],
  ],
  [
    'near miss: the same number in the partition it was sent to',
    'wrong-partition',
    { write: (run) => whole(run).acked(1, 0, 1, 0).read(1, 0, 1, 0).audited(1, 1) },
    [],
  ],
  [
    'a record that stands before one that was acknowledged before it was sent',
    'realtime-reorder',
    {
      scenario: WITH_FAULT,
      write: (run) =>
        run
          .acked(2, 0, 5, 5, 1)
          .acked(0, 0, 5, 0, 2)
          .read(0, 0, 5, 0)
          .read(2, 0, 5, 5)
          .audited(0, 10)
          .audited(1, 0),
      producers: 2,
    },
    ['realtime-reorder × 5 violation'],
  ],
  [
    'near miss: the other one had not been acknowledged yet when it was sent',
    'realtime-reorder',
    {
      write: (run) =>
        run
          .intent(2, 0, 5, atSecond(1))
          .intent(0, 0, 5, atSecond(1) + 2000)
          .outcome(2, 0, 5, 'acknowledged', 5, atSecond(1) + 2000)
          .outcome(0, 0, 5, 'acknowledged', 0, atSecond(1) + 3000)
          .read(0, 0, 5, 0)
          .read(2, 0, 5, 5)
          .audited(0, 10)
          .audited(1, 0),
      producers: 2,
    },
    [],
  ],
  [
    'near miss: acks=1 lets the tail be written anew',
    'realtime-reorder',
    {
      scenario: producing({ producers: 2, config: { acks: '1' } }),
      write: (run) =>
        run
          .acked(2, 0, 5, 5, 1)
          .acked(0, 0, 5, 0, 2)
          .read(0, 0, 5, 0)
          .read(2, 0, 5, 5)
          .audited(0, 10)
          .audited(1, 0),
    },
    ['realtime-reorder × 5 expected'],
  ],
  [
    'near miss: the outcome of the second one was unknown',
    'realtime-reorder',
    {
      write: (run) =>
        run
          .acked(2, 0, 5, 5, 1)
          .intent(0, 0, 5, atSecond(2))
          .outcome(0, 0, 5, 'unknown', -1, atSecond(2) + 5)
          .read(0, 0, 5, 0)
          .read(2, 0, 5, 5)
          .audited(0, 10)
          .audited(1, 0),
      producers: 2,
    },
    [],
  ],
  [
    'two records that were acknowledged at one offset',
    'offset-reuse',
    {
      write: (run) => run.acked(0, 0, 5, 0).acked(0, 5, 5, 3).audited(1, 0),
    },
    ['offset-reuse × 2 violation'],
  ],
  [
    'an acknowledgement at an offset below what was known, where another record stands',
    'offset-reuse',
    {
      write: (run) =>
        run
          .intent(0, 0, 2)
          .outcome(0, 0, 2, 'unknown', -1)
          .acked(0, 2, 5, 2)
          .acked(0, 7, 2, 0, 2)
          .read(0, 0, 9, 0)
          .audited(0, 9)
          .audited(1, 0),
    },
    ['inconsistent-offset × 2 violation', 'offset-reuse × 2 violation'],
  ],
  [
    'near miss: unclean elections cut the log, which then went on',
    'offset-reuse',
    {
      scenario: {
        faults: [killFault()],
        topics: {
          orders: {
            partitions: 2,
            replicas: 3,
            config: { 'unclean.leader.election.enable': 'true' },
          },
        },
      },
      write: (run) =>
        run
          .acked(0, 0, 5, 0)
          .acked(0, 5, 5, 3)
          .read(0, 0, 3, 0)
          .read(0, 5, 5, 3)
          .audited(0, 8)
          .audited(1, 0),
    },
    ['acknowledged-loss × 2 expected', 'offset-reuse × 2 expected'],
  ],
  [
    'near miss: the offsets of two partitions',
    'offset-reuse',
    { write: (run) => whole(run).acked(1, 0, 10, 0, 2).read(1, 0, 10, 0).audited(1, 10) },
    [],
  ],
  [
    'an offset at which nothing stands',
    'unexplained-gap',
    {
      write: (run) =>
        run
          .acked(0, 0, 4, 0)
          .acked(0, 4, 4, 6)
          .read(0, 0, 4, 0)
          .read(0, 4, 4, 6)
          .audited(0, 10)
          .audited(1, 0),
    },
    ['unexplained-gap × 2 violation'],
  ],
  [
    'near miss: control records stand there',
    'unexplained-gap',
    {
      write: (run) =>
        run
          .acked(0, 0, 4, 0)
          .acked(0, 4, 4, 6)
          .read(0, 0, 4, 0)
          .marker(0, 4, 2)
          .read(0, 4, 4, 6)
          .audited(0, 10)
          .audited(1, 0),
    },
    [],
  ],
  [
    'near miss: others write there too, in transactions for all we know',
    'unexplained-gap',
    {
      write: (run) =>
        run
          .acked(0, 0, 4, 0)
          .read(0, 0, 4, 0)
          .entry('ledger/audit.ledger', {
            ...{ kind: 'foreign', place: 0, baseOffset: 6, count: 1, timeUs: 0 },
          })
          .audited(0, 7)
          .audited(1, 0),
    },
    ['unexplained-gap × 2 expected'],
  ],
  [
    'near miss: the audit did not come so far',
    'unexplained-gap',
    {
      write: (run) =>
        run
          .acked(0, 0, 4, 0)
          .read(0, 0, 4, 0)
          .audited(0, 9, { position: 4, complete: false })
          .audited(1, 0),
    },
    [],
  ],
  [
    'near miss: the topic is compacted',
    'unexplained-gap',
    {
      scenario: { topics: COMPACTED },
      write: (run) => run.acked(0, 0, 4, 2).read(0, 0, 4, 2).audited(0, 6).audited(1, 0),
    },
    [],
  ],
  [
    'records of an earlier leader behind those of a later one',
    'leader-epoch-back',
    {
      write: (run) =>
        run
          .acked(0, 0, 10, 0)
          .read(0, 0, 4, 0, 0, 2)
          .read(0, 4, 6, 4, 0, 1)
          .audited(0, 10)
          .audited(1, 0),
    },
    ['leader-epoch-back × 6 violation'],
  ],
  [
    'near miss: leader epochs rise, each partition by itself',
    'leader-epoch-back',
    {
      write: (run) =>
        run
          .acked(0, 0, 10, 0)
          .acked(1, 0, 5, 0)
          .read(0, 0, 4, 0, 0, 2)
          .read(1, 0, 5, 0, 1, 1)
          .read(0, 4, 6, 4, 0, 2)
          .audited(0, 10)
          .audited(1, 5),
    },
    [],
  ],
  [
    'a damaged record',
    'damaged',
    {
      write: (run) =>
        whole(run)
          .entry('ledger/audit.ledger', {
            kind: 'damaged',
            place: 0,
            baseOffset: 10,
            count: 1,
            timeUs: 0,
          })
          .audited(0, 11),
    },
    ['damaged × 1 violation'],
  ],
  [
    'near miss: a record of somebody else',
    'damaged',
    {
      write: (run) =>
        whole(run)
          .entry('ledger/audit.ledger', {
            kind: 'foreign',
            place: 0,
            baseOffset: 10,
            count: 1,
            timeUs: 0,
          })
          .audited(0, 11),
    },
    [],
  ],
  [
    'an acknowledgement that names another offset',
    'inconsistent-offset',
    {
      write: (run) =>
        run.acked(0, 0, 3, 0).acked(0, 3, 2, 0).read(0, 0, 5, 0).audited(0, 5).audited(1, 0),
    },
    ['inconsistent-offset × 2 violation', 'offset-reuse × 2 violation'],
  ],
  [
    'near miss: the acknowledged copy is the second one',
    'inconsistent-offset',
    {
      write: (run) =>
        run.acked(0, 0, 2, 2).read(0, 0, 2, 0).read(0, 0, 2, 2).audited(0, 4).audited(1, 0),
    },
    ['duplicate × 2 expected'],
  ],
  [
    'a high watermark that falls',
    'truncation',
    {
      write: (run) => {
        whole(run);
        for (const [second, highWatermark] of [
          [1, 8],
          [2, 5],
          [3, 10],
        ] as const) {
          run.sample({
            t: atSecond(second),
            type: 'offsets',
            topic: 'orders',
            partition: 0,
            highWatermark,
            logStart: 0,
          });
        }
      },
    },
    ['truncation × 3 violation'],
  ],
  [
    'near miss: unclean elections are on',
    'truncation',
    {
      scenario: {
        topics: {
          orders: {
            partitions: 2,
            replicas: 3,
            config: { 'unclean.leader.election.enable': 'true' },
          },
        },
      },
      write: (run) =>
        whole(run).sample({
          t: atSecond(3),
          type: 'offsets',
          topic: 'orders',
          partition: 0,
          highWatermark: 12,
          logStart: 0,
        }),
    },
    ['truncation × 2 expected'],
  ],
  [
    'a record that was delivered and is gone',
    'read-then-lost',
    { scenario: withGroup, write: (run) => whole(run).delivered(0, 0, 12).committed(0, 12) },
    ['read-then-lost × 2 violation'],
  ],
  [
    'near miss: retention took it',
    'read-then-lost',
    {
      scenario: { ...withGroup, ...SHORT_LIVED },
      write: (run) =>
        run
          .acked(0, 0, 10, 0)
          .read(0, 4, 6, 4)
          .delivered(0, 0, 10)
          .committed(0, 10)
          .audited(0, 10, { logStart: 4 })
          .audited(1, 0),
    },
    ['retention-gap × 4 expected'],
  ],
  [
    'near miss: the audit did not come so far',
    'read-then-lost',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .delivered(0, 0, 12)
          .committed(0, 12)
          .audited(0, 12, { position: 10, complete: false }),
    },
    [],
  ],
  [
    'near miss: unclean elections are on',
    'read-then-lost',
    {
      scenario: { ...withGroup, topics: UNCLEAN },
      write: (run) => whole(run).delivered(0, 0, 12).committed(0, 12),
    },
    ['read-then-lost × 2 expected'],
  ],
  [
    'a record that the follower had read and saw go',
    'read-then-lost',
    { write: (run) => whole(run).event(followerGone(8, 4)) },
    ['read-then-lost × 2 violation'],
  ],
  [
    'near miss: a group was handed it too, and that counts once',
    'read-then-lost',
    {
      scenario: withGroup,
      write: (run) => whole(run).delivered(0, 0, 12).committed(0, 12).event(followerGone(8, 4)),
    },
    ['read-then-lost × 2 violation'],
  ],
  [
    'near miss: it is in the log again in the end',
    'read-then-lost',
    { write: (run) => whole(run).event(followerGone(4, 6)) },
    [],
  ],
  [
    'near miss: the follower saw it go where unclean elections are on',
    'read-then-lost',
    {
      scenario: { topics: UNCLEAN },
      write: (run) => whole(run).event(followerGone(10, 2)),
    },
    ['read-then-lost × 2 expected'],
  ],
  [
    'a consumer that is handed records again within one assignment',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run).assigned(0, atSecond(1)).delivered(0, 0, 6).delivered(0, 3, 7).committed(0, 10),
    },
    ['backwards-delivery × 3 violation'],
  ],
  [
    'near miss: in another assignment it goes on from what is committed',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 6)
          .assigned(0, atSecond(2))
          .delivered(0, 3, 7)
          .committed(0, 10),
    },
    [],
  ],
  [
    'near miss: in another assignment it is handed first what it had fetched before',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 6)
          .committed(0, 3, atSecond(2))
          .assigned(0, atSecond(3))
          .delivered(0, 6, 4, atSecond(4))
          .delivered(0, 3, 7, atSecond(4))
          .committed(0, 10, atSecond(5)),
    },
    [],
  ],
  [
    'a consumer that is handed some of what it had fetched before a second time',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        stopped(whole(run)).delivered(0, 6, 4, atSecond(4)).delivered(0, 9, 1, atSecond(5)),
    },
    ['backwards-delivery × 1 violation'],
  ],
  [
    'near miss: another one had the partition meanwhile, and may have committed in between',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 6)
          .assigned(0, atSecond(3), 1)
          .delivered(0, 6, 3, atSecond(3), 1)
          .assigned(0, atSecond(4))
          .delivered(0, 6, 4, atSecond(5))
          .delivered(0, 9, 1, atSecond(5)),
    },
    [],
  ],
  [
    'near miss: it was told to begin again with the log, which had lost its beginning',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        stopped(run.acked(0, 0, 10).read(0, 8, 2, 8).audited(0, 10, { logStart: 8 }).audited(1, 0))
          .delivered(0, 6, 4, atSecond(4))
          .delivered(0, 8, 2, atSecond(5)),
    },
    [],
  ],
  [
    'near miss: what it had fetched before is in two pieces',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        stopped(parted(run, 8))
          .delivered(0, 6, 2, atSecond(4))
          .delivered(0, 9, 2, atSecond(4))
          .delivered(0, 3, 5, atSecond(5))
          .delivered(0, 9, 2, atSecond(6)),
    },
    [],
  ],
  [
    'near miss: what it had fetched before lies behind a control record',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        stopped(parted(run, 6))
          .delivered(0, 7, 4, atSecond(4))
          .delivered(0, 3, 3, atSecond(5))
          .delivered(0, 7, 4, atSecond(6)),
    },
    [],
  ],
  [
    'near miss: it began again with the log while something was broken',
    'backwards-delivery',
    {
      scenario: { ...withGroup, ...WITH_FAULT },
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 6)
          .committed(0, 6, atSecond(3))
          .delivered(0, 0, 10, atSecond(12))
          .committed(0, 4, atSecond(13))
          .committed(0, 10, atSecond(14)),
    },
    ['backwards-delivery × 6 expected'],
  ],
  [
    'near miss: kafkajs asked the old leader and the new one, and handed both answers over',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        led(led(whole(run), 1, 0), 5, 1)
          .assigned(0, atSecond(2))
          .delivered(0, 0, 6, atSecond(6))
          .delivered(0, 0, 6, atSecond(6))
          .delivered(0, 6, 4, atSecond(7))
          .committed(0, 10, atSecond(8)),
    },
    ['backwards-delivery × 6 expected'],
  ],
  [
    'a consumer that goes back where the leadership moved before its assignment only',
    'backwards-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        led(led(whole(run), 1, 0), 5, 1)
          .assigned(0, atSecond(6))
          .delivered(0, 0, 6, atSecond(7))
          .delivered(0, 0, 10, atSecond(8))
          .committed(0, 10, atSecond(9)),
    },
    ['backwards-delivery × 6 violation'],
  ],
  [
    'records below what was committed before the assignment',
    'redelivery-below-commit',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 10)
          .committed(0, 8, atSecond(3))
          .assigned(0, atSecond(4), 1)
          .delivered(0, 5, 5, atSecond(5), 1)
          .committed(0, 10, atSecond(6), 1),
    },
    ['redelivery-below-commit × 3 violation'],
  ],
  [
    'near miss: they lie above it',
    'redelivery-below-commit',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 10)
          .committed(0, 5, atSecond(3))
          .assigned(0, atSecond(4), 1)
          .delivered(0, 5, 5, atSecond(5), 1)
          .committed(0, 10, atSecond(6), 1),
    },
    [],
  ],
  [
    'near miss: the commit was acknowledged only after the assignment',
    'redelivery-below-commit',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 10)
          .committed(0, 5, atSecond(3))
          .assigned(0, atSecond(4), 1)
          .committed(0, 8, atSecond(4) + 1)
          .delivered(0, 5, 5, atSecond(5), 1)
          .committed(0, 10, atSecond(6), 1),
    },
    [],
  ],
  [
    'near miss: the offsets topic has one replica, and a broker was killed',
    'redelivery-below-commit',
    {
      scenario: {
        ...withGroup,
        ...WITH_FAULT,
        cluster: {
          ...aScenario().cluster,
          config: { 'min.insync.replicas': '2', 'offsets.topic.replication.factor': '1' },
        },
      },
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 10)
          .committed(0, 8, atSecond(3))
          .assigned(0, atSecond(4), 1)
          .delivered(0, 5, 5, atSecond(5), 1)
          .committed(0, 10, atSecond(6), 1),
    },
    ['redelivery-below-commit × 3 expected'],
  ],
  [
    'a commit below the one before it',
    'rewound-commit',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 10)
          .committed(0, 8, atSecond(3))
          .committed(0, 4, atSecond(4))
          .committed(0, 10, atSecond(5)),
    },
    ['rewound-commit × 1 violation'],
  ],
  [
    'a coordinator that tells less than before',
    'rewound-commit',
    {
      scenario: withGroup,
      write: (run) => {
        whole(run).delivered(0, 0, 10).committed(0, 10);
        for (const [second, offset] of [
          [3, 10],
          [4, -1],
        ] as const) {
          run.sample({
            ...{ t: atSecond(second), type: 'committed', group: 'billing', topic: 'orders' },
            ...{ partition: 0, offset },
          });
        }
      },
    },
    ['rewound-commit × 1 violation'],
  ],
  [
    'near miss: a coordinator that tells less while something is broken may be deposed',
    'rewound-commit',
    {
      scenario: { ...withGroup, ...WITH_FAULT },
      write: (run) => {
        whole(run).delivered(0, 0, 10).committed(0, 10);
        for (const [second, offset] of [
          [9, 10],
          [12, 4],
        ] as const) {
          run.sample({
            ...{ t: atSecond(second), type: 'committed', group: 'billing', topic: 'orders' },
            ...{ partition: 0, offset },
          });
        }
      },
    },
    [],
  ],
  [
    'near miss: the answer to a commit of the member before comes late',
    'rewound-commit',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 10)
          .revoked(0, atSecond(3))
          .assigned(0, atSecond(3), 1)
          .delivered(0, 0, 10, atSecond(4), 1)
          .committed(0, 10, atSecond(4), 1)
          .committed(0, 4, atSecond(5)),
    },
    [],
  ],
  [
    'a commit beyond what anybody was handed',
    'committed-too-far',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 6)
          .committed(0, 10, atSecond(3))
          .delivered(0, 6, 4, atSecond(4)),
    },
    ['committed-too-far × 4 violation'],
  ],
  [
    'near miss: another member was handed it before',
    'committed-too-far',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 6)
          .assigned(0, atSecond(2), 1)
          .delivered(0, 6, 4, atSecond(3), 1)
          .committed(0, 10, atSecond(4), 1),
    },
    [],
  ],
  [
    'near miss: only control records lie there',
    'committed-too-far',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run).delivered(0, 0, 10).committed(0, 12).marker(0, 10, 2).audited(0, 12),
    },
    [],
  ],
  [
    'a member that goes on after it was replaced',
    'two-owners',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 4)
          .assigned(0, atSecond(3), 1)
          .delivered(0, 0, 6, atSecond(4), 1)
          .delivered(0, 4, 2, atSecond(5))
          .delivered(0, 6, 4, atSecond(6), 1)
          .committed(0, 10, atSecond(7), 1),
    },
    ['two-owners × 2 expected'],
  ],
  [
    'near miss: the new one had not been handed anything yet',
    'two-owners',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run)
          .assigned(0, atSecond(1))
          .delivered(0, 0, 4)
          .assigned(0, atSecond(3), 1)
          .delivered(0, 4, 2, atSecond(4))
          .delivered(0, 0, 10, atSecond(6), 1)
          .committed(0, 10, atSecond(7), 1),
    },
    [],
  ],
  [
    'a log that begins behind records younger than its retention',
    'premature-deletion',
    { write: removedAfter(20) },
    ['premature-deletion × 6 violation'],
  ],
  [
    'near miss: they had the age',
    'retention-gap',
    { scenario: { topics: keeping({ 'retention.ms': '15000' }) }, write: removedAfter(20) },
    ['retention-gap × 6 expected'],
  ],
  [
    'records that had not the age of this retention',
    'premature-deletion',
    { scenario: { topics: keeping({ 'retention.ms': '25000' }) }, write: removedAfter(20) },
    ['premature-deletion × 6 violation'],
  ],
  [
    'near miss: the log may have been larger than it may be',
    'retention-gap',
    { scenario: { topics: keeping({ 'retention.bytes': '9000' }) }, write: removedAfter(20) },
    ['retention-gap × 6 expected'],
  ],
  [
    'a log that cannot have been larger than it may be',
    'premature-deletion',
    { scenario: { topics: keeping({ 'retention.bytes': '90000' }) }, write: removedAfter(20) },
    ['premature-deletion × 6 violation'],
  ],
  [
    'records younger than their retention, which the audit saw gone',
    'premature-deletion',
    {
      scenario: { topics: keeping({ 'retention.ms': '90000' }) },
      write: (run) =>
        run.acked(0, 0, 10, 0).read(0, 6, 4, 6).audited(0, 10, { logStart: 6 }).audited(1, 0),
    },
    ['premature-deletion × 6 violation'],
  ],
  [
    'near miss: nobody looked when they went, and they had the age when the audit did',
    'retention-gap',
    {
      scenario: SHORT_LIVED,
      write: (run) =>
        run.acked(0, 0, 10, 0).read(0, 6, 4, 6).audited(0, 10, { logStart: 6 }).audited(1, 0),
    },
    ['retention-gap × 6 expected'],
  ],
  [
    'a partition that acknowledges nothing more while another goes on',
    'stuck-partition',
    { drainS: 40, write: (run) => standing(run, 5, 29) },
    ['stuck-partition × 1 violation'],
  ],
  [
    'near miss: it was not broken for so long',
    'stuck-partition',
    { drainS: 20, write: (run) => standing(run, 22, 29) },
    [],
  ],
  [
    'a partition that acknowledges nothing more, and the other one does neither',
    'stuck-partition',
    {
      scenario: { phases: { warmupMs: 0, measureMs: 60_000, drainMs: 40_000 } },
      drainS: 40,
      write: (run) => standing(run, 5, 4),
    },
    ['stuck-partition × 1 violation'],
  ],
  [
    'near miss: traffic ended before half a minute was over, and nobody went on',
    'stuck-partition',
    {
      scenario: { phases: { warmupMs: 0, measureMs: 34_000, drainMs: 40_000 } },
      drainS: 40,
      write: (run) => standing(run, 5, 4),
    },
    [],
  ],
  [
    'near miss: the other one stands still as well',
    'stuck-partition',
    { drainS: 40, write: (run) => standing(run, 5, 9) },
    [],
  ],
  [
    'near miss: it was not offered anything',
    'stuck-partition',
    {
      drainS: 40,
      write: (run) => whole(run).acked(0, 10, 1, 10, 29).read(0, 10, 1, 10).audited(0, 11),
    },
    [],
  ],
  [
    'a record the group passed over',
    'skipped-delivery',
    {
      scenario: withGroup,
      write: (run) => whole(run).delivered(0, 0, 4).delivered(0, 6, 4).committed(0, 10),
    },
    ['skipped-delivery × 2 violation'],
  ],
  [
    'the first records, where the group began too late',
    'skipped-delivery',
    {
      scenario: withGroup,
      write: (run) => whole(run).delivered(0, 4, 6).committed(0, 10),
    },
    ['skipped-delivery × 4 violation'],
  ],
  [
    'near miss: it lies behind where the group has come to',
    'skipped-delivery',
    {
      scenario: withGroup,
      write: (run) => whole(run).delivered(0, 0, 6, atSecond(25)).committed(0, 6),
    },
    [],
  ],
  [
    'a gap, and nothing was skipped: there is no record at that offset',
    'unexplained-gap',
    {
      scenario: withGroup,
      write: (run) =>
        run
          .acked(0, 0, 4, 0)
          .acked(0, 4, 4, 5)
          .read(0, 0, 4, 0)
          .read(0, 4, 4, 5)
          .delivered(0, 0, 4)
          .delivered(0, 5, 4)
          .committed(0, 9)
          .audited(0, 9)
          .audited(1, 0),
    },
    ['unexplained-gap × 1 violation'],
  ],
  [
    'near miss: a control record stands there, which nobody is handed',
    'skipped-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        run
          .acked(0, 0, 4, 0)
          .acked(0, 4, 4, 5)
          .read(0, 0, 4, 0)
          .marker(0, 4)
          .read(0, 4, 4, 5)
          .delivered(0, 0, 4)
          .delivered(0, 5, 4)
          .committed(0, 9)
          .audited(0, 9)
          .audited(1, 0),
    },
    [],
  ],
  [
    'near miss: redelivery is counted and allowed',
    'skipped-delivery',
    {
      scenario: withGroup,
      write: (run) =>
        whole(run).delivered(0, 0, 6).assigned(0, atSecond(2)).delivered(0, 3, 7).committed(0, 10),
    },
    [],
  ],
  [
    'a group that stands still for longer than its session timeout',
    'stuck-group',
    {
      scenario: withHastyGroup,
      drainS: 12,
      write: (run) => whole(run).delivered(0, 0, 6, atSecond(31)).committed(0, 6),
    },
    ['stuck-group × 4 violation'],
  ],
  [
    'a group that was never handed anything',
    'stuck-group',
    { scenario: withHastyGroup, drainS: 12, write: (run) => whole(run) },
    ['stuck-group × 10 violation'],
  ],
  [
    'a group whose members were all killed for good',
    'stuck-group',
    {
      scenario: withHastyGroup,
      drainS: 12,
      write: (run) =>
        whole(run)
          .delivered(0, 0, 6, atSecond(8))
          .committed(0, 6)
          .event({
            t: atSecond(10),
            type: 'worker-exited',
            load: 'billing',
            worker: 0,
            code: null,
            signal: 'SIGKILL',
            expected: true,
          }),
    },
    ['stuck-group × 4 violation'],
  ],
  [
    'near miss: they were killed, and came back to read the rest',
    'stuck-group',
    {
      scenario: withHastyGroup,
      drainS: 12,
      write: (run) =>
        whole(run)
          .delivered(0, 0, 6, atSecond(8))
          .committed(0, 6)
          .event({
            t: atSecond(10),
            type: 'worker-exited',
            load: 'billing',
            worker: 0,
            code: null,
            signal: 'SIGKILL',
            expected: true,
          })
          .delivered(0, 6, 4, atSecond(21))
          .committed(0, 10),
    },
    [],
  ],
  [
    'near miss: the coordinator may still wait for a member that is gone',
    'stuck-group',
    {
      scenario: withGroup,
      drainS: 12,
      write: (run) => whole(run).delivered(0, 0, 6, atSecond(31)).committed(0, 6),
    },
    [],
  ],
  [
    'near miss: it was handed something a moment ago',
    'stuck-group',
    {
      scenario: withHastyGroup,
      drainS: 12,
      write: (run) => whole(run).delivered(0, 0, 6, atSecond(35)).committed(0, 6),
    },
    [],
  ],
  [
    'near miss: it has nothing left to read',
    'stuck-group',
    {
      scenario: withHastyGroup,
      drainS: 12,
      write: (run) => whole(run).delivered(0, 0, 10, atSecond(3)).committed(0, 10),
    },
    [],
  ],
  [
    'a second copy behind what is left of the first, in a log that lost its beginning',
    'reorder',
    {
      write: (run) =>
        run
          .acked(0, 0, 2, 2)
          .read(0, 1, 1, 1)
          .read(0, 0, 2, 2)
          .audited(0, 4, { logStart: 1 })
          .audited(1, 0),
    },
    ['duplicate × 1 expected', 'reorder × 1 expected'],
  ],
  [
    'an acknowledged offset that the audit did not reach, of a record that it read before',
    'inconsistent-offset',
    {
      write: (run) =>
        run
          .acked(0, 0, 2, 2)
          .read(0, 0, 2, 0)
          .audited(0, 4, { position: 2, complete: false, reason: 'no answer' })
          .audited(1, 0),
    },
    [],
  ],
  [
    'a record that went with the beginning of the log, before one that was given up and arrived late',
    'acknowledged-loss',
    {
      write: (run) =>
        run
          .intent(0, 0, 1)
          .outcome(0, 0, 1, 'unknown')
          .acked(0, 1, 1, -1, 2)
          .acked(0, 2, 1, 1, 3)
          .read(0, 2, 1, 1)
          .read(0, 0, 1, 2)
          .audited(0, 3, { logStart: 1 })
          .audited(1, 0),
    },
    ['reorder × 1 expected'],
  ],
];

describe('finds', () => {
  test.each(CASES)('%s', (_, kind, history, expected) => {
    const result = judged(history);
    expect(told(result)).toEqual(expected);
    const violated = expected.some((line) => line.endsWith('violation'));
    if (violated) {
      expect(result.verdict).toBe('fail');
      expect(result.delivery.anomalies.map((found) => found.kind)).toContain(kind);
    } else {
      expect(result.verdict).not.toBe('fail');
    }
  });

  test('every kind of anomaly in some case', () => {
    const all: readonly AnomalyKind[] = [
      'acknowledged-loss',
      'duplicate',
      'reorder',
      'phantom',
      'damaged',
      'inconsistent-offset',
      'truncation',
      'skipped-delivery',
      'stuck-group',
      'wrong-partition',
      'realtime-reorder',
      'offset-reuse',
      'unexplained-gap',
      'leader-epoch-back',
      'read-then-lost',
      'backwards-delivery',
      'redelivery-below-commit',
      'rewound-commit',
      'committed-too-far',
      'premature-deletion',
      'stuck-partition',
    ];
    const violated = CASES.filter(([, , , expected]) => expected.join().includes('violation'));
    expect([...new Set(violated.map(([, kind]) => kind))].sort()).toEqual([...all].sort());
  });
});

test('an example says where, when, whose, and what was broken then', () => {
  const result = judged({
    scenario: WITH_FAULT,
    write: (run) =>
      run.acked(0, 0, 5, 0, 3).acked(0, 5, 5, 5, 12).read(0, 0, 7, 0).audited(0, 7).audited(1, 0),
  });
  expect(result.delivery.anomalies[0]?.examples).toEqual([
    {
      topic: 'orders',
      partition: 0,
      offset: 7,
      producer: 'checkout #0',
      sequence: 7,
      atMs: 12_002,
      faults: ['leader-dies'],
      leaderEpoch: null,
      note: 'acknowledged after 1 attempt; 3 records from here on',
    },
  ]);
});

test('a drain that ends before a group can be called stuck leaves the verdict open', () => {
  const result = judged({
    scenario: withGroup,
    drainS: 12,
    write: (run) => whole(run).delivered(0, 0, 6, atSecond(31)).committed(0, 6),
  });
  expect(result).toMatchObject({ verdict: 'unknown', reasons: [{ code: 'stuck-group' }] });
});

test('groups are counted', () => {
  const result = judged({
    scenario: withGroup,
    write: (run) =>
      whole(run).delivered(0, 0, 6).delivered(0, 3, 5).committed(0, 8).committed(1, 0),
  });
  expect(result.delivery.groups['billing']).toEqual({
    delivered: 11,
    redelivered: 3,
    skipped: 0,
    lagAtEnd: 2,
  });
});
