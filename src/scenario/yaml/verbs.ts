/**
 * Faults and loads as the user writes them (`kill: leader of orders/0`) become `{ kind, where, … }` before the
 * schema sees them, so that a mistyped verb gets one good message and a fault with two verbs another.
 */
import type { z } from 'zod';
import type { Path } from '../problem.ts';
import { faultSchema } from '../schema/fault.ts';
import { loadSchema } from '../schema/load.ts';
import { nearest } from '../suggest.ts';
import { type Report, unknownKey } from './collect.ts';
import { isPlainMap, type Plain } from './tree.ts';

/** What is asked for again and again and cannot be had; whoever writes it learns why. */
const REFUSED: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  clock: {
    message:
      "a broker's clock cannot be broken: containers share the wall clock of the machine, and moving that would move the clients, the checker and everything else with it",
    hint: 'to see what a stopped broker does, use `pause`; time itself needs a virtual machine for each broker',
  },
};

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

/** Which key of an entry turned out to be its verb, by section and name; a mistyped one too. */
export type VerbKeys = ReadonlyMap<string, string>;

type PlainMap = { readonly [key: string]: Plain };

export type Named = { readonly plain: PlainMap; readonly verbKeys: VerbKeys };

/** The scenario with its faults and loads in the schema's form; what has no verb at all gets no kind. */
export function nameVerbs(scenario: PlainMap, report: Report): Named {
  const verbKeys = new Map<string, string>();
  const sections = FAMILIES.flatMap((family) => {
    const entries = scenario[family.section];
    if (!isPlainMap(entries)) return [];
    const named = Object.entries(entries).map(([name, entry]) => {
      if (!isPlainMap(entry)) return [name, entry];
      const path = [family.section, name];
      const verb = chooseVerb(family, path, entry, report);
      if (verb === undefined) return [name, entry];
      verbKeys.set(path.join('\0'), verb.key);
      return [name, withKind(family, path, entry, verb, report)];
    });
    return [[family.section, Object.fromEntries(named)]];
  });
  return { plain: { ...scenario, ...Object.fromEntries(sections) }, verbKeys };
}

function withKind(
  family: Family,
  path: Path,
  entry: PlainMap,
  verb: Verb,
  report: Report,
): PlainMap {
  const { [verb.key]: object, ...rest } = entry;
  const known = family.keys[verb.name] ?? [];
  const others: Record<string, Plain> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (known.includes(key)) others[key] = value;
    // A second verb was reported already.
    else if (!family.verbs.includes(key)) report(strangeKey(family, path, key, verb.name));
  }
  return { kind: verb.name, [family.object]: object ?? null, ...others };
}

function strangeKey({ keys, thing }: Family, path: Path, key: string, verb: string) {
  const owners = Object.keys(keys).filter((other) => keys[other]?.includes(key));
  const problem = unknownKey(path, key, [verb, ...(keys[verb] ?? [])]);
  if (owners.length === 0) return problem;
  return {
    ...problem,
    message: `a ${verb} ${thing} takes no \`${key}\``,
    hint: `\`${key}\` belongs to ${owners.join(', ')}`,
  };
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
  for (const [verb, refusal] of thing === 'fault' ? Object.entries(REFUSED) : []) {
    if (!Object.hasOwn(entry, verb)) continue;
    report({ path: [...path, verb], onKey: true, ...refusal });
    return undefined;
  }
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
export function pathInFile(path: Path, verbKeys: VerbKeys): Path {
  const [section, name, key, ...rest] = path;
  const family = FAMILIES.find((candidate) => candidate.section === section);
  if (family === undefined || section === undefined || name === undefined) return path;
  if (key !== family.object && key !== 'kind') return path;
  const verb = verbKeys.get([section, name].join('\0'));
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
