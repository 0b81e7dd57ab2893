/** The walking skeleton: one broker, a thousand messages, audit, result, exit code. */
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsOf, ordeal, resultOf, scratch } from '../cli/ordeal.ts';

const folder = scratch();

test('a thousand messages through one broker pass, and the folder is judged the same again', async () => {
  const out = join(folder, 'run');
  const ended = await ordeal(['run', 'test/scenarios/skeleton.yaml', '--out', out, '--json']);
  expect(ended.code, ended.stderr).toBe(0);
  const result = resultOf(out);
  expect(JSON.parse(ended.stdout)).toEqual(result);
  expect(result).toMatchObject({ verdict: 'pass', exitCode: 0, reasons: [] });
  expect(result.delivery).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, unknown: 0 });
  expect(result.delivery.acknowledged).toBeGreaterThanOrEqual(1000);
  expect(result.delivery.read).toBe(result.delivery.acknowledged);
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  expect(html).toContain('skeleton');
  expect(html).not.toMatch(/(?:src|href)="https?:/);
  for (const pid of pidsOf(out)) expect(existsSync(`/proc/${pid}`)).toBe(false);

  const again = await ordeal(['report', out, '--json']);
  expect(JSON.parse(again.stdout)).toEqual(result);
  expect(again.code).toBe(0);

  const orphan = join(folder, 'orphan');
  cpSync(out, orphan, { recursive: true });
  rmSync(join(orphan, 'result.json'));
  for (const again of ['once', 'and again']) {
    const { code } = await ordeal(['report', orphan]);
    expect(code, `a run whose harness died before the verdict is unknown, judged ${again}`).toBe(3);
  }
});

const pidsOf = (out: string): number[] =>
  eventsOf(out).flatMap((event) =>
    event.type === 'broker-started' || event.type === 'worker-started' ? [event.pid] : [],
  );
