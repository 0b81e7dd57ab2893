/** The same scenario at other rates and lengths, as `--set` takes them. */
import { expect, test } from 'vitest';
import { atRate, paceOf, phasesOf, warmingOf } from '../../../src/experiment/capacity/vary.ts';
import { aScenario, consumeLoad, killFault, produceLoad } from '../../fixtures/run-builder.ts';

const constant = (name: string, perSecond: number) =>
  produceLoad({ name, rate: { kind: 'constant', perSecond } });

test('every load keeps its share', () => {
  const pace = paceOf(aScenario({ load: [constant('a', 900), constant('b', 100), consumeLoad()] }));
  expect(pace.perSecond).toBe(1000);
  expect(atRate(25_003, pace)).toEqual(['load.a.rate=22502.7/s', 'load.b.rate=2500.3/s']);
});

test.each([
  ['`max`', produceLoad({ rate: { kind: 'max' } })],
  [
    'stages',
    produceLoad({
      rate: { kind: 'stages', fromPerSecond: 1, stages: [{ toPerSecond: 2, overMs: 9 }] },
    }),
  ],
  ['none', consumeLoad()],
])('a rate that cannot be varied is refused: %s', (words, load) => {
  expect(() => paceOf(aScenario({ load: [load] }))).toThrow(
    expect.objectContaining({ code: 'capacity.rate', message: expect.stringContaining(words) }),
  );
});

test('steps are short where no fault has its time', () => {
  const phases = { warmupMs: 10_000, measureMs: 60_000, drainMs: 30_000 };
  expect(phasesOf(aScenario({ phases }), null)).toEqual([
    ...['phases.warmup=2s', 'phases.measure=8s', 'phases.drain=10s'],
  ]);
  expect(phasesOf(aScenario({ phases }), 20_000)).toContain('phases.measure=20s');
  expect(phasesOf(aScenario({ phases, faults: [killFault()] }), null)).toEqual([
    ...['phases.warmup=10s', 'phases.measure=1m', 'phases.drain=30s'],
  ]);
  const short = { warmupMs: 1000, measureMs: 3000, drainMs: 5000 };
  expect(phasesOf(aScenario({ phases: short }), null)).toContain('phases.measure=3s');
});

test('the first step is warmed for as long as is asked, or as written', () => {
  const scenario = aScenario({ phases: { warmupMs: 5000, measureMs: 1000, drainMs: 1000 } });
  expect(warmingOf(scenario, 15_000)).toEqual(['phases.warmup=15s']);
  expect(warmingOf(scenario, 1000)).toEqual(['phases.warmup=5s']);
});
