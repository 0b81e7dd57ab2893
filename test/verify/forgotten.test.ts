/** What faults took from the disks of all replicas is no broken promise; what one replica had, or nobody took, is. */
import { describe, expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import type { FaultSpec } from '../../src/scenario/scenario.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import { aScenario, atSecond, killFault, RunBuilder } from '../fixtures/run-builder.ts';

const FAULTS = ['one', 'two', 'three'].map((name) =>
  killFault({ kind: 'power-loss', name } as Partial<FaultSpec>),
);

/** 100 records, acknowledged at `ackS`; of them the audit finds the first 80. */
function judged(write: (run: RunBuilder) => void, ackS = 1): Result {
  using run = new RunBuilder(aScenario({ faults: FAULTS }));
  run.acked(0, 0, 100, 0, ackS).read(0, 0, 80, 0).audited(0, 80).audited(1, 0);
  inSync(run, 0, [1, 2, 3]);
  write(run);
  const evidence = run.finish();
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

function inSync(run: RunBuilder, second: number, isr: readonly number[]): void {
  const partition = { topic: 'orders', partition: 0, leader: isr[0] ?? -1, epoch: 1 };
  run.event({ t: atSecond(second), type: 'leadership', ...partition, isr, replicas: [1, 2, 3] });
}

function lost(run: RunBuilder, fault: number, broker: number, at: number, healed: number | null) {
  const name = FAULTS[fault]?.name as string;
  const from = { 'orders/0': 80 };
  run.event({ t: atSecond(at), type: 'log-lost', fault: name, broker, from });
  if (healed !== null) run.event({ t: atSecond(healed), type: 'fault-healed', fault: name });
}

/** A fault on all brokers. */
const allLost = (at: number, healed: number | null) => (run: RunBuilder) => {
  for (const broker of [1, 2, 3]) lost(run, 0, broker, at, healed);
};

const losses = ({ delivery }: Result): Record<string, number> =>
  Object.fromEntries(
    delivery.anomalies
      .filter(({ kind }) => kind === 'acknowledged-loss')
      .map(({ judgement, count }) => [judgement, count]),
  );

describe('20 acknowledged records that are gone are', () => {
  test('a violation after a power loss of one broker', () => {
    expect(losses(judged((run) => lost(run, 0, 1, 5, 10)))).toEqual({ violation: 20 });
  });

  test('expected after one of all', () => {
    const result = judged(allLost(5, null));
    expect(losses(result)).toEqual({ expected: 20 });
  });

  test('a violation when two lost them and the third had them', () => {
    const result = judged((run) => {
      lost(run, 0, 1, 5, null);
      lost(run, 1, 2, 6, null);
    });
    expect(losses(result)).toEqual({ violation: 20 });
  });

  test('expected when the third was not in sync', () => {
    const result = judged((run) => {
      inSync(run, 4, [1, 2]);
      lost(run, 0, 1, 5, null);
      lost(run, 1, 2, 6, null);
    });
    expect(losses(result)).toEqual({ expected: 20 });
  });

  test('expected when one after the other lost them before the first had caught up', () => {
    const result = judged((run) => {
      lost(run, 0, 1, 5, 8);
      inSync(run, 6, [2, 3]);
      lost(run, 1, 2, 9, 14);
      inSync(run, 10, [3]);
      lost(run, 2, 3, 12, 14);
    });
    expect(losses(result)).toEqual({ expected: 20 });
  });

  test('a violation when each had caught up before the next lost them', () => {
    const result = judged((run) => {
      lost(run, 0, 1, 5, 8);
      inSync(run, 6, [2, 3]);
      inSync(run, 9.5, [1, 2, 3]);
      lost(run, 1, 2, 12, 15);
      inSync(run, 13, [1, 3]);
      inSync(run, 16.5, [1, 2, 3]);
      lost(run, 2, 3, 20, 22);
    });
    expect(losses(result)).toEqual({ violation: 20 });
  });

  test('a violation when they were acknowledged after it', () => {
    expect(losses(judged(allLost(5, 8), 12))).toEqual({ violation: 20 });
  });

  test('a violation below what was taken', () => {
    const result = judged((run) => {
      for (const broker of [1, 2, 3]) {
        const from = { 'orders/0': 90 };
        run.event({ t: atSecond(5), type: 'log-lost', fault: 'one', broker, from });
      }
    });
    expect(losses(result)).toEqual({ violation: 10, expected: 10 });
  });

  test('a violation when nothing was taken: the fault failed', () => {
    const result = judged((run) =>
      run.event({
        t: atSecond(5),
        type: 'fault-failed',
        fault: 'one',
        step: 'probe',
        message: '?',
      }),
    );
    expect(losses(result)).toEqual({ violation: 20 });
  });

  test('a violation when it was another partition', () => {
    const result = judged((run) => {
      for (const broker of [1, 2, 3]) {
        const from = { 'orders/1': 80 };
        run.event({ t: atSecond(5), type: 'log-lost', fault: 'one', broker, from });
      }
    });
    expect(losses(result)).toEqual({ violation: 20 });
  });

  test('expected when the only replica lost its whole disk', () => {
    const result = judged((run) => {
      inSync(run, 2, [1]);
      run.event({ t: atSecond(5), type: 'log-lost', fault: 'one', broker: 1, from: null });
    });
    expect(losses(result)).toEqual({ expected: 20 });
  });
});

describe('a log that became shorter is', () => {
  const truncations = (write: (run: RunBuilder) => void): string[] =>
    judged((run) => {
      for (const [second, highWatermark] of [
        [4, 100],
        [7, 80],
      ] as const) {
        const place = { topic: 'orders', partition: 0, logStart: 0 };
        const t = atSecond(second);
        run.sample({ t, type: 'offsets', ...place, highWatermark });
      }
      write(run);
    }).delivery.anomalies.flatMap(({ kind, judgement }) =>
      kind === 'truncation' ? [judgement] : [],
    );

  test('expected when all lost it', () =>
    expect(truncations(allLost(5, null))).toEqual(['expected']));
  test('a violation when that was later', () =>
    expect(truncations(allLost(8, null))).toEqual(['violation']));
  test('a violation when one did', () =>
    expect(truncations((run) => lost(run, 0, 1, 5, null))).toEqual(['violation']));
});
