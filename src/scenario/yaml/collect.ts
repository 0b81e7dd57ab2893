/**
 * Reads plain data with a zod schema piece by piece, so that one wrong value hides no other: every problem is
 * collected, and whatever could be read is handed on for the checks between parts.
 */
import { z } from 'zod';
import type { Path, Problem } from '../problem.ts';
import { LEAVES, type LeafIssue } from '../schema/fields.ts';
import { suggest } from '../suggest.ts';
import { isPlainMap } from './tree.ts';

/** A problem, and more closely where it is. */
export type TextualProblem = Problem & {
  /** Characters into the text. */
  readonly offset?: number | undefined;
  /** It is the key that is wrong, not its value. */
  readonly onKey?: boolean | undefined;
};

export type Report = (problem: TextualProblem) => void;

type Schema = z.core.$ZodType;

/** The value as far as it can be read; parts that cannot are undefined and were reported. */
export function collect(schema: Schema, value: unknown, path: Path, report: Report): unknown {
  if (schema instanceof z.ZodPrefault) {
    const given = isMissing(schema, value) ? schema.def.defaultValue : value;
    return collect(schema.def.innerType, given, path, report);
  }
  if (schema instanceof z.ZodOptional) {
    return value === undefined ? undefined : collect(schema.def.innerType, value, path, report);
  }
  if (schema instanceof z.ZodLiteral) return value;
  if (value === undefined || value === null) return reportLack(schema, value, path, report);
  if (schema instanceof z.ZodUnion) return collectUnion(schema, value, path, report);
  if (fits(schema, value)) return collectFitting(schema, value, path, report);
  report({ path, message: `expected ${expects(schema)}, found ${kindOf(value)}` });
  return undefined;
}

function reportLack(
  schema: Schema,
  value: null | undefined,
  path: Path,
  report: Report,
): undefined {
  const lack = value === null ? 'has no value' : 'is missing';
  report({ path, message: `\`${nameOf(path)}\` ${lack}`, hint: `expected ${expects(schema)}` });
}

function collectFitting(schema: Schema, value: unknown, path: Path, report: Report): unknown {
  if (schema instanceof z.ZodObject) return collectObject(schema, value, path, report);
  if (schema instanceof z.ZodRecord) return collectRecord(schema, value, path, report);
  if (!(schema instanceof z.ZodArray)) return collectLeaf(schema, value, path, report);
  return (value as readonly unknown[]).map((item, index) =>
    collect(schema.def.element, item, [...path, index], report),
  );
}

/** `faults:` with nothing below it is no faults; `rate:` with nothing behind it is a slip. */
function isMissing(schema: z.ZodPrefault, value: unknown): boolean {
  return value === undefined || (value === null && typeof schema.def.defaultValue === 'object');
}

function collectLeaf(schema: Schema, value: unknown, path: Path, report: Report): unknown {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const { hint, offset } = (issue.code === 'custom' ? issue.params : {}) as LeafIssue;
    report({ path, message: issue.message, hint, offset });
  }
  return undefined;
}

function collectUnion(schema: z.ZodUnion, value: unknown, path: Path, report: Report): unknown {
  const option = optionFor(schema, value);
  if (option !== undefined) return collect(option, value, path, report);
  if (schema instanceof z.ZodDiscriminatedUnion && isPlainMap(value)) {
    return collectUnnamed(schema, value, path, report);
  }
  report({ path, message: `expected ${expects(schema)}, found ${kindOf(value)}` });
  return undefined;
}

/** A fault or load without a verb was reported by verbs.ts, in the user's words; its parameters are still read. */
function collectUnnamed(
  schema: z.ZodDiscriminatedUnion,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  report: Report,
): undefined {
  const shapes = schema.def.options.flatMap((option) =>
    option instanceof z.ZodObject ? [option.shape] : [],
  );
  for (const [key, item] of Object.entries(value)) {
    const field = shapes.find((shape) => Object.hasOwn(shape, key))?.[key];
    if (field !== undefined) collect(field, item, [...path, key], report);
  }
  return undefined;
}

/** The member of a union that a value means to be: by its discriminator, else by being text, list or map. */
export function optionFor(schema: z.ZodUnion, value: unknown): Schema | undefined {
  const { options } = schema.def;
  if (!(schema instanceof z.ZodDiscriminatedUnion)) {
    return options.find((option) => fits(option, value));
  }
  const key = schema.def.discriminator;
  const found = isPlainMap(value) ? value[key] : undefined;
  return options.find((option) => {
    const literal = option instanceof z.ZodObject ? option.shape[key] : undefined;
    return literal instanceof z.ZodLiteral && literal.def.values.some((known) => known === found);
  });
}

function collectObject(
  schema: z.ZodObject,
  value: unknown,
  path: Path,
  report: Report,
): Record<string, unknown> {
  const given = value as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(schema.shape)) {
    const read = collect(field, given[key], [...path, key], report);
    if (read !== undefined) result[key] = read;
  }
  for (const key of Object.keys(given).filter((name) => !Object.hasOwn(schema.shape, name))) {
    report(unknownKey(path, key, Object.keys(schema.shape)));
  }
  return result;
}

/** The problem of a key that nothing knows. */
export const unknownKey = (path: Path, key: string, known: readonly string[]): TextualProblem => ({
  path: [...path, key],
  onKey: true,
  message: `unknown key \`${key}\`${path.length === 0 ? '' : ` in \`${nameOf(path)}\``}`,
  hint: suggest(key, known),
});

function collectRecord(
  schema: z.ZodRecord,
  value: unknown,
  path: Path,
  report: Report,
): Record<string, unknown> {
  const onKey: Report = (problem) => report({ ...problem, onKey: true });
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    entries.map(([key, item]) => {
      collectLeaf(schema.def.keyType, key, [...path, key], onKey);
      return [key, collect(schema.def.valueType, item, [...path, key], report)];
    }),
  );
}

const nameOf = (path: Path): string => (path.length === 0 ? 'the scenario' : path.join('.'));

function fits(schema: Schema, value: unknown): boolean {
  if (schema instanceof z.ZodArray) return Array.isArray(value);
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return isPlainMap(value);
  return typeof value === 'string';
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return `\`${value}\``;
  return Array.isArray(value) ? 'a list' : 'a map';
}

/** Finishes "expected …" for any schema. */
function expects(schema: Schema): string {
  const leaf = LEAVES.get(schema);
  if (leaf !== undefined) return leaf.expects;
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return expects(schema.def.innerType);
  }
  if (schema instanceof z.ZodArray) return 'a list';
  if (schema instanceof z.ZodUnion && !(schema instanceof z.ZodDiscriminatedUnion)) {
    return schema.def.options.map(expects).join(', or ');
  }
  return 'a map';
}
