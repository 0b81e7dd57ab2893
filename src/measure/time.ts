/** The run's time in whole seconds from the start of `measure`; second s is [s, s + 1). */
import { type RunEvidence, sinceMeasureMs } from '../evidence/read-run.ts';

export type RunTime = {
  /** Milliseconds from the start of `measure`; negative. */
  readonly warmupMs: number;
  /** When traffic really stopped being offered: as scheduled, or when the run was cut short. */
  readonly endMs: number;
  /** When the drain was over, or the run. */
  readonly drainEndMs: number;
};

/** null when no traffic was ever scheduled. */
export function runTime({ schedule, events }: RunEvidence): RunTime | null {
  if (schedule === null) return null;
  const at = (us: number): number => sinceMeasureMs(schedule, us);
  const border = (type: 'phase-started' | 'phase-ended', phase: string): number | undefined =>
    events.findLast((event) => event.type === type && event.phase === phase)?.t;
  const last = events.at(-1)?.t ?? schedule.endUs;
  const stopped = border('phase-ended', 'measure') ?? border('phase-started', 'drain') ?? last;
  const endUs = Math.min(schedule.endUs, stopped);
  return {
    warmupMs: at(schedule.warmupUs),
    endMs: Math.max(0, at(endUs)),
    drainEndMs: at(Math.max(endUs, border('phase-ended', 'drain') ?? last)),
  };
}

/** The whole seconds inside [fromMs, toMs). */
export function secondsWithin(fromMs: number, toMs: number): number[] {
  const first = Math.ceil(fromMs / 1000);
  const end = Math.floor(toMs / 1000);
  return range(first, end);
}

/** The seconds that [fromMs, toMs] touches. */
export const secondsTouching = (fromMs: number, toMs: number): number[] =>
  range(Math.floor(fromMs / 1000), Math.floor(toMs / 1000) + 1);

const range = (first: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
