/** Shipped scenarios and their short copies load, say what they ask, and fit the published JSON Schema. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import { scenarioJsonSchema } from '../../src/scenario/schema/json-schema.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const list = (folder: string): string[] =>
  readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => `${folder}${path}`)
    .sort();

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(read('scenarios/scenario.schema.json')),
);

test('the committed JSON Schema is fresh', () => {
  expect(JSON.parse(read('scenarios/scenario.schema.json'))).toEqual(
    JSON.parse(JSON.stringify(scenarioJsonSchema())),
  );
});

/** Everything else has a default; a password must not. */
const env = { KAFKA_PASSWORD: 'secret' };

describe.each([...list('scenarios/'), ...list('test/scenarios/')])('%s', (path) => {
  const text = read(path);
  const loaded = loadScenario(text, { file: path, env });

  test('opens with its question, its expected answer and the schema for editors', () => {
    const head = text
      .split('\n')
      .filter(
        (line, index, all) =>
          all.slice(0, index + 1).every((one) => one.startsWith('#')) && line !== '',
      );
    expect(loaded.scenario.question).toMatch(/\?[\s\S]*Expected: /);
    expect(head.at(-1)).toMatch(/^# yaml-language-server: \$schema=.*scenario\.schema\.json$/);
    const schema = /\$schema=(.*)$/.exec(head.at(-1) ?? '')?.[1] ?? '';
    expect(new URL(schema, new URL(path, ROOT)).href).toBe(
      new URL('scenarios/scenario.schema.json', ROOT).href,
    );
  });

  test('is called as its file', () => {
    expect(path.endsWith(`/${loaded.scenario.name}.yaml`)).toBe(true);
  });

  test('fits the JSON Schema as an editor reads it, and so does its resolved form', () => {
    for (const yaml of [text, loaded.resolved]) {
      validate(parse(yaml));
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  test('reads back from its resolved form', () => {
    const again = loadScenario(loaded.resolved, { file: 'r', env, missingEnv: 'empty' });
    expect(again.scenario).toEqual(loaded.scenario);
  });

  test('lasts as long as it may', () => {
    const { warmupMs, measureMs } = loaded.scenario.phases;
    const [least, most] = path.startsWith('test/') ? [0, 40_000] : [60_000, 150_000];
    expect(warmupMs + measureMs).toBeGreaterThanOrEqual(least);
    expect(warmupMs + measureMs).toBeLessThanOrEqual(most);
  });
});

test.each([
  ['a bare number', { phases: { warmup: 10 } }],
  ['an unknown key', { clutser: {} }],
  ['an unknown verb', { faults: { a: { at: '1s', kil: 'broker 1' } } }],
  ['two verbs', { faults: { a: { at: '1s', kill: 'broker 1', pause: 'broker 1' } } }],
  ['no time', { faults: { a: { kill: 'broker 1' } } }],
])('the JSON Schema refuses %s', (_, part) => {
  const scenario = { name: 'x', topics: { t: {} }, load: { l: { produce: 't', rate: '1/s' } } };
  expect(validate(scenario)).toBe(true);
  expect(validate({ ...scenario, ...part })).toBe(false);
});
