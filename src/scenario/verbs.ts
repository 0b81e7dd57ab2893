/**
 * Faults and loads as the user writes them (`kill: leader of orders/0`) become `{ kind, where, … }` before the
 * schema sees them, so that a mistyped verb gets one good message and a fault with two verbs another.
 */
import type { z } from 'zod';
import { type Report, unknownKey } from './collect.ts';
import type { Path } from './problem.ts';
import { faultSchema, loadSchema } from './schema.ts';
import { nearest } from './suggest.ts';
import { isPlainMap, type Plain } from './tree.ts';

/** How a family of entries is written: one of its verbs, whose value is the entry's object. */
type Family = {
  readonly section: 'faults' | 'load';
  readonly thing: string;
  /** The key that takes the verb's value. */
  readonly object: 'where' | 'topic';
  readonly verbs: readonly string[];
  /** Parameters by verb. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
};

function familyOf(
  section: Family['section'],
  thing: string,
  object: Family['object'],
  schema: { readonly options: readonly z.ZodObject[] },
): Family {
  const options = schema.options.map((option): [string, string[]] => [
    String((option.shape['kind'] as z.ZodLiteral).value),
    Object.keys(option.shape).filter((key) => key !== 'kind' && key !== object),
  ]);
  const verbs = options.map(([verb]) => verb);
  return { section, thing, object, verbs, keys: Object.fromEntries(options) };
}

export const FAULTS = familyOf('faults', 'fault', 'where', faultSchema);
export const LOADS = familyOf('load', 'load', 'topic', loadSchema);
const FAMILIES = [FAULTS, LOADS];

type PlainMap = { readonly [key: string]: Plain };

/** The scenario with its faults and loads in the schema's form; what has no verb at all is left out. */
export function nameVerbs(scenario: PlainMap, report: Report): PlainMap {
  const sections = FAMILIES.flatMap((family) => {
    const entries = scenario[family.section];
    if (!isPlainMap(entries)) return [];
    const named = Object.entries(entries).map(([name, entry]) => [
      name,
      isPlainMap(entry) ? nameVerb(family, [family.section, name], entry, report) : entry,
    ]);
    return [[family.section, Object.fromEntries(named)]];
  });
  return { ...scenario, ...Object.fromEntries(sections) };
}

function nameVerb(family: Family, path: Path, entry: PlainMap, report: Report): PlainMap {
  const verb = chooseVerb(family, path, entry, report);
  if (verb === undefined) return {};
  const { [verb.key]: object, ...rest } = entry;
  const others: Record<string, Plain> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (family.verbs.includes(key)) continue;
    // `kind` and `where` are the schema's words, not the file's.
    if (key === 'kind' || key === family.object) {
      report(unknownKey(path, key, [verb.name, ...(family.keys[verb.name] ?? [])]));
    } else {
      others[key] = value;
    }
  }
  return { kind: verb.name, [family.object]: object ?? null, ...others };
}

type Verb = { readonly name: string; readonly key: string };

function chooseVerb(
  { verbs, keys, thing }: Family,
  path: Path,
  entry: PlainMap,
  report: Report,
): Verb | undefined {
  const found = Object.keys(entry).filter((key) => verbs.includes(key));
  const [first, second] = found;
  if (second !== undefined) {
    report({
      path: [...path, second],
      onKey: true,
      message: `\`${path.join('.')}\` has ${found.length} verbs: ${found.join(', ')}`,
      hint: `a ${thing} does one thing; make one ${thing} of each`,
    });
  }
  if (first !== undefined) return { name: first, key: first };
  const parameters = new Set(Object.values(keys).flat());
  for (const key of Object.keys(entry).filter((candidate) => !parameters.has(candidate))) {
    const name = nearest(key, verbs);
    if (name === undefined) continue;
    report(unknownKey(path, key, verbs));
    return { name, key };
  }
  report({
    path,
    message: `\`${path.join('.')}\` does not say what to do`,
    hint: `add one of: ${verbs.join(', ')}`,
  });
  return undefined;
}

/** A path in the schema's words → the path in the file: `where` is the value of the verb. */
export function pathInFile(path: Path, hasKey: (path: Path) => boolean): Path {
  const family = FAMILIES.find(({ section }) => section === path[0]);
  const [section, name, key, ...rest] = path;
  if (family === undefined || section === undefined || name === undefined) return path;
  if (key !== family.object && key !== 'kind') return path;
  if (hasKey([section, name, key])) return path;
  const verb = family.verbs.find((candidate) => hasKey([section, name, candidate]));
  return verb === undefined ? path : [section, name, verb, ...rest];
}

/** The file's form again: the verb in front, its object behind it. */
export function unnameVerbs(scenario: PlainMap): PlainMap {
  const sections = FAMILIES.flatMap(({ section, object }) => {
    const entries = scenario[section];
    if (!isPlainMap(entries)) return [];
    const written = Object.entries(entries).map(([name, entry]) => {
      if (!isPlainMap(entry)) return [name, entry];
      const { kind, [object]: target, ...rest } = entry;
      return [name, { [String(kind)]: target, ...rest }];
    });
    return [[section, Object.fromEntries(written)]];
  });
  return { ...scenario, ...Object.fromEntries(sections) };
}
