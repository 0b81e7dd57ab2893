/**
 * A scenario file as a tree of text with positions: every scalar is a string here, and the schema decides what
 * it means. Values from `--set` are part of the same tree and say so.
 */
import type { Path } from '../problem.ts';

export type Origin =
  /** Offsets into the file's text. */
  | { readonly kind: 'file'; readonly start: number; readonly end: number }
  | { readonly kind: 'set'; readonly name: string };

export type ScalarNode = {
  readonly kind: 'scalar';
  /** After interpolation. */
  readonly text: string;
  /** As written, with its `${VAR}`. */
  readonly raw: string;
  /** An empty value without quotes: the key is there, its value is not. */
  readonly absent: boolean;
  readonly origin: Origin;
};

export type MapEntry = { readonly key: Origin; readonly value: TreeNode };

export type MapNode = {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly origin: Origin;
};

export type ListNode = {
  readonly kind: 'list';
  readonly items: readonly TreeNode[];
  readonly origin: Origin;
};

export type TreeNode = ScalarNode | MapNode | ListNode;

export const scalar = (text: string, origin: Origin, absent = false): ScalarNode => ({
  kind: 'scalar',
  text,
  raw: text,
  absent,
  origin,
});

/** Plain data: text, arrays, objects, and null for a value that is not there. */
export type Plain = string | null | readonly Plain[] | { readonly [key: string]: Plain };

export function toPlain(node: TreeNode): Plain {
  if (node.kind === 'scalar') return node.absent ? null : node.text;
  if (node.kind === 'list') return node.items.map(toPlain);
  // A null prototype: `__proto__` and `constructor` are ordinary (and unknown) keys here.
  const plain: Record<string, Plain> = Object.create(null);
  for (const [key, { value }] of node.entries) plain[key] = toPlain(value);
  return plain;
}

export const isPlainMap = (value: unknown): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The deepest node on the way to `path`, and how it was reached. */
export type Place = {
  readonly node: TreeNode;
  /** The key that holds the node, when it is in a map. */
  readonly key: Origin | null;
  /** Whether the whole path exists. */
  readonly found: boolean;
};

export function placeOf(root: TreeNode, path: Path): Place {
  let place: Place = { node: root, key: null, found: true };
  for (const step of path) {
    const next = stepInto(place.node, step);
    if (next === undefined) return { ...place, found: false };
    place = next;
  }
  return place;
}

function stepInto(node: TreeNode, step: string | number): Place | undefined {
  if (node.kind === 'map') {
    const entry = node.entries.get(String(step));
    return entry && { node: entry.value, key: entry.key, found: true };
  }
  const item = node.kind === 'list' ? node.items[Number(step)] : undefined;
  return item && { node: item, key: null, found: true };
}
