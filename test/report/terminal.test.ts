/** What a terminal shows at the end of a run, and while it goes on. */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import { measure } from '../../src/measure/measure.ts';
import { fold, line, liveState, render } from '../../src/report/live.ts';
import { type SummaryOptions, summary } from '../../src/report/terminal.ts';
import { verify } from '../../src/verify/verdict.ts';
import { leaderKillRun, leaderKillScenario } from '../fixtures/leader-kill.ts';
import { atSecond, RunBuilder } from '../fixtures/run-builder.ts';

function summaryOf(run: RunBuilder, options?: SummaryOptions): string {
  const evidence = run.finish();
  return summary(verify(run.scenario, evidence, measure(run.scenario, evidence)), options);
}

describe('the summary', () => {
  test('tells how transactions ended', () => {
    using run = new RunBuilder();
    run
      .inTransaction(0, { stream: 0, first: 0, count: 2, baseOffset: 0 })
      .ending(0, 'abort-intent', 'failed')
      .inTransaction(1, { stream: 0, first: 2, count: 2, baseOffset: 3 })
      .ending(1, 'commit-intent', 'unknown')
      .read(0, 0, 2, 0)
      .read(0, 2, 2, 3)
      .readCommitted(0, 2, 2, 3);
    expect(summaryOf(run)).toContain(
      'transactions of checkout: 0 committed, 1 aborted, 1 unknown (1 of them seen)',
    );
  });

  test.each([
    [700, /Others used 0\.7 of this machine's 2 cores meanwhile/],
    [100, /^(?!.*Others used)/s],
  ])('tells of neighbours that used %i ms a second', (others, words) => {
    using run = new RunBuilder();
    for (let second = 0; second < 30; second++) {
      run.sample({
        ...{ t: atSecond(second + 1), type: 'processors', cores: 2, wallMs: 1000, nodes: 1 },
        ...{ busyMs: 600 + others, harnessMs: 100, brokersMs: { 1: 500 } },
      });
    }
    expect(summaryOf(run)).toMatch(words);
  });

  test('is what one wants to know, in order', () => {
    using run = leaderKillRun();
    expect(summaryOf(run, { folder: 'reports/x' })).toMatchInlineSnapshot(`
      "VERDICT PASS  leader-kill

      75,600 records acknowledged, 0 failed, 0 unknown, 75,600 in the log
      0 lost, 0 duplicated, 0 reordered
      group billing: 75,600 delivered, 0 again, 0 skipped, 0 behind

      ✓ lost == 0  0
      ✓ p99(ack) of checkout during steady < 250ms  20.7 ms
      ✓ p99(ack) during slow-network < 600ms  73.6 ms
      ✓ unavailable after leader-dies < 15s  9.01 s
      ✓ recovery after leader-dies < 20s  4.60 s

      leader-dies: kill leader of orders/0 (broker 1), 15.0 s to 27.4 s; unavailable 9.01 s on orders/0, recovered in 4.60 s; process 77 is gone
      slow-network: latency clients -> brokers (clients -> brokers 1, 2, 3), 45.0 s to 53.0 s; unavailable 7.00 ms on orders/0, recovered in 0 ms; process 77 is gone

      checkout: 72,000 records sent, 1,200 records/sec (1.23 MB/sec), 8.08 ms p50, 7.00 s p99, 9.00 s p99.9, 9.00 s max
      billing: 72,000 records received, 1,200 records/sec (1.23 MB/sec), 14.1 ms p50, 7.01 s p99, 9.01 s p99.9, 9.01 s max

      reports/x
      "
    `);
  });

  test('says why a run that had no traffic says nothing', () => {
    using run = new RunBuilder();
    const text = summaryOf(run.audited(0, 0).audited(1, 0));
    expect(text).toContain('VERDICT UNKNOWN');
    expect(text).toContain('load checkout sent no record [no-traffic]');
    expect(text).toContain('checkout: 0 records sent, – (–), no latency');
  });

  test('says that the log was not audited, instead of zeros', () => {
    using run = new RunBuilder();
    const text = summaryOf(run.acked(0, 0, 10, 0));
    expect(text).toContain('10 records acknowledged, 0 failed, 0 unknown\n');
    expect(text).toContain('the log was not audited');
    expect(text).not.toContain('0 lost');
  });

  test('in colour is the same text', () => {
    using run = leaderKillRun(leaderKillScenario(), 2);
    const evidence = run.finish();
    const result = verify(run.scenario, evidence, measure(run.scenario, evidence));
    const coloured = summary(result, { colour: true });
    expect(coloured).not.toBe(summary(result));
    expect(stripVTControlCharacters(coloured)).toBe(summary(result));
  });
});

describe('a live run', () => {
  const scenario = leaderKillScenario();
  const start: readonly RunEvent[] = [
    { t: 0, type: 'broker-started', broker: 1, pid: 1, dataDir: '' },
    { t: 0, type: 'broker-started', broker: 2, pid: 2, dataDir: '' },
    { t: 9, type: 'schedule', warmupUs: 0, measureUs: atSecond(0), endUs: atSecond(60) },
    { t: atSecond(0), type: 'phase-started', phase: 'measure' },
  ];
  const started = start.reduce(fold, liveState(scenario));

  test('begins with what is known', () => {
    expect(line(liveState(scenario))).toBe(
      'starting; checkout: 0 offered, 0 acknowledged, 0 waiting; billing: 0 received; 0 of 3 nodes up',
    );
  });

  test('says nothing of brokers that others run', () => {
    const cluster = { ...scenario.cluster, provider: 'external' as const };
    expect(line(liveState({ ...scenario, cluster }))).toMatch(/; external cluster$/);
  });

  test('adds up workers and shows the rate of the last whole second', () => {
    const lines = [
      {
        load: 'checkout',
        worker: 0,
        second: 0,
        offered: 60,
        acknowledged: 50,
        ackedNow: 50,
        backlog: 10,
      },
      {
        load: 'checkout',
        worker: 1,
        second: 0,
        offered: 40,
        acknowledged: 40,
        ackedNow: 40,
        backlog: 1,
      },
      { load: 'checkout', worker: 0, second: 1, offered: 60, failed: 1, backlog: 4 },
      { load: 'nobody', worker: 0, second: 1, offered: 60 },
    ];
    const state = lines.reduce(fold, fold(started, { type: 'tick', t: atSecond(20) }));
    expect(line(state)).toBe(
      'measure, 40 s left; checkout: 160 offered, 90 acknowledged at 90/s, 5 waiting, 1 error; billing: 0 received; 2 of 3 nodes up',
    );
  });

  test('shows what the follower sees, once there is one', () => {
    const seen = { read: 12_000, lost: 0, gone: 0, hidden: 3, skipped: 0 };
    const at = atSecond(20);
    const place = { topic: 'orders', partition: 0 };
    const events: readonly RunEvent[] = [
      { t: at, type: 'followed', ...seen },
      { t: at, type: 'follower-hidden', ...place, count: 3, highWatermark: 40 },
    ];
    const hidden = events.reduce(fold, started);
    expect(line(hidden)).toContain('; followed: 12,000 records read, 0 lost, 3 not yet visible; ');
    expect(hidden.told.map(({ text }) => text)).toEqual([
      'orders/0: 3 records acknowledged and not yet visible behind offset 40',
    ]);
    const gone: readonly RunEvent[] = [
      { t: at, type: 'follower-gone', ...place, count: 2, runs: [{ offset: 38, count: 2 }] },
      { t: at, type: 'follower-lost', ...place, count: 1, offset: 40, stream: 0, first: 7 },
      { t: at, type: 'followed', ...seen, lost: 1, gone: 2, hidden: 0, skipped: 9 },
    ];
    const state = gone.reduce(fold, hidden);
    expect(render(state, 90).slice(3, 4)).toEqual([
      '  followed: 12,000 records read, 1 lost, 0 not yet visible, 2 read and gone, 9 skipped',
    ]);
    expect(state.recent.slice(-2).map((text) => text.trim())).toEqual([
      '20.0 s  orders/0: 2 records that had been read are gone, from offset 38 on',
      '20.0 s  orders/0: an acknowledged record is not at its offset, 40',
    ]);
  });

  test('shows a fault while it is in force', () => {
    const events: readonly RunEvent[] = [
      {
        t: atSecond(15),
        type: 'fault-injected',
        fault: 'leader-dies',
        kind: 'kill',
        where: 'leader of orders/0',
        target: 'broker 2',
      },
      {
        t: atSecond(15),
        type: 'broker-exited',
        broker: 2,
        code: null,
        signal: 'SIGKILL',
        expected: true,
      },
    ];
    const hit = events.reduce(fold, started);
    expect(render(hit, 80)).toEqual(
      [
        'leader-kill  measure, 45 s left  1 of 3 nodes up',
        '  checkout: 0 offered, 0 acknowledged, 0 waiting',
        '  billing: 0 received',
        '  ! leader-dies: broker 2',
        '           broker 1 started',
        '           broker 2 started',
        '    0.0 s  measure begins',
        '   15.0 s  leader-dies: kill broker 2',
        '   15.0 s  broker 2 ended (SIGKILL)',
      ].filter((text) => !text.includes('broker 1 started')),
    );
    const healed = fold(hit, { t: atSecond(30), type: 'fault-healed', fault: 'leader-dies' });
    expect(render(healed, 80).join()).not.toContain('! leader-dies');
    for (const text of render(hit, 20)) expect(text.length).toBeLessThanOrEqual(20);
  });
});
