/** Usage, defects and their exit codes, as a script sees them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ordeal, scratch } from './ordeal.ts';

const folder = scratch();
const skeleton = 'test/scenarios/skeleton.yaml';

describe('bad usage exits 2 with a hint', () => {
  test.each([
    [[], 'name a verb'],
    [['rum'], 'run'],
    [['run'], 'Not enough'],
    [['run', '--reuse', skeleton], 'write the scenario before --reuse'],
    [['run', skeleton, '--sed', '1'], 'sed'],
    [['run', 'no/such/file.yaml'], 'no such file'],
    [['run', skeleton, '--set', 'load.trickle.rat=1/s'], '--set load.trickle.rat'],
    [['run', skeleton, '--provider', 'cloud'], 'cloud'],
    [['run', skeleton, '--seed', 'x'], '--seed wants a whole number'],
    [['run', skeleton, '--out', 'a', '--out', 'b'], '--out was given more than once'],
    [['run', skeleton, '--repeat', '0'], '--repeat wants a whole number'],
    [['capacity', skeleton, '--budget', '5'], '--budget: a duration needs a unit'],
    [['capacity', skeleton, '--precision', '0%'], '--precision: more than 0 is needed'],
    [
      ['capacity', skeleton, '--set', 'load.checkout.rate=max'],
      'load checkout of skeleton has the rate',
    ],
    [['compare', skeleton], `nothing to compare ${skeleton} with`],
    [
      ['compare', skeleton, skeleton, '--metrics', 'p98(ack)'],
      '--metrics: p98(ack) is not compared',
    ],
    [['compare', skeleton, 'test'], 'two scenarios or two folders of runs'],
    [['compare', '--baseline', 'none', 'test'], 'there is no baseline none'],
    [['import', 'omb', 'no-workload.yaml', 'no-driver.yaml'], 'cannot read no-workload.yaml'],
    [['import', 'k6', 'a', 'b'], 'omb'],
    [['report', 'no/such/run'], 'not a run folder'],
    [['report', 'no/such/run', '--format', 'xml'], 'Choices: "omb"'],
    [['report', 'no/such/run', '--format', 'omb', '--json'], 'in one form'],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await ordeal(args);
    expect(stderr).toContain(words);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('a run folder that is not empty', async () => {
    const out = join(folder, 'full');
    mkdirSync(out);
    writeFileSync(join(out, 'precious'), 'x');
    const { code, stderr } = await ordeal(['run', skeleton, '--out', out]);
    expect(stderr).toContain('not empty');
    expect(code).toBe(2);
  });
});

test('a defect exits 70 with its stack, never 1', async () => {
  const crash = join(folder, 'crash.mjs');
  writeFileSync(crash, "process.stdout.write = () => { throw new TypeError('planted'); };");
  const { code, stderr } = await ordeal(['schema'], { execArgv: ['--import', crash] });
  expect(stderr).toContain('planted');
  expect(stderr).toContain('at ');
  expect(code).toBe(70);
});

test('--help names every verb and exits 0', async () => {
  const { code, stdout } = await ordeal(['--help']);
  for (const verb of [
    'run',
    'capacity',
    'import',
    'compare',
    'baseline',
    'validate',
    'plan',
    'report',
    'doctor',
    'clean',
    'cluster',
    'schema',
  ]) {
    expect(stdout).toContain(`ordeal ${verb}`);
  }
  expect(code).toBe(0);
});
