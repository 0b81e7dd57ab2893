/** Finished runs as sides of a comparison: their folders, their values, which are refused, and baselines of them. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FILES } from '../../../src/evidence/run-folder.ts';
import { readBaseline, saveBaseline } from '../../../src/experiment/compare/baseline.ts';
import { compareRecorded } from '../../../src/experiment/compare/compare-recorded.ts';
import { sideOf } from '../../../src/experiment/compare/recorded-side.ts';
import { refusalOf } from '../../../src/experiment/compare/refusal.ts';
import { readRecordedRun, runFolders } from '../../../src/experiment/compare/runs.ts';
import type { Reason, Result } from '../../../src/verify/result.ts';
import { expectation, RunBuilder } from '../../fixtures/run-builder.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ordeal-compare-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const SCENARIO = `name: recorded
cluster: { brokers: 1 }
topics:
  orders: { partitions: 1, replicas: 1 }
load:
  checkout: { produce: orders, rate: 100/s, size: 32B, config: { acks: all } }
phases: { warmup: 0s, measure: 3s, drain: 10s }
`;

const GOOD = { delivery: { lost: 0 }, reasons: [], expectations: [] } as unknown as Result;

/** A finished run whose acknowledgements took so long. */
function finishedRun(ackMs: number, result: Partial<Result> = {}): string {
  using run = new RunBuilder();
  for (let second = 0; second < 3; second++) {
    run.second({ second, offered: 100, acknowledged: 100, ackedNow: 100, cpuMicros: 500 });
    run.latency('ack', second, [ackMs], 'checkout', 100);
  }
  run.finish();
  const folder = join(scratch, `run-${runs++}`);
  mkdirSync(folder);
  copy(run.folder, folder);
  writeFileSync(join(folder, FILES.scenario), SCENARIO);
  writeFileSync(join(folder, FILES.result), JSON.stringify({ ...GOOD, ...result }));
  return folder;
}

let runs = 0;

function copy(from: string, to: string): void {
  rmSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
}

const side = (from: string, folders: readonly string[]) =>
  sideOf(from, folders.map(readRecordedRun));

const RULES = {
  error: 0.01,
  practical: 0.1,
  tolerance: 0,
  deciding: ['rate', 'p50(ack)', 'cpu(producers)'],
};

test('a run gives its values', () => {
  const { values, refusal, scenario } = readRecordedRun(finishedRun(7));
  expect({ refusal, scenario }).toEqual({ refusal: null, scenario: 'recorded' });
  expect(values).toMatchObject({ rate: 10, 'cpu(producers)': 5, 'p99(e2e)': null });
  expect(values['p50(ack)']).toBeCloseTo(7, 1);
});

test('a folder of runs is all of them, by number', () => {
  const folder = join(scratch, 'campaign');
  for (const name of ['run-10', 'run-9', 'logs'])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['run-10', 'run-9']) writeFileSync(join(folder, name, FILES.run), '{}');
  expect(runFolders(folder)).toEqual([join(folder, 'run-9'), join(folder, 'run-10')]);
  expect(() => runFolders(join(folder, 'logs'))).toThrow(/has none in it/);
  expect(() => runFolders(join(scratch, 'nothing'))).toThrow(/is not a run folder/);
  expect(() => readRecordedRun(join(folder, 'run-9'))).toThrow(/not a finished run/);
});

test('two sides of runs are compared, and leave findings and a page', async () => {
  const base = side(
    'base',
    [7, 7.1, 6.9, 7, 7.05, 6.95].map((ms) => finishedRun(ms)),
  );
  const candidate = side(
    'candidate',
    [14, 14.2, 13.9, 14, 14.1, 13.8].map((ms) => finishedRun(ms)),
  );
  const folder = join(scratch, 'compared');
  const concluded = await compareRecorded({ base, candidate, rules: RULES, folder, version: '1' });
  expect(concluded.pageError).toBeNull();
  expect(concluded.found).toMatchObject({ answer: 'worse', verdict: 'fail', exitCode: 1 });
  const written = JSON.parse(readFileSync(join(folder, 'compare.json'), 'utf8'));
  expect(written).toMatchObject({ format: 1, kind: 'compare', exitCode: 1, differences: [] });
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('p50 response time');
  const same = await compareRecorded({
    ...{ base, candidate: base, rules: RULES, version: '1' },
    folder: join(scratch, 'same'),
  });
  expect(same.found).toMatchObject({ answer: 'no difference', exitCode: 0 });
});

test('a run that lost records is not compared, however fast', async () => {
  const delivery = { ...GOOD.delivery, lost: 3 };
  const base = side('base', [finishedRun(7)]);
  const candidate = side('candidate', [finishedRun(7), finishedRun(1, { delivery })]);
  const folder = join(scratch, 'refused');
  const { found } = await compareRecorded({ base, candidate, rules: RULES, folder, version: '1' });
  expect(found).toMatchObject({ answer: 'refused', exitCode: 1, metrics: [] });
  expect(found.refusal?.why).toMatch(/run-\d+: it lost 3 acknowledged records/);
  expect(() => saveBaseline(scratch, 'bad', candidate)).toThrow(/lost 3 acknowledged/);
});

const reason = (code: Reason['code']): Reason => ({ code, message: `because ${code}`, at: null });

test.each([
  ['guarantee-violated', 'delivery'],
  ['generator-bound', 'generator'],
  ['environment-failed', 'unusable'],
  ['fault-not-effective', 'unusable'],
] as const)('%s is a reason not to compare: %s', (code, kind) => {
  const refusal = refusalOf({ expect: [] }, { ...GOOD, reasons: [reason(code)] });
  expect(refusal).toEqual({ kind, why: `because ${code}` });
});

test('a missed latency is compared, a missed promise is not', () => {
  const failed = (text: string) =>
    refusalOf(
      { expect: [expectation(text)] },
      {
        ...GOOD,
        reasons: [reason('expectation-failed')],
        expectations: [{ expression: text, actual: 1, unit: 'count', verdict: 'fail' }],
      },
    );
  expect(failed('p99(ack) < 5')).toBeNull();
  expect(failed('duplicated == 0')?.kind).toBe('delivery');
});

test('a baseline outlives its runs', () => {
  const folder = join(scratch, 'baselines');
  const saved = side('base', [finishedRun(7), finishedRun(8)]);
  expect(saveBaseline(folder, 'main', saved)).toBe(join(folder, 'main.json'));
  expect(readBaseline(folder, 'main')).toEqual({ ...saved, from: 'baseline main' });
  expect(() => readBaseline(folder, 'other')).toThrow(/there is no baseline other/);
  expect(() => saveBaseline(folder, '../main', saved)).toThrow(/name is letters/);
  for (const text of [
    '{',
    'null',
    '{"kind":"baseline","format":9}',
    '{"kind":"baseline","format":1}',
  ]) {
    writeFileSync(join(folder, 'torn.json'), text);
    expect(() => readBaseline(folder, 'torn')).toThrow(/is not a baseline/);
  }
});
