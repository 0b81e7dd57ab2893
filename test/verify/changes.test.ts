/** Records are judged by what was in force when they were sent and acknowledged, and by what took them since. */
import { describe, expect, test } from 'vitest';
import type { AdminChange } from '../../src/evidence/admin-change.ts';
import { measure } from '../../src/measure/measure.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { Changes } from '../../src/verify/changes.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  consumeLoad,
  killFault,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const settings = (
  config: Record<string, string>,
  topic: string | null = 'orders',
): AdminChange => ({
  ...{ kind: 'settings', topic, config },
});
const RECREATION: AdminChange = { kind: 'recreation', topic: 'orders' };

/** Asked for at a second and seen half a second later, unless nobody saw it. */
function change(run: RunBuilder, second: number, what: AdminChange, seen = true): RunBuilder {
  run.event({ t: atSecond(second), type: 'change-asked', fault: 'f', change: what });
  const t = atSecond(second) + 500_000;
  return seen ? run.event({ t, type: 'change-seen', fault: 'f', change: what }) : run;
}

function judged(write: (run: RunBuilder) => void, over: Partial<Scenario> = {}): Result {
  using run = new RunBuilder(aScenario({ faults: [killFault()], ...over }));
  for (let second = 0; second < 30; second++)
    run.second({ second, offered: 100, acknowledged: 100 });
  run.fault('leader-dies', 10, 20);
  write(run);
  const evidence = run.finish();
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

const told = (result: Result): string[] =>
  result.delivery.anomalies.map(({ kind, count, judgement }) => `${kind} × ${count} ${judgement}`);

/** Ten records a second for three seconds, of which those of one second (1, 2 or 3) are missing. */
function losing(run: RunBuilder, lost: number): RunBuilder {
  for (const [i, second] of [5, 15, 25].entries()) {
    run.acked(0, i * 10, 10, i * 10, second);
    if (i + 1 !== lost) run.read(0, i * 10, 10, i * 10);
  }
  return run.audited(0, 30).audited(1, 0);
}

describe('min.insync.replicas lowered from second 10 to second 20', () => {
  const lowered = (run: RunBuilder, lost: number): void => {
    change(run, 10, settings({ 'min.insync.replicas': '1' }));
    change(run, 20, settings({ 'min.insync.replicas': '2' }));
    losing(run, lost);
  };
  test.each([
    [1, 'violation'],
    [2, 'expected'],
    [3, 'violation'],
  ])('a loss of what was acknowledged in part %i is a %s', (lost, judgement) => {
    expect(told(judged((run) => lowered(run, lost)))).toEqual([
      `acknowledged-loss × 10 ${judgement}`,
    ]);
  });

  test('counts for records on their way while it changes', () => {
    const result = judged((run) => {
      change(run, 10, settings({ 'min.insync.replicas': '1' }));
      run.intent(0, 0, 10, atSecond(9)).outcome(0, 0, 10, 'acknowledged', 0, atSecond(11));
      run.audited(0, 10).audited(1, 0);
    });
    expect(told(result)).toEqual(['acknowledged-loss × 10 expected']);
  });

  test('counts until a second after it was seen to be raised', () => {
    const at = (second: number) =>
      judged((run) => {
        change(run, 10, settings({ 'min.insync.replicas': '1' }));
        change(run, 20, settings({ 'min.insync.replicas': '2' }));
        run.acked(0, 0, 10, 0, second).audited(0, 10).audited(1, 0);
      });
    expect(told(at(21))).toEqual(['acknowledged-loss × 10 expected']);
    expect(told(at(22))).toEqual(['acknowledged-loss × 10 violation']);
  });

  test('counts on when nobody saw it raised', () => {
    const result = judged((run) => {
      change(run, 10, settings({ 'min.insync.replicas': '1' }));
      change(run, 20, settings({ 'min.insync.replicas': '2' }), false);
      losing(run, 3);
    });
    expect(told(result)).toEqual(['acknowledged-loss × 10 expected']);
  });

  test('for all brokers does not reach topics with a value of their own', () => {
    const lower = (own: Record<string, string>) =>
      judged(
        (run) => {
          change(run, 10, settings({ 'min.insync.replicas': '1' }, null));
          losing(run, 2);
        },
        { topics: { orders: { partitions: 2, replicas: 3, config: own } } },
      );
    expect(told(lower({}))).toEqual(['acknowledged-loss × 10 expected']);
    expect(told(lower({ 'min.insync.replicas': '2' }))).toEqual([
      'acknowledged-loss × 10 violation',
    ]);
  });
});

describe('unclean elections allowed from second 10 to second 20', () => {
  const unclean = (run: RunBuilder, lost: number): void => {
    change(run, 10, settings({ 'unclean.leader.election.enable': 'true' }));
    change(run, 20, settings({ 'unclean.leader.election.enable': 'false' }));
    losing(run, lost);
  };
  test.each([
    [1, 'expected'],
    [2, 'expected'],
    [3, 'violation'],
  ])('may take what was there then: part %i is %s', (lost, judgement) => {
    expect(told(judged((run) => unclean(run, lost)))).toEqual([
      `acknowledged-loss × 10 ${judgement}`,
    ]);
  });

  test('one that was ordered takes what was there before, and nothing later', () => {
    const election: AdminChange = {
      ...{ kind: 'election', topic: 'orders', partition: 0, election: 'unclean' },
    };
    const at = (lost: number) =>
      told(
        judged((run) => {
          change(run, 10, election);
          losing(run, lost);
        }),
      );
    expect(at(1)).toEqual(['acknowledged-loss × 10 expected']);
    expect(at(2)).toEqual(['acknowledged-loss × 10 violation']);
  });

  test('a log that shrinks then is expected to, and later is not', () => {
    const shrinkingAt = (second: number) =>
      told(
        judged((run) => {
          change(run, 10, settings({ 'unclean.leader.election.enable': 'true' }));
          change(run, 20, settings({ 'unclean.leader.election.enable': 'false' }));
          const at = (t: number, highWatermark: number) =>
            run.sample({
              ...{ t, type: 'offsets', topic: 'orders', partition: 0, logStart: 0 },
              highWatermark,
            });
          at(atSecond(second), 30);
          at(atSecond(second) + 500_000, 20);
          run.acked(0, 0, 20, 0).read(0, 0, 20, 0).audited(0, 20).audited(1, 0);
        }),
      );
    expect(shrinkingAt(15)).toEqual(['truncation × 10 expected']);
    expect(shrinkingAt(25)).toEqual(['truncation × 10 violation']);
  });
});

test('compaction that was on for a while may take what was there then, and nothing later', () => {
  const compacted = (lost: number) =>
    judged((run) => {
      change(run, 10, settings({ 'cleanup.policy': 'compact' }));
      change(run, 20, settings({ 'cleanup.policy': 'delete' }));
      losing(run, lost);
    });
  expect(compacted(2).delivery).toMatchObject({ lost: 0, anomalies: [] });
  expect(told(compacted(3))).toEqual(['acknowledged-loss × 10 violation']);
});

test.each([
  ['retention.ms', '1000', '604800000', '1000'],
  ['retention.bytes', '1000', '-1', '1000'],
  ['cleanup.policy', 'compact', 'delete', 'delete,compact'],
  ['max.message.bytes', '10', '20', '20'],
])('of %s %s and then %s, %s may have been in force', (name, first, then, weakest) => {
  const at = (second: number, type: 'change-asked' | 'change-seen', value: string) => ({
    ...{ t: atSecond(second), type, fault: 'f', change: settings({ [name]: value }) },
  });
  const changes = new Changes(aScenario(), [
    ...[at(1, 'change-asked', first), at(2, 'change-seen', first)],
    ...[at(3, 'change-asked', then), at(4, 'change-seen', then)],
  ]);
  const inForce = (sentUs: number) =>
    changes.inForce('orders', { sentUs, acknowledgedUs: sentUs }).topics['orders']?.config[name];
  expect(inForce(atSecond(0))).toBe(weakest);
  expect(inForce(atSecond(6))).toBe(then);
});

describe('a topic made anew at second 10', () => {
  const withGroup: Partial<Scenario> = { load: [produceLoad(), consumeLoad()] };

  test('owes nothing that was sent before, and all that was sent after', () => {
    const at = (lost: readonly number[]) =>
      judged((run) => {
        change(run, 10, RECREATION);
        run.acked(0, 0, 10, 0, 5);
        // The new log begins at 0.
        run.acked(0, 10, 10, 0, 15).acked(0, 20, 10, 10, 25);
        if (!lost.includes(2)) run.read(0, 10, 10, 0);
        if (!lost.includes(3)) run.read(0, 20, 10, 10);
        run.audited(0, 20).audited(1, 0);
      });
    expect(at([1]).delivery).toMatchObject({ lost: 0, anomalies: [] });
    expect(at([1]).verdict).toBe('pass');
    expect(told(at([1, 3]))).toEqual(['acknowledged-loss × 10 violation']);
  });

  test('is no truncation, neither of the log nor of what a group had read', () => {
    const result = judged((run) => {
      const at = (t: number, highWatermark: number) =>
        run.sample({
          ...{ t, type: 'offsets', topic: 'orders', partition: 0, logStart: 0 },
          highWatermark,
        });
      at(atSecond(9), 10);
      change(run, 10, RECREATION);
      at(atSecond(12), 5);
      run.acked(0, 0, 10, 0, 5).delivered(0, 0, 10, atSecond(6));
      run.acked(0, 10, 5, 0, 15).read(0, 10, 5, 0).delivered(0, 0, 5, atSecond(16));
      run.committed(0, 5).audited(0, 5).audited(1, 0);
    }, withGroup);
    expect(told(result).filter((line) => line.includes('violation'))).toEqual([]);
  });

  test('without that, the same history is a loss and a truncation', () => {
    const result = judged((run) => {
      run.acked(0, 0, 10, 0, 5).delivered(0, 0, 10, atSecond(6));
      run.acked(0, 10, 5, 0, 15).read(0, 10, 5, 0).delivered(0, 0, 5, atSecond(16));
      run.committed(0, 5).audited(0, 5).audited(1, 0);
    }, withGroup);
    expect(told(result)).toEqual(
      expect.arrayContaining(['acknowledged-loss × 10 violation', 'read-then-lost × 5 violation']),
    );
  });
});

test('records deleted by order are no loss, and those above them are', () => {
  const result = judged((run) => {
    change(run, 10, { kind: 'deletion', topic: 'orders', partition: 0, before: 10 });
    run.acked(0, 0, 30, 0).read(0, 15, 15, 15);
    run.audited(0, 30, { logStart: 10 }).audited(1, 0);
  });
  expect(told(result)).toEqual(['acknowledged-loss × 5 violation', 'retention-gap × 10 expected']);
});
