/** The page: complete, self-contained, small, and deaf to what topic names and logs want of it. */
import { writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import { renderHtml } from '../../src/report/html.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { verify } from '../../src/verify/verdict.ts';
import { leaderKillRun, leaderKillScenario } from '../fixtures/leader-kill.ts';
import { aScenario, atSecond, produceLoad, RunBuilder } from '../fixtures/run-builder.ts';

async function pageOf(run: RunBuilder, resolved = 'name: x\n'): Promise<string> {
  const evidence = run.finish();
  const { scenario } = run;
  const measures = measure(scenario, evidence);
  const result = verify(scenario, evidence, measures);
  return renderHtml({ scenario, resolved, evidence, measures, result });
}

/** The page without Vega's runtime, which is not ours. */
const ours = (page: string): string =>
  page.replace(/<script>[\s\S]*?<\/script>/g, '<script></script>');

// A page compiles nine charts; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

describe('a minute of leader-kill', () => {
  test('is one small page that asks nothing of the network', async () => {
    using run = leaderKillRun();
    const page = await pageOf(run);
    const preview = process.env['ORDEAL_PREVIEW'];
    if (preview !== undefined) writeFileSync(preview, page);
    expect(page.length).toBeLessThan(1_500_000);
    expect(ours(page)).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
    expect(page.includes('content="default-src &#39;none&#39;;')).toBe(true);
  });

  test('says what was asked, what happened and why', async () => {
    using run = leaderKillRun();
    const page = ours(await pageOf(run));
    for (const text of [
      'Does an acks=all topic survive',
      '75,600 records were acknowledged, and none of them was found missing from the log.',
      'all 5 expectations held',
      'broker.session.timeout.ms, 9.00 s by default',
      'orders/0',
      'recovery after leader-dies &lt; 20s',
    ]) {
      expect(page.includes(text), text).toBe(true);
    }
  });

  test('shows a loss with its fault', async () => {
    using run = leaderKillRun(leaderKillScenario(), 3);
    const page = ours(await pageOf(run));
    expect(page.includes('acknowledged-loss × 3')).toBe(true);
    expect(page.includes('The expectation lost == 0 did not hold: it was 3.')).toBe(true);
  });
});

test('a log that was not audited has no numbers on the page', async () => {
  using run = new RunBuilder();
  const page = ours(await pageOf(run.acked(0, 0, 10, 0)));
  expect(page).toContain('<dt>lost</dt><dd>not audited</dd>');
  expect(page).toContain('whether they are in the log was not audited');
  expect(page).toContain('<p>The log was not audited.</p>');
});

describe('escaping', () => {
  const EVIL = '<script>alert(1)</script>';
  const evil: Scenario = aScenario({
    name: EVIL,
    question: `${EVIL} & "quotes"`,
    topics: { [EVIL]: { partitions: 1, replicas: 3, config: {} } },
    load: [produceLoad({ name: EVIL, topic: EVIL })],
  });

  test('of names, log lines and the scenario', async () => {
    using run = new RunBuilder(evil);
    run.second({ load: EVIL, second: 1, offered: 1, failedNow: 1, failed: 1 });
    run.event({
      t: atSecond(1),
      type: 'client-error',
      load: EVIL,
      worker: 0,
      code: EVIL,
      message: `</pre>${EVIL}`,
      count: 1,
    });
    run.event({
      t: atSecond(1),
      type: 'leadership',
      topic: EVIL,
      partition: 0,
      leader: 1,
      epoch: 0,
      isr: [1],
      replicas: [1, 2, 3],
    });
    run.event({ t: atSecond(2), type: 'aborted', code: 'x', message: EVIL });
    run.environment({ hostname: EVIL });
    const page = await pageOf(run, `# ${EVIL}\n`);
    expect(page).not.toContain('<script>alert');
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('\\u003cscript>');
  });

  test('of secrets', async () => {
    using run = new RunBuilder();
    run.environment({ connection: { 'sasl.password': 'hunter2' } });
    const page = await pageOf(run, 'connection:\n  ssl.keystore.password: hunter2\n');
    expect(page).not.toContain('hunter2');
  });
});

test('an empty run has a page, too', async () => {
  using run = new RunBuilder();
  const page = ours(await pageOf(run));
  expect(page).toContain('No record was sent.');
  expect(page).toContain('–');
  expect(page).not.toContain('NaN');
  expect(page).not.toContain('undefined');
});
