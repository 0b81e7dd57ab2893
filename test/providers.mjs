/**
 * `npm run test:providers -- [NAME…]`: every shipped scenario that both providers can run, or those that are named,
 * whole, three times on each, in turns. What was run before in reports/providers is not run again, so it can be interrupted. Prints a table, and
 * writes it to scenarios/PROVIDERS.md when it is complete. Takes hours; the machine should have nothing else to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const named = process.argv.slice(2);
const TIMES = 3;
const RUNS = 'reports/providers';
const PROVIDERS = ['local', 'docker'];
const NO_RESULT = 'no result';

const shared = readdirSync('scenarios', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .filter(
    (file) => !/provider: (docker|external)/.test(readFileSync(join('scenarios', file), 'utf8')),
  )
  .map((file) => file.slice(0, -'.yaml'.length))
  .sort();
const scenarios = shared.filter((name) => named.length === 0 || named.includes(name));

const folderOf = (scenario, provider, n) =>
  join(RUNS, provider, `${scenario.replaceAll('/', '-')}-${n}`);

const resultOf = (scenario, provider, n) => {
  const path = join(folderOf(scenario, provider, n), 'result.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
};

function runOnce(scenario, provider, n) {
  const out = folderOf(scenario, provider, n);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(RUNS, provider), { recursive: true });
  const args = ['dist/cli/main.js', 'run', `scenarios/${scenario}.yaml`];
  const { status } = spawnSync(process.execPath, [...args, '--provider', provider, '--out', out], {
    stdio: 'ignore',
  });
  const result = resultOf(scenario, provider, n);
  const why = result?.reasons.map(({ code }) => code).join(', ') ?? '';
  console.error(`${scenario} ${provider} ${n}: exit ${status} ${result?.verdict ?? ''} ${why}`);
}

for (let n = 1; n <= TIMES; n++) {
  for (const scenario of scenarios) {
    for (const provider of PROVIDERS) {
      if (resultOf(scenario, provider, n) === null) runOnce(scenario, provider, n);
    }
  }
}

const numbers = Array.from({ length: TIMES }, (_, i) => i + 1);
const verdicts = (scenario, provider) =>
  numbers.map((n) => resultOf(scenario, provider, n)?.verdict ?? NO_RESULT);
const rows = scenarios.map((scenario) => {
  const told = PROVIDERS.map((provider) => verdicts(scenario, provider));
  const agreed = new Set(told.flat()).size === 1 && !told.flat().includes(NO_RESULT);
  return {
    agreed,
    line: `| ${[scenario, ...told.map((all) => all.join(', ')), agreed ? 'yes' : 'no'].join(' | ')} |`,
  };
});
const table = [
  '| scenario | local | docker | agree |',
  '|---|---|---|---|',
  ...rows.map(({ line }) => line),
].join('\n');
const day = new Date().toISOString().slice(0, 10);
writeFileSync(
  'scenarios/PROVIDERS.md',
  `# The same verdict in containers and without\n\nWritten by \`npm run test:providers\` on ${day}, Node ${process.version}: ${rows.length} of the ${shared.length} shipped scenarios that both can run.\n\n${table}\n`,
);
console.log(table);
process.exitCode = rows.every(({ agreed }) => agreed) ? 0 : 1;
