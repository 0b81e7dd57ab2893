/** What steps say together: the curve, throughput at a latency, the knee, and what was used up. */
import { describe, expect, test } from 'vitest';
import { curveOf, kneeOf, throughputAt } from '../../../src/experiment/capacity/curve.ts';
import type { MeasuredStep } from '../../../src/experiment/capacity/measured-step.ts';
import { saturationOf } from '../../../src/experiment/capacity/saturation.ts';
import type { ProcessorUse } from '../../../src/measure/measures.ts';

const step = (rate: number, p99: number, change: Partial<MeasuredStep> = {}): MeasuredStep => ({
  ...{ number: 1, folder: 'step-01', rate, outcome: 'holds', why: null },
  ...{ acknowledgedPerSecond: rate, bytesPerSecond: rate * 100, processors: null },
  ackMs: { p50: p99 / 4, p99, p999: p99 * 2, max: p99 * 3 },
  ...change,
});

const CLIMB = [
  [10_000, 8],
  [20_000, 9],
  [40_000, 12],
  [60_000, 45],
  [70_000, 180],
  [80_000, 900],
].map(([rate = 0, p99 = 0]) => step(rate, p99));

describe('the curve', () => {
  test('has one point a rate, the median of its steps, and none of what says nothing', () => {
    const curve = curveOf([
      step(2000, 30),
      step(1000, 10),
      step(2000, 20),
      step(2000, 70),
      step(3000, 99, { outcome: 'void' }),
      step(3000, 99, { outcome: 'disturbed' }),
    ]);
    expect(curve.map(({ rate, steps, p99 }) => [rate, steps, p99])).toEqual([
      [1000, 1, 10],
      [2000, 3, 30],
    ]);
  });

  test('tells the highest rate under each latency', () => {
    expect(throughputAt(curveOf(CLIMB))).toEqual([
      { limitMs: 10, rate: 20_000, orMore: false },
      { limitMs: 50, rate: 60_000, orMore: false },
      { limitMs: 250, rate: 70_000, orMore: false },
    ]);
  });

  test('says when no rate was slow enough, or none fast enough', () => {
    const told = throughputAt(curveOf([step(1000, 20), step(2000, 30)]));
    expect(told.map(({ rate, orMore }) => [rate, orMore])).toEqual([
      [null, false],
      [2000, true],
      [2000, true],
    ]);
  });

  test('is not fooled by one lucky step', () => {
    const lucky = [step(1000, 5), step(2000, 80), step(3000, 70), step(4000, 9)];
    expect(throughputAt(curveOf(lucky))[0]).toMatchObject({ rate: 1000 });
  });

  test('bends at its knee', () => {
    expect(kneeOf(curveOf(CLIMB))).toBe(60_000);
  });

  test('has no knee with few points, or when it is flat', () => {
    expect(kneeOf(curveOf(CLIMB.slice(0, 3)))).toBeNull();
    expect(kneeOf(curveOf([1, 2, 3, 4].map((rate) => step(rate, 7))))).toBeNull();
  });
});

describe('what was used up', () => {
  const use = (busy: number, change: Partial<ProcessorUse> = {}): ProcessorUse => ({
    ...{ cores: 2, busy, brokers: 1, clients: 0.25, others: 0 },
    ...change,
  });
  const broke = (processors: ProcessorUse | null): MeasuredStep =>
    step(9, 99, { outcome: 'breaks', processors });

  test('is the machine, when little of it was left', () => {
    expect(saturationOf([step(1, 1, { processors: use(0.1) }), broke(use(1.9))])).toMatchObject({
      what: 'machine',
      text: "The processors were used up where it broke: 1.9 of the machine's 2 cores were in use, 1.0 of them by the brokers and 0.3 by the clients.",
    });
  });

  test('is something else in the cluster, when there was', () => {
    const told = saturationOf([broke(use(0.8, { brokers: null, others: null }))]);
    expect(told).toMatchObject({ what: 'cluster', processors: { brokers: null, others: null } });
    expect(told?.text).toContain('was not measured');
  });

  test('is the generator, when nothing broke', () => {
    const told = saturationOf([step(9, 9, { outcome: 'void', processors: use(1.9) })]);
    expect(told?.what).toBe('generator');
  });

  test('is not known without numbers', () => {
    expect(saturationOf([broke(null)])).toBeNull();
    expect(saturationOf([])).toBeNull();
  });
});
