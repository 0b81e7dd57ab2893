/** The windows numbers are given for, as sets of whole seconds (design §3). */
import type { Scenario } from '../scenario/scenario.ts';
import { disturbance } from './faults.ts';
import type { FaultMeasures } from './measures.ts';
import { type RunTime, secondsWithin } from './time.ts';

export type MeasureWindow = {
  readonly name: string;
  /** Its length; fractions of a second count for `measure` and the phases, which have no neighbours' records. */
  readonly lengthS: number;
  readonly has: (second: number) => boolean;
};

export const duringName = (fault: string): string => `during ${fault}`;

export function windowsOf(
  scenario: Scenario,
  time: RunTime | null,
  faults: readonly FaultMeasures[],
): readonly MeasureWindow[] {
  if (time === null) return [];
  const end = Math.ceil(time.endMs / 1000);
  const during = faults.map(({ name, injectedAtMs, healedAtMs }) =>
    listed(
      duringName(name),
      injectedAtMs === null
        ? []
        : secondsWithin(Math.max(0, injectedAtMs), Math.min(healedAtMs ?? time.endMs, time.endMs)),
    ),
  );
  const disturbed = faults.flatMap((fault) => disturbance(fault) ?? []);
  const steady = secondsWithin(0, time.endMs).filter((second) =>
    disturbed.every(({ fromMs, toMs }) => (second + 1) * 1000 <= fromMs || second * 1000 >= toMs),
  );
  return [
    { name: 'warmup', lengthS: -time.warmupMs / 1000, has: (second) => second < 0 },
    {
      name: 'measure',
      lengthS: time.endMs / 1000,
      has: (second) => second >= 0 && second < end,
    },
    {
      name: 'drain',
      lengthS: (time.drainEndMs - time.endMs) / 1000,
      has: (second) => second >= end,
    },
    // Without faults every moment of `measure` is steady, its last fraction of a second too.
    scenario.faults.length === 0
      ? { name: 'steady', lengthS: time.endMs / 1000, has: (s) => s >= 0 && s < end }
      : listed('steady', steady),
    ...during,
  ];
}

function listed(name: string, seconds: readonly number[]): MeasureWindow {
  const members = new Set(seconds);
  return { name, lengthS: members.size, has: (second) => members.has(second) };
}
