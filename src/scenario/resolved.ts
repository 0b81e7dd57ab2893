/**
 * The scenario written out again with every default filled in, as YAML that loads to the same scenario. Secrets
 * stay `${VAR}`: what is stored beside a run never holds one.
 */
import { Document, Scalar, visit } from 'yaml';
import { z } from 'zod';
import { DEFAULT_EXPONENT, defaultReplicas } from './build.ts';
import { looksSecret } from './checks/connection.ts';
import type { Path } from './problem.ts';
import type { Scenario } from './scenario.ts';
import { scenarioSchema } from './schema/scenario-schema.ts';
import { optionFor } from './yaml/collect.ts';
import { escapeVariables } from './yaml/interpolate.ts';
import { isPlainMap, type Plain, type TreeNode } from './yaml/tree.ts';
import { nameVerbs, unnameVerbs } from './yaml/verbs.ts';

/** The tree must be free of problems. */
export function writeResolved(tree: TreeNode, scenario: Scenario): string {
  const named = nameVerbs(stored(tree, []) as PlainMap, () => {}).plain;
  const filled = fill(scenarioSchema, withContext(named, scenario)) as PlainMap;
  const document = new Document(unnameVerbs(filled), { schema: 'failsafe' });
  visit(document, {
    Scalar: (_, node) => {
      // Without quotes an empty value would read as no value.
      if (node.value === '') node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const question = scenario.question.split('\n').map((line) => `# ${line}`.trimEnd());
  const head = scenario.question === '' ? '' : `${question.join('\n')}\n`;
  return `${head}${document.toString({ lineWidth: 0 })}`;
}

type PlainMap = { readonly [key: string]: Plain };

function stored(node: TreeNode, path: Path): Plain {
  if (node.kind === 'list') return node.items.map((item, index) => stored(item, [...path, index]));
  if (node.kind === 'map') {
    return Object.fromEntries(
      [...node.entries].map(([key, { value }]) => [key, stored(value, [...path, key])]),
    );
  }
  if (node.absent) return null;
  return staysVariable(path) ? node.raw : escapeVariables(node.text);
}

function staysVariable(path: Path): boolean {
  const key = String(path.at(-1) ?? '');
  // `keys` is the key model of a load.
  const secret = looksSecret(key) && key !== 'keys';
  return secret || (path[0] === 'cluster' && path[1] === 'connection');
}

/** Puts the schema's defaults where the value has nothing. */
function fill(schema: z.core.$ZodType, value: Plain | undefined): Plain | undefined {
  if (schema instanceof z.ZodPrefault) {
    return fill(schema.def.innerType, value ?? (schema.def.defaultValue as Plain));
  }
  if (schema instanceof z.ZodOptional) return fill(schema.def.innerType, value);
  if (schema instanceof z.ZodUnion) {
    const option = optionFor(schema, value);
    return option === undefined ? value : fill(option, value);
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => fill(schema.def.element, item) as Plain);
  }
  if (!isPlainMap(value)) return value;
  if (schema instanceof z.ZodRecord) {
    const entries = Object.entries(value).map(([key, item]) => [
      key,
      fill(schema.def.valueType, item),
    ]);
    return Object.fromEntries(entries);
  }
  if (!(schema instanceof z.ZodObject)) return value;
  const entries = Object.entries(schema.shape).map(([key, field]) => [
    key,
    fill(field, value[key]),
  ]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/** Defaults that depend on other values. */
function withContext(plain: PlainMap, scenario: Scenario): PlainMap {
  const replicas = String(defaultReplicas(scenario.cluster.brokers));
  const topics = mapEntries(plain['topics'], (topic) => ({
    ...topic,
    replicas: topic['replicas'] ?? replicas,
  }));
  const load = mapEntries(plain['load'], (entry, name) => {
    if (entry['kind'] === 'consume') return { ...entry, group: entry['group'] ?? name };
    const keys = entry['keys'];
    const zipf = isPlainMap(keys) && Object.hasOwn(keys, 'zipf');
    return {
      ...entry,
      ...(zipf ? { keys: { exponent: String(DEFAULT_EXPONENT), ...keys } } : {}),
      ...(Object.hasOwn(entry, 'stages') ? { from: entry['from'] ?? '0/s' } : {}),
    };
  });
  return { ...plain, topics, load };
}

function mapEntries(
  value: Plain | undefined,
  change: (entry: PlainMap, name: string) => PlainMap,
): PlainMap {
  if (!isPlainMap(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      isPlainMap(entry) ? change(entry, name) : entry,
    ]),
  );
}
