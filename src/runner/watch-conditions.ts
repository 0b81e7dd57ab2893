/** Looks at the conditions of `abort-on` once a second, and ends traffic and faults when one of them has come true. */
import { pause } from '../lib/deadline.ts';
import type { RunningLoad, Schedule } from '../load/control.ts';
import { AbortWatch } from './abort-watch.ts';
import type { Session } from './session.ts';

/** Workers tell of a second when it is over; by then all of them have. */
const TOLD_AFTER_US = 500_000;
const SECOND_US = 1_000_000;

/** Resolves at the end of the schedule, or when the run ends before. */
export async function watchConditions(
  session: Pick<Session, 'plan' | 'clock' | 'ending' | 'watch' | 'stopEarly'>,
  load: Pick<RunningLoad, 'endAt'>,
  { warmupUs, endUs }: Schedule,
): Promise<void> {
  const { plan, clock, ending } = session;
  if (plan.scenario.abortOn.length === 0) return;
  const watch = new AbortWatch(plan.scenario);
  session.watch(watch);
  for (let at = warmupUs + TOLD_AFTER_US; at < endUs && !ending.aborted; at += SECOND_US) {
    await pause(Math.max(0, (at - clock.nowUs()) / 1000), ending).catch(() => {}); // Asked below.
    if (ending.aborted) return;
    const trigger = watch.look(clock.nowUs());
    if (trigger === null) continue;
    // At a whole second, because windows are made of those.
    const end = at - TOLD_AFTER_US + SECOND_US;
    load.endAt(end);
    await pause(Math.max(0, (end - clock.nowUs()) / 1000), ending).catch(() => {}); // Interrupted: it says so itself.
    session.stopEarly(trigger);
    return;
  }
}
