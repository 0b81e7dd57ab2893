/** `${VAR}` and `${VAR:-default}` in values: the only interpolation, and the only way a secret gets in. */

import type { Path } from '../problem.ts';
import type { Report } from './collect.ts';
import type { MapEntry, ScalarNode, TreeNode } from './tree.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type InterpolationOptions = {
  readonly env: Environment;
  readonly missingEnv: 'error' | 'empty';
};

/** `$${` is a literal `${`; anything else that starts with `${` must be complete. */
const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

export const hasVariable = (raw: string): boolean => /(?<!\$)\$\{/.test(raw);

/** Protects text so that interpolating it gives the text again. */
export const escapeVariables = (text: string): string => text.replaceAll('${', '$$${');

/** The tree with every variable replaced; `raw` keeps the text as it was written. */
export function interpolate(
  node: TreeNode,
  options: InterpolationOptions,
  report: Report,
  path: Path = [],
): TreeNode {
  if (node.kind === 'scalar') return interpolateScalar(node, options, report, path);
  if (node.kind === 'list') {
    const items = node.items.map((item, index) =>
      interpolate(item, options, report, [...path, index]),
    );
    return { ...node, items };
  }
  const entries = new Map<string, MapEntry>();
  for (const [key, { key: origin, value }] of node.entries) {
    entries.set(key, { key: origin, value: interpolate(value, options, report, [...path, key]) });
  }
  return { ...node, entries };
}

function interpolateScalar(
  node: ScalarNode,
  { env, missingEnv }: InterpolationOptions,
  report: Report,
  path: Path,
): ScalarNode {
  if (!node.raw.includes('${')) return node;
  const text = node.raw.replaceAll(VARIABLE, (found, name?: string, fallback?: string) => {
    if (found === '$${') return '${';
    if (name === undefined) {
      report({
        path,
        message: 'a `${` that is not a variable',
        hint: `write \${NAME} or \${NAME:-default}, or $\${ for the characters themselves`,
      });
      return '';
    }
    const value = env[name] || fallback || env[name];
    if (value !== undefined) return value;
    if (fallback === undefined && missingEnv === 'error') {
      report({
        path,
        message: `the environment variable ${name} is not set`,
        hint: `set it, or write \${${name}:-default}`,
      });
    }
    return '';
  });
  return { ...node, text };
}
