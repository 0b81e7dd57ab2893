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

describe('complaints', () => {
  const complain = (lines: PlainLines, second: number, message: string, count = 1): string[] => {
    const t = atSecond(second);
    const event = { t, type: 'client-error', load: 'billing', worker: 0, code: 'x' } as const;
    return lines.event({ ...event, message, count }, nowMs(t));
  };

  test('of an outage are told at once, and then at growing intervals', () => {
    const lines = started();
    const told: string[] = [];
    for (let second = 0; second < 180; second++) {
      told.push(...complain(lines, second, 'Crash: closed', 5));
      told.push(...complain(lines, second, 'connect ECONNREFUSED', 2));
      told.push(...lines.tick(nowMs(atSecond(second) + 500_000)));
    }
    expect(told.filter((text) => text.includes('billing: ') && text.includes('×'))).toEqual([
      '    0.0 s  billing: 5 × Crash: closed',
      '   10.0 s  billing: 50 × Crash: closed; 20 × connect ECONNREFUSED',
      '   20.0 s  billing: 50 × Crash: closed; 20 × connect ECONNREFUSED',
      '   40.0 s  billing: 100 × Crash: closed; 40 × connect ECONNREFUSED',
      '   80.0 s  billing: 200 × Crash: closed; 80 × connect ECONNREFUSED',
      '  140.0 s  billing: 300 × Crash: closed; 120 × connect ECONNREFUSED',
    ]);
  });

  test('show the most frequent first, and count the rest', () => {
    const lines = started();
    complain(lines, 0, 'first');
    for (const [i, text] of ['a', 'b', 'c', 'd', 'e'].entries()) complain(lines, 1, text, i + 1);
    expect(lines.tick(nowMs(atSecond(10)))[0]).toContain('billing: 5 × e; 4 × d; 3 × c; 3 others');
  });

  test('come at once again after a quiet minute, and none is kept back at the end', () => {
    const lines = started();
    expect(complain(lines, 0, 'x')).toHaveLength(1);
    expect(complain(lines, 5, 'x')).toHaveLength(0);
    expect(lines.tick(nowMs(atSecond(10)))).toContain('   10.0 s  billing: 1 × x');
    expect(complain(lines, 90, 'x')).toEqual(['   90.0 s  billing: 1 × x']);
    expect(complain(lines, 91, 'x')).toEqual([]);
    const end = lines.event({ t: atSecond(92), type: 'run-ended' }, nowMs(atSecond(92)));
    expect(end).toEqual(['   92.0 s  billing: 1 × x']);
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
