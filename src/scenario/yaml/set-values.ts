/** `--set path=value`: overrides or adds one value of the scenario, as if it stood in the file. */
import { z } from 'zod';
import { scenarioSchema } from '../schema/scenario-schema.ts';
import { nearest } from '../suggest.ts';
import { readYaml } from './read-yaml.ts';
import { type MapEntry, type MapNode, type Origin, scalar, type TreeNode } from './tree.ts';
import { FAULTS, LOADS } from './verbs.ts';

export type SetProblem = {
  /** What stands before the `=`. */
  readonly name: string;
  readonly message: string;
  readonly hint?: string | undefined;
};

/** The tree with every setting applied in order, and what is wrong with the settings themselves. */
export function applySettings(
  root: TreeNode,
  settings: readonly string[],
): { readonly root: TreeNode; readonly problems: readonly SetProblem[] } {
  const problems: SetProblem[] = [];
  let tree = root;
  for (const setting of settings) {
    const name = (setting.split('=', 1)[0] ?? '').trim();
    try {
      tree = applySetting(tree, name, setting);
    } catch (error) {
      if (!(error instanceof SettingRefused)) throw error;
      problems.push({ name: name || setting, message: error.message, hint: error.hint });
    }
  }
  return { root: tree, problems };
}

class SettingRefused extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

function applySetting(root: TreeNode, name: string, setting: string): TreeNode {
  const cut = setting.indexOf('=');
  if (cut < 0 || name === '') {
    const example = 'write --set topics.orders.partitions=3';
    throw new SettingRefused(`\`${setting}\` is not NAME=VALUE`, example);
  }
  if (name.split('.').includes('')) {
    throw new SettingRefused(`\`${name}\` has an empty part between its dots`);
  }
  const value = valueNode(setting.slice(cut + 1), { kind: 'set', name });
  return put(root, name, value, { schema: scenarioSchema, name });
}

/** Text is taken as it is; `[…]` and `{…}` are read as YAML. */
function valueNode(text: string, origin: Origin): TreeNode {
  if (!/^\s*[[{]/.test(text)) return scalar(text, origin);
  const { tree, problems } = readYaml(text);
  const problem = problems[0];
  if (problem !== undefined)
    throw new SettingRefused(`the value: ${problem.message}`, problem.hint);
  return tree === undefined ? scalar(text, origin) : relocated(tree, origin);
}

function relocated(node: TreeNode, origin: Origin): TreeNode {
  if (node.kind === 'scalar') return { ...node, origin };
  if (node.kind === 'list') {
    return { ...node, origin, items: node.items.map((item) => relocated(item, origin)) };
  }
  const entries = new Map<string, MapEntry>();
  for (const [key, { value }] of node.entries) {
    entries.set(key, { key: origin, value: relocated(value, origin) });
  }
  return { ...node, origin, entries };
}

type Schema = z.core.$ZodType;
/** How far into the schema a setting has come; undefined where any key goes. */
type Target = { readonly schema: Schema | undefined; readonly name: string };

function put(node: TreeNode | undefined, rest: string, value: TreeNode, target: Target): TreeNode {
  if (rest === '') return value;
  if (node?.kind === 'list')
    return putItem(node.items, rest, value, { ...target, origin: node.origin });
  if (node?.kind === 'scalar' && !node.absent) {
    throw new SettingRefused(`\`${rest}\` cannot be set below a text value`);
  }
  const map: MapNode =
    node?.kind === 'map' ? node : { kind: 'map', entries: new Map(), origin: value.origin };
  const key = chooseKey(map, rest, target.schema);
  const entry = map.entries.get(key);
  if (entry === undefined) checkNewName(map, key, rest.slice(key.length + 1), target);
  const inner = put(entry?.value, rest.slice(key.length + 1), value, {
    ...target,
    schema: childOf(target.schema, key),
  });
  const entries = new Map(map.entries);
  entries.set(key, { key: entry?.key ?? value.origin, value: inner });
  return { ...map, entries };
}

/** A parameter for a load or a fault that is not there is a slip, if one with nearly that name is. */
function checkNewName(map: MapNode, key: string, rest: string, { schema, name }: Target): void {
  const child = unwrap(schema) instanceof z.ZodRecord ? unwrap(childOf(schema, key)) : undefined;
  if (rest === '' || !(child instanceof z.ZodDiscriminatedUnion)) return;
  const near = nearest(key, map.entries.keys());
  const [step = ''] = rest.split('.', 1);
  if (near === undefined || [...FAULTS.verbs, ...LOADS.verbs, 'kind'].includes(step)) return;
  const path = name.slice(0, name.length - rest.length - 1);
  throw new SettingRefused(`there is no \`${path}\``, `did you mean \`${near}\`?`);
}

function putItem(
  items: readonly TreeNode[],
  rest: string,
  value: TreeNode,
  target: Target & { readonly origin: Origin },
): TreeNode {
  const [step = ''] = rest.split('.', 1);
  const index = Number(step);
  if (!/^\d+$/.test(step) || index > items.length) {
    throw new SettingRefused(
      `\`${step}\` is not a place in a list of ${items.length}`,
      `use a number from 0 to ${items.length}`,
    );
  }
  const schema = childOf(target.schema, step);
  const item = put(items[index], rest.slice(step.length + 1), value, { ...target, schema });
  const changed = index < items.length ? items.with(index, item) : [...items, item];
  return { kind: 'list', origin: target.origin, items: changed };
}

/**
 * The key that `rest` starts with. Names may hold dots, so the longest one that is there or known wins; a new
 * name ends where a known key follows; Kafka's settings take all that is left.
 */
function chooseKey(map: MapNode, rest: string, schema: Schema | undefined): string {
  const object = unwrap(schema);
  const known = [...map.entries.keys(), ...keysOf(object)];
  const longest = known
    .filter((key) => rest === key || rest.startsWith(`${key}.`))
    .sort((a, b) => b.length - a.length)[0];
  if (longest !== undefined) return longest;
  const prefixes = [...rest.matchAll(/\.|$/g)].map((dot) => rest.slice(0, dot.index));
  const below = keysOf(unwrap(childOf(schema, '')));
  if (object instanceof z.ZodRecord && below.length === 0) return rest;
  const followed = prefixes.find((prefix) =>
    below.some((key) => `${rest.slice(prefix.length)}.`.startsWith(`.${key}.`)),
  );
  return followed ?? prefixes[0] ?? rest;
}

function unwrap(schema: Schema | undefined): Schema | undefined {
  return schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
    ? unwrap(schema.def.innerType)
    : schema;
}

function childOf(schema: Schema | undefined, key: string): Schema | undefined {
  const outer = unwrap(schema);
  if (outer instanceof z.ZodObject) return outer.shape[key];
  if (outer instanceof z.ZodRecord) return outer.def.valueType;
  if (outer instanceof z.ZodArray) return outer.def.element;
  if (outer instanceof z.ZodUnion) {
    const options = outer.def.options.map((option) => childOf(option, key));
    return options.find((option) => option !== undefined);
  }
  return undefined;
}

function keysOf(schema: Schema | undefined): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (!(schema instanceof z.ZodUnion)) return [];
  const verbs = 'discriminator' in schema.def ? [...FAULTS.verbs, ...LOADS.verbs] : [];
  return [...schema.def.options.flatMap(keysOf), ...verbs];
}
