/** Whatever the file holds, loading it gives a scenario or a ScenarioError, soon. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import { problemsOf } from './problems-of.ts';

const EXAMPLE = readFileSync(
  new URL('../../scenarios/broker-loss/leader-kill.yaml', import.meta.url),
  'utf8',
);

test('any text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => {
      expect(problemsOf(text).length).toBeGreaterThan(0);
    }),
  );
});

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '\n',
  '  ',
  '"',
  '&a ',
  '*a',
  '#',
  '0',
  's',
  ', ',
  '|',
  '!',
  '$',
  '\t',
  '? ',
];
const SPLICE = fc.record({
  at: fc.nat(EXAMPLE.length),
  cut: fc.nat(30),
  paste: fc.oneof(
    fc.constantFrom(...PIECES),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'kill: ', 'lost', '10s', '5k/s'),
    fc
      .tuple(fc.nat(EXAMPLE.length), fc.nat(60))
      .map(([from, size]) => EXAMPLE.slice(from, from + size)),
  ),
});

test('a scenario with pieces cut and pasted', () => {
  fc.assert(
    fc.property(fc.array(SPLICE, { minLength: 1, maxLength: 4 }), (splices) => {
      const text = splices.reduce(
        (before, { at, cut, paste }) => before.slice(0, at) + paste + before.slice(at + cut),
        EXAMPLE,
      );
      const problems = problemsOf(text);
      if (problems.length > 0) return;
      const { scenario, resolved } = loadScenario(text, { file: 'a', env: {} });
      expect(loadScenario(resolved, { file: 'b', env: {} }).scenario).toEqual(scenario);
    }),
    { numRuns: 400 },
  );
});

test('any setting', () => {
  const path = fc
    .array(
      fc.constantFrom(
        'faults',
        'leader-dies',
        'kill',
        'load',
        'checkout',
        'config',
        'a.b',
        'expect',
        '0',
        '__proto__',
        'topics',
        'orders',
        'phases',
        '',
      ),
      { maxLength: 5 },
    )
    .map((parts) => parts.join('.'));
  const value = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('[]', '{}', '[a', '{a: {b: c}}', '10s', 'broker 1'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(path, value), { maxLength: 3 }), (settings) => {
      problemsOf(
        EXAMPLE,
        settings.map(([name, text]) => `${name}=${text}`),
      );
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['brackets', '['.repeat(200_000)],
  ['maps', '{a: '.repeat(100_000)],
  ['items', '- '.repeat(200_000)],
  ['keys', '? '.repeat(200_000)],
  ['two megabytes', `name: ${'x'.repeat(2 * 1024 * 1024)}`],
  ['many keys', Array.from({ length: 50_000 }, (_, index) => `k${index}: 1`).join('\n')],
  ['one long line', `name: x\nexpect: ["${'a '.repeat(100_000)}"]`],
])('hostile %s', (_, text) => {
  const problems = problemsOf(text);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems[0]?.frame.length ?? 0).toBeLessThan(1000);
});

test('a prototype is no key', () => {
  const text = EXAMPLE.replace('topics:', 'topics:\n  __proto__: { partitions: 1, replicas: 3 }');
  const { scenario } = loadScenario(text, { file: 'a', env: {} });
  expect(Object.keys(scenario.topics)).toEqual(['__proto__', 'orders']);
  expect(problemsOf(`${EXAMPLE}constructor: 1\n`)).toMatchObject([
    { message: 'unknown key `constructor`' },
  ]);
});
