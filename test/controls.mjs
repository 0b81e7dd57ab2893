/**
 * `npm run test:controls [NAME…]`: every known answer in scenarios/control, whole, on real brokers. Each must come to
 * its own answer, which is exit code 0: the violation is found where one must happen, and nothing is found where none
 * may. Those that need containers are told as skipped where no engine answers. Prints a table, and writes it to
 * scenarios/control/RESULTS.md when all of them were run.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER = 'scenarios/control';
const ORDEAL = process.env.ORDEAL_TEST_BUILD ?? 'dist';
const named = process.argv.slice(2);
const all = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length));
const chosen = named.length === 0 ? all : named;
const scratch = mkdtempSync(join(tmpdir(), 'ordeal-controls-'));

const ordeal = (...args) =>
  spawnSync(process.execPath, [join(ORDEAL, 'cli/main.js'), ...args], { encoding: 'utf8' });

/** Those that leave the provider open run without containers. */
function runControl(name) {
  const file = join(FOLDER, `${name}.yaml`);
  const text = readFileSync(file, 'utf8');
  const docker = text.includes('provider: docker');
  const out = join(scratch, name);
  const flags = docker ? [] : ['--provider', 'local'];
  const { status, stderr } = ordeal('run', file, ...flags, '--out', out);
  const must = /^must-find: (\S+)/m.exec(text)?.[1] ?? 'nothing';
  if (status === 2 && docker) return { name, must, status: null, why: 'no engine' };
  const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'));
  if (status !== 0) console.error(stderr.split('\n').slice(-40).join('\n'));
  return { name, must, status, result };
}

const count = (value) => (value === null ? 'not audited' : value.toLocaleString('en-US'));

function row({ name, must, status, result, why }) {
  if (status === null) return `| ${name} | ${must} | skipped: ${why} | | | | | |`;
  const { acknowledged, unknown, lost, duplicated, anomalies } = result.delivery;
  const found = anomalies.map(
    ({ kind, judgement, count: n }) => `${kind} ${count(n)} (${judgement})`,
  );
  const cells = [acknowledged, unknown, lost, duplicated].map(count);
  return `| ${[name, must, result.verdict, ...cells, found.join(', ') || '–'].join(' | ')} |`;
}

const HEAD = [
  '| control | must find | verdict | acknowledged | unknown | lost | duplicated | found |',
  '|---|---|---|---|---|---|---|---|',
];

const told = [];
for (const name of chosen) {
  console.error(`${name} …`);
  told.push(runControl(name));
  console.error(row(told.at(-1)));
}
rmSync(scratch, { recursive: true });
const table = [...HEAD, ...told.map(row)].join('\n');
console.log(table);
const skipped = told.filter(({ status }) => status === null).length;
const failed = told.filter(({ status }) => status !== null && status !== 0).length;
if (named.length === 0) {
  const day = new Date().toISOString().slice(0, 10);
  const head = `# What the controls came to\n\nWritten by \`npm run test:controls\` on ${day}, Node ${process.version}; each of them ran once, whole.\n\n`;
  writeFileSync(join(FOLDER, 'RESULTS.md'), `${head}${table}\n`);
}
console.log(`${told.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
