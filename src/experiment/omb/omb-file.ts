/**
 * One file of the OpenMessaging Benchmark, read strictly. OMB itself ignores keys it does not know and takes its
 * default for values it cannot read, so that a typo silently runs another test; here both are problems with a place.
 */
import type { LocatedProblem } from '../../scenario/problem.ts';
import { suggest } from '../../scenario/suggest.ts';
import { createPositions, type Positions } from '../../scenario/yaml/positions.ts';
import { readYaml } from '../../scenario/yaml/read-yaml.ts';
import type { MapNode, ScalarNode, TreeNode } from '../../scenario/yaml/tree.ts';

type Place = { readonly start: number; readonly end: number };
type Words = { readonly message: string; readonly hint?: string | undefined };

/** Settings of connections without their values; every character stays where it was. */
export const withoutSecrets = (text: string): string =>
  text.replace(
    /^(.*?\b(?:sasl|ssl)\.[\w.-]+\s*[=:\s]\s*)(.*)$/gm,
    (_, name: string, value: string) => name + '*'.repeat(value.length),
  );

export class OmbFile {
  /** In the order in which they were noticed. */
  readonly problems: LocatedProblem[] = [];
  readonly #text: string;
  readonly #positions: Positions;
  readonly #values = new Map<string, { readonly key: Place; readonly value: ScalarNode }>();

  /** `file` is how it is called in messages; `known` are the keys that OMB documents for it. */
  constructor(file: string, text: string, known: readonly string[]) {
    this.#text = text;
    // Problems are shown with the lines around them.
    this.#positions = createPositions(file, withoutSecrets(text));
    const { tree, problems } = readYaml(text);
    for (const { start, end, message, hint } of problems)
      this.#add({ start, end }, { message, hint });
    if (tree?.kind === 'map') this.#take(tree, known);
    else if (tree !== undefined) {
      this.#add(placeOf(tree), { message: 'a file of OMB is a map of keys to values' });
    }
  }

  #take(tree: MapNode, known: readonly string[]): void {
    for (const [name, { key, value }] of tree.entries) {
      const place = key.kind === 'file' ? key : { start: 0, end: 0 };
      if (!known.includes(name)) {
        const message = `OMB has no key \`${name}\` here, and would ignore it`;
        this.#add(place, { message, hint: suggest(name, known) });
      } else if (value.kind !== 'scalar') {
        const found = value.kind === 'map' ? 'a map' : 'a list';
        this.#add(place, { message: `\`${name}\` is one value, found ${found}` });
      } else if (!value.absent) {
        this.#values.set(name, { key: place, value });
      }
    }
  }

  #add({ start, end }: Place, { message, hint }: Words): void {
    const { at, frame } = this.#positions(start, end);
    this.problems.push({ path: [], message, hint, at, frame });
  }

  /** Undefined where the key is absent or empty. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.value.text;
  }

  /** A whole number; `fallback` (OMB's own default) where there is none, and where it was refused. */
  whole(name: string, { least = 0, fallback }: { least?: number; fallback: number }): number {
    const text = this.text(name);
    if (text === undefined) {
      if (fallback < least) this.lack(name, `OMB would take ${fallback}; write ${name}: ${least}`);
      return Math.max(least, fallback);
    }
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least) return value;
    const message = `\`${name}\` is a whole number from ${least} on, found \`${text}\``;
    this.refuse(name, { message });
    return Math.max(least, fallback);
  }

  /** A number from 0 to 1. */
  ratio(name: string, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value <= 1) return value;
    this.refuse(name, { message: `\`${name}\` is a number from 0 to 1, found \`${text}\`` });
    return fallback;
  }

  truth(name: string): boolean {
    const text = this.text(name) ?? 'false';
    if (text !== 'true' && text !== 'false') {
      this.refuse(name, { message: `\`${name}\` is true or false, found \`${text}\`` });
    }
    return text === 'true';
  }

  /** A problem with a value; `line` is the beginning of the line inside it that is wrong. */
  refuse(name: string, words: Words, line?: string): void {
    const found = this.#values.get(name);
    if (found === undefined) {
      this.#add({ start: 0, end: 1 }, words);
      return;
    }
    const place = placeOf(found.value);
    this.#add(line === undefined ? place : this.#lineIn(place, line), words);
  }

  /** A problem with a key that is not there. */
  lack(name: string, hint: string): void {
    this.#add({ start: 0, end: 1 }, { message: `\`${name}\` is missing`, hint });
  }

  #lineIn(place: Place, begin: string): Place {
    let start = place.start;
    for (const line of this.#text.slice(place.start, place.end).split('\n')) {
      const indent = line.length - line.trimStart().length;
      if (line.trimStart().startsWith(begin)) {
        return { start: start + indent, end: start + line.trimEnd().length };
      }
      start += line.length + 1;
    }
    return place;
  }
}

const placeOf = ({ origin }: TreeNode): Place =>
  origin.kind === 'file' ? origin : { start: 0, end: 0 };
