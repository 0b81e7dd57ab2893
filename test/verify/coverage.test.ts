/** Coverage tells what was tried and what really happened, of one run and of many. */
import { describe, expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import { campaignText } from '../../src/report/campaign.ts';
import type { FaultSpec } from '../../src/scenario/scenario.ts';
import { sumCampaign } from '../../src/verify/campaign.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  killFault,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const FAULTS: readonly FaultSpec[] = [
  killFault({ name: 'chaos-1', budget: 1 }),
  killFault({ name: 'chaos-2', budget: 1, atMs: 20_000 }),
];

/** A run of thirty seconds with acknowledged and unknown records, in which `write` adds what happened. */
function run(faults: readonly FaultSpec[], write: (run: RunBuilder) => void, end = 10): Result {
  using builder = new RunBuilder(aScenario({ faults }));
  for (let second = 0; second < 30; second++) {
    builder.second({ second, offered: 100, acknowledged: 100, ackedNow: 100 });
    builder.latency('ack', second, [5, 6, 7]);
  }
  builder.acked(0, 0, 10, 0).read(0, 0, 10, 0);
  builder.audited(0, end).audited(1, 0);
  write(builder);
  const evidence = builder.finish({ ended: true });
  return verify(builder.scenario, evidence, measure(builder.scenario, evidence));
}

const skip = (builder: RunBuilder, fault: string): void => {
  builder.event({ t: atSecond(12), type: 'fault-skipped', fault, reason: 'broker 2 out of sync' });
};
const fire = (builder: RunBuilder, fault: string, from: number, to: number): void => {
  const common = { fault, kind: 'kill', where: 'leader of orders/0', target: 'broker 1' };
  builder.event({ t: atSecond(from), type: 'fault-injected', ...common });
  builder.event({ t: atSecond(from), type: 'fault-probed', fault, proven: true, evidence: 'gone' });
  builder.event({ t: atSecond(to), type: 'fault-healed', fault });
};
const codes = ({ reasons }: Result): string[] => reasons.map(({ code }) => code);

describe('a fault that was left out', () => {
  test('closes no gate while another of the campaign fired', () => {
    const result = run(FAULTS, (builder) => {
      fire(builder, 'chaos-1', 10, 15);
      skip(builder, 'chaos-2');
    });
    expect(codes(result)).not.toContain('fault-not-effective');
    expect(result.faults[1]?.effect).toEqual({
      proven: false,
      evidence: 'left out: broker 2 out of sync',
    });
    expect(result.coverage.skipped).toBe(1);
  });

  test('makes the run unknown when all of them were', () => {
    const result = run(FAULTS, (builder) => {
      skip(builder, 'chaos-1');
      skip(builder, 'chaos-2');
    });
    expect(result.verdict).toBe('unknown');
    expect(codes(result)).toContain('fault-not-effective');
  });

  test('is another thing than one that never fired', () => {
    const result = run(FAULTS, (builder) => fire(builder, 'chaos-1', 10, 15));
    expect(codes(result)).toContain('fault-not-effective');
  });
});

describe('cells', () => {
  test('tell kind, role and whether all was well', () => {
    const result = run(FAULTS, (builder) => {
      fire(builder, 'chaos-1', 10, 25);
      fire(builder, 'chaos-2', 20, 28);
    });
    expect(result.coverage.faults).toEqual([
      { kind: 'kill', role: 'leader', phase: 'during another fault', injected: 1, proven: 1 },
      { kind: 'kill', role: 'leader', phase: 'steady', injected: 1, proven: 1 },
    ]);
  });
});

describe('events', () => {
  test('are counted when they happened, and 0 when not', () => {
    const leadership = { type: 'leadership', topic: 'orders', partition: 0, leader: 1 } as const;
    const result = run([], (builder) => {
      builder.event({ ...leadership, t: atSecond(1), epoch: 3, isr: [1, 2], replicas: [1, 2] });
      builder.event({ ...leadership, t: atSecond(9), epoch: 4, isr: [], replicas: [1, 2] });
    });
    expect(result.coverage.events).toEqual({
      ...{ 'leader-epoch-bumped': 1, 'isr-below-minimum': 1, rebalance: 0 },
      ...{ 'unknown-outcome-present': 0, 'unknown-outcome-absent': 0, 'aborted-transaction': null },
    });
  });

  test('tell unknown outcomes that were in the log from those that were not', () => {
    const result = run(
      [],
      (builder) => {
        builder.intent(0, 10, 5).read(0, 10, 2, 10);
      },
      12,
    );
    expect(result.coverage.events).toMatchObject({
      ...{ 'unknown-outcome-present': 2, 'unknown-outcome-absent': 3 },
    });
  });
});

test('transactions that were aborted are counted where there are any', () => {
  const load = [produceLoad({ transaction: { records: 5, abort: 0.5 } })];
  using run = new RunBuilder(aScenario({ load }));
  run.second({ second: 0, offered: 100, acknowledged: 100, ackedNow: 100 });
  run
    .inTransaction(0, { stream: 0, first: 0, count: 5, baseOffset: 0 })
    .ending(0, 'commit-intent', 'acknowledged')
    .inTransaction(1, { stream: 0, first: 5, count: 5, baseOffset: 6 })
    .ending(1, 'abort-intent', 'failed', { second: 3 })
    .read(0, 0, 5, 0)
    .marker(0, 5)
    .read(0, 5, 5, 6)
    .marker(0, 11)
    .readCommitted(0, 0, 5, 0)
    .audited(0, 12)
    .audited(1, 0)
    .auditedCommitted(0, 12)
    .auditedCommitted(1, 0);
  const evidence = run.finish();
  const result = verify(run.scenario, evidence, measure(run.scenario, evidence));
  expect(result.coverage.events['aborted-transaction']).toBe(1);
  expect(sumCampaign([result]).never).not.toContain('aborted-transaction');
});

test('several runs are summed up, with what never happened and how to repeat what did not pass', () => {
  const good = run(FAULTS, (builder) => {
    fire(builder, 'chaos-1', 10, 15);
    skip(builder, 'chaos-2');
  });
  const bad = { ...good, verdict: 'fail', environment: { seed: 42 } } as Result;
  const campaign = sumCampaign([good, bad]);
  expect(campaign.verdicts).toEqual({ pass: 1, fail: 1, unknown: 0 });
  expect(campaign.coverage.faults).toEqual([
    { kind: 'kill', role: 'leader', phase: 'steady', injected: 2, proven: 2 },
  ]);
  expect(campaign.never).toContain('rebalance');
  expect(campaign.never).not.toContain('aborted-transaction');
  const text = campaignText(campaign, { file: 'chaos.yaml' });
  expect(text).toContain('2 runs: 1 pass, 1 fail, 0 unknown');
  expect(text).toContain('again: ordeal run chaos.yaml --seed 42');
  expect(text).toContain('2/2  kill leader');
  expect(text).toContain('never: a group rebalanced');
});
