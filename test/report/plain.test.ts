/** A run as plain lines: nothing happens for a while, and the lines still say the time that is left. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import { PlainLines } from '../../src/report/plain.ts';
import { RunClock } from '../../src/report/run-clock.ts';
import { leaderKillScenario } from '../fixtures/leader-kill.ts';
import { atSecond, MEASURE_US } from '../fixtures/run-builder.ts';

/** The caller's clock reads this at t0 of the run. */
const T0_MS = 1_000_000;
const nowMs = (us: number): number => T0_MS + us / 1000;

function started(): PlainLines {
  const lines = new PlainLines(leaderKillScenario(), T0_MS);
  const events: readonly RunEvent[] = [
    { t: 9, type: 'schedule', warmupUs: 0, measureUs: MEASURE_US, endUs: atSecond(60) },
    { t: atSecond(0), type: 'phase-started', phase: 'measure' },
  ];
  for (const event of events) lines.event(event, nowMs(event.t));
  return lines;
}

describe('plain lines', () => {
  test('say the time left although no event comes', () => {
    const lines = started();
    const told = [10, 20, 30].flatMap((second) => {
      lines.second({ load: 'checkout', worker: 0, second, offered: 1 });
      return lines.tick(nowMs(atSecond(second)));
    });
    expect(told.map((text) => text.split(';')[0])).toEqual([
      'measure, 50 s left',
      'measure, 40 s left',
      'measure, 30 s left',
    ]);
  });

  test('say so at most every ten seconds, and only in a phase', () => {
    const quiet = new PlainLines(leaderKillScenario(), T0_MS);
    expect(quiet.tick(T0_MS + 60_000)).toEqual([]);
    const lines = started();
    const told = Array.from({ length: 59 }, (_, s) => lines.tick(nowMs(atSecond(s)))).flat();
    expect(told).toHaveLength(6);
  });

  test('tell what happens with its time from the start of measure', () => {
    const told = started().event(
      { t: atSecond(3), type: 'fault-healed', fault: 'x' },
      nowMs(atSecond(3)),
    );
    expect(told).toEqual(['    3.0 s  x: healed']);
  });
});

describe('the clock', () => {
  test('goes on between events, and a late one does not turn it back', () => {
    const clock = new RunClock();
    expect(clock.at(5)).toBe(0);
    clock.hear(1_000_000, 100);
    expect(clock.at(1100)).toBe(2_000_000);
    clock.hear(1_500_000, 1100);
    expect(clock.at(1100)).toBe(2_000_000);
    clock.hear(4_000_000, 1200);
    expect(clock.at(1300)).toBe(4_100_000);
  });
});
