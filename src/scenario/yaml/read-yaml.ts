/**
 * YAML text → tree, by the failsafe schema: `4.10` stays `4.10` and `no` stays `no`. Hostile files (deep, huge,
 * exploding aliases) are refused before they cost anything.
 */
import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Parser,
  type YAMLMap,
} from 'yaml';
import { type MapEntry, scalar, type TreeNode } from './tree.ts';
import { yamlFault } from './yaml-faults.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 16;
const MAX_NODES = 20_000;

/** Something wrong with the text itself, at offsets into it. */
export type TextProblem = {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint?: string | undefined;
};

/** The tree, if the text made one, and everything wrong with the text. */
export type ReadYaml = {
  readonly tree: TreeNode | undefined;
  readonly problems: readonly TextProblem[];
};

const nothing = (start: number, end: number, message: string, hint?: string): ReadYaml => ({
  tree: undefined,
  problems: [{ start, end, message, hint }],
});

export function readYaml(text: string): ReadYaml {
  const unfit = unfitText(text);
  if (unfit !== undefined) return unfit;
  const tokens = [...new Parser().parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) {
    return nothing(deep, deep + 1, `the file is nested deeper than ${MAX_DEPTH} levels`);
  }
  const options = { schema: 'failsafe', prettyErrors: false, uniqueKeys: false } as const;
  const [document, second] = [...new Composer(options).compose(tokens, true, text.length)];
  const error = document?.errors[0];
  if (error !== undefined) return { tree: undefined, problems: [yamlFault(error)] };
  if (second !== undefined) {
    const start = second.range[0];
    return nothing(start, start, 'a second YAML document starts here', 'one file, one scenario');
  }
  if (document?.contents == null || isEmpty(document.contents)) {
    return nothing(0, 0, 'the file is empty', 'start from one of scenarios/');
  }
  return convert(document as Document<Node>);
}

const isEmpty = (node: Node): boolean =>
  isScalar(node) && node.type === 'PLAIN' && node.source === '';

/** Refuses text before it is parsed. */
function unfitText(text: string): ReadYaml | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    return nothing(0, 0, `the file has ${bytes} bytes; a scenario has at most ${MAX_BYTES}`);
  }
  // U+FFFD is what a decoder leaves behind for bytes that are not UTF-8.
  const binary = /(?![\t\n\r])\p{Cc}|\ufffd/u.exec(text);
  if (binary === null) return undefined;
  return nothing(
    binary.index,
    binary.index + 1,
    'the file is not UTF-8 text',
    'save it as UTF-8 without control characters',
  );
}

/**
 * The offset where nesting passes the limit. Done on the token tree without recursion: deeper files would
 * overflow the composer's stack.
 */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  let level: CST.Token[] = tokens.flatMap((token) => ('value' in token && token.value) || []);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return level[0]?.offset ?? 0;
    level = level.flatMap((token) =>
      'items' in token
        ? token.items.flatMap(({ key, value }) => [key ?? [], value ?? []].flat())
        : [],
    );
  }
  return undefined;
}

/** Walks the parsed document once; shared state is the node budget and the problems. */
type Conversion = {
  readonly document: Document<Node>;
  readonly problems: TextProblem[];
  readonly open: Set<Node>;
  budget: number;
};

function convert(document: Document<Node>): ReadYaml {
  const state: Conversion = { document, problems: [], open: new Set(), budget: MAX_NODES };
  for (const warning of document.warnings) state.problems.push(yamlFault(warning));
  const tree = convertNode(document.contents as Node, state);
  if (state.budget >= 0) return { tree, problems: state.problems };
  return nothing(0, 0, `the file has more than ${MAX_NODES} values, with its aliases expanded`);
}

function convertNode(node: Node, state: Conversion): TreeNode {
  const [start, end] = node.range ?? [0, 0];
  const origin = { kind: 'file', start, end } as const;
  state.budget--;
  if (state.budget < 0) return scalar('', origin);
  if (isAlias(node)) return convertAlias(node, state);
  if (isMap(node)) return { kind: 'map', entries: convertEntries(node, state), origin };
  if (isSeq(node)) {
    const items = node.items.map((item) => convertNode(item as Node, state));
    return { kind: 'list', items, origin };
  }
  const text = isScalar(node) ? String(node.value ?? '') : '';
  return scalar(text, origin, isEmpty(node));
}

function convertAlias(alias: Alias, state: Conversion): TreeNode {
  const [start, end] = alias.range ?? [0, 0];
  const fail = (message: string, hint?: string): TreeNode => {
    state.problems.push({ start, end, message, hint });
    return scalar('', { kind: 'file', start, end });
  };
  const target = alias.resolve(state.document);
  if (target === undefined) return fail(`no anchor \`&${alias.source}\` comes before this alias`);
  if (state.open.has(target)) return fail(`the alias \`*${alias.source}\` contains itself`);
  state.open.add(target);
  const node = convertNode(target, state);
  state.open.delete(target);
  return node;
}

function convertEntries(map: YAMLMap, state: Conversion): ReadonlyMap<string, MapEntry> {
  const entries = new Map<string, MapEntry>();
  if (map.anchor !== undefined) state.open.add(map);
  for (const pair of map.items) {
    const key = pair.key as Node;
    const [start, end] = key.range ?? [0, 0];
    if (!isScalar(key)) {
      state.problems.push({
        start,
        end,
        message: 'a key is plain text, not a map, a list or an alias',
      });
      continue;
    }
    const name = String(key.value);
    if (entries.has(name)) {
      state.problems.push({
        start,
        end,
        message: `\`${name}\` appears twice in this map`,
        hint: 'keep one of them',
      });
      continue;
    }
    const origin = { kind: 'file', start, end } as const;
    const value = pair.value as Node | null;
    entries.set(name, {
      key: origin,
      value: value === null ? scalar('', origin, true) : convertNode(value, state),
    });
  }
  state.open.delete(map);
  return entries;
}
