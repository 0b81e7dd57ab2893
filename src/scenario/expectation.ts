/** The expectation grammar: `METRIC [of LOAD] [during PHASE|FAULT | after FAULT] OP VALUE`. */
import { isMetricName, METRIC_NAMES, METRICS, type MetricUnit } from './metrics.ts';
import type { Comparison, Expectation, Window } from './scenario.ts';
import { suggest } from './suggest.ts';
import {
  formatByteRate,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
  type Parsed,
  parseByteRate,
  parseCount,
  parseDuration,
  parsed,
  parseRate,
  parseShare,
  refused,
} from './units.ts';

const GRAMMAR = 'METRIC [of LOAD] [during PHASE|FAULT | after FAULT] OP VALUE';
const COMPARISONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>='] satisfies Comparison[];
const PHASES: readonly string[] = ['warmup', 'measure', 'drain', 'steady'];

/** Words that name phases; faults may not take them. */
export const PHASE_WORDS = PHASES;

const READERS: Readonly<Record<MetricUnit, (text: string) => Parsed<number>>> = {
  count: parseCount,
  ms: parseDuration,
  'per-second': parseRate,
  'bytes-per-second': parseByteRate,
  share: parseShare,
};

const WRITERS: Readonly<Record<MetricUnit, (value: number) => string>> = {
  count: formatCount,
  ms: formatDuration,
  'per-second': formatRate,
  'bytes-per-second': formatByteRate,
  share: formatShare,
};

/** A metric's value with its unit, as a user would write it. */
export const formatValue = (unit: MetricUnit, value: number): string => WRITERS[unit](value);

/** A word of the expression and where it starts. */
export type Word = { readonly text: string; readonly offset: number };

/** Where the names in an expression stand, for problems that only the whole scenario can show. */
export type ExpectationWords = {
  readonly metric: Word | undefined;
  readonly of: Word | undefined;
  readonly window: Word | undefined;
};

/** What was read; the names are there even when the rest is wrong. */
export type ReadExpectation = {
  readonly result: Parsed<Expectation>;
  readonly window: Window;
  readonly words: ExpectationWords;
};

export function readExpectation(text: string): ReadExpectation {
  const words = wordsOf(text);
  const { clauses, trouble } = readClauses(words);
  const { of, during, after } = clauses;
  const window = windowOf(during, after);
  return {
    result: trouble ?? readRest(text, words, clauses, window),
    window,
    words: { metric: words[0], of, window: during ?? after },
  };
}

function readRest(
  text: string,
  words: readonly Word[],
  { of, next }: Clauses,
  window: Window,
): Parsed<Expectation> {
  const metric = words[0];
  if (metric === undefined) return refused('the expectation is empty', `write ${GRAMMAR}`);
  if (!isMetricName(metric.text)) {
    return refused(
      `no metric is called \`${metric.text}\``,
      metricHint(metric.text),
      metric.offset,
    );
  }
  const comparison = words[next];
  if (comparison === undefined || !COMPARISONS.includes(comparison.text)) {
    return badComparison(text, comparison, words[next + 1] !== undefined);
  }
  const value = readValue(text, comparison, words.slice(next + 1), METRICS[metric.text].unit);
  if (!value.ok) return value;
  return parsed({
    text,
    metric: metric.text,
    of: of?.text ?? null,
    window,
    comparison: comparison.text as Comparison,
    value: value.value,
  });
}

const wordsOf = (text: string): readonly Word[] =>
  [...text.matchAll(/[<>=!]+|[^\s<>=!]+/g)].map((match) => ({
    text: match[0],
    offset: match.index,
  }));

function metricHint(name: string): string | undefined {
  const statistic = /^(p50|p90|p95|p99|p999|max|mean)$/.exec(name)?.[1];
  if (statistic !== undefined) return `write ${statistic}(ack), or queue, service, lateness, e2e`;
  const near = suggest(name, METRIC_NAMES);
  return near?.startsWith('did') ? near : 'README lists the metrics; `lost` and `p99(ack)` are two';
}

type Clauses = {
  readonly of?: Word;
  readonly during?: Word;
  readonly after?: Word;
  /** Index of the first word after the clauses. */
  readonly next: number;
};

type ReadClauses = { readonly clauses: Clauses; readonly trouble?: Parsed<never> };

function readClauses(words: readonly Word[]): ReadClauses {
  let clauses: Clauses = { next: 1 };
  for (;;) {
    const keyword = words[clauses.next];
    if (keyword === undefined || !isClause(keyword.text)) return { clauses };
    const name = words[clauses.next + 1];
    const fail = (message: string): ReadClauses => ({
      clauses,
      trouble: refused(message, `write ${GRAMMAR}`, keyword.offset),
    });
    if (name === undefined || /^[<>=!]/.test(name.text)) {
      return fail(`a name is missing after \`${keyword.text}\``);
    }
    if (isTaken(clauses, keyword.text)) return fail(`\`${keyword.text}\` cannot stand here`);
    clauses = { ...clauses, [keyword.text]: name, next: clauses.next + 2 };
  }
}

/** `of` comes first, and there is one window. */
const isTaken = ({ of, during, after }: Clauses, keyword: string): boolean =>
  (during ?? after ?? (keyword === 'of' ? of : undefined)) !== undefined;

const isClause = (word: string): boolean => ['of', 'during', 'after'].includes(word);

function badComparison(text: string, found: Word | undefined, more: boolean): Parsed<never> {
  if (found === undefined) {
    return refused('a comparison is missing', `write ${GRAMMAR}`, text.trimEnd().length);
  }
  if (/^[<>=!]+$/.test(found.text)) {
    const near = found.text === '=' ? 'did you mean `==`?' : `known: ${COMPARISONS.join(' ')}`;
    return refused(`\`${found.text}\` is not a comparison`, near, found.offset);
  }
  const near = more ? suggest(found.text, ['of', 'during', 'after']) : undefined;
  return refused(
    `expected \`of\`, \`during\`, \`after\` or a comparison, found \`${found.text}\``,
    near?.startsWith('did') ? near : `write ${GRAMMAR}`,
    found.offset,
  );
}

function readValue(
  text: string,
  comparison: Word,
  words: readonly Word[],
  unit: MetricUnit,
): Parsed<number> {
  const [word, extra] = words;
  if (word === undefined) {
    const end = comparison.offset + comparison.text.length;
    return refused('a value is missing', `write ${GRAMMAR}`, Math.min(end, text.length));
  }
  if (extra !== undefined) {
    return refused(
      `\`${extra.text}\` is left over after the value`,
      `write ${GRAMMAR}`,
      extra.offset,
    );
  }
  const value = READERS[unit](word.text);
  return value.ok ? value : { ...value, offset: word.offset };
}

function windowOf(during: Word | undefined, after: Word | undefined): Window {
  if (after !== undefined) return { kind: 'after', fault: after.text };
  if (during === undefined) return { kind: 'default' };
  return PHASES.includes(during.text)
    ? { kind: 'phase', phase: during.text as (Window & { kind: 'phase' })['phase'] }
    : { kind: 'during', fault: during.text };
}
