/**
 * What stops a run early: `EXPRESSION [for DURATION]`, in the words of expectations, of figures that can be known while
 * the run goes on. Looked at once a second.
 */
import { type ReadExpectation, readExpectation } from './expectation.ts';
import { type MetricName, percentileOf } from './metrics.ts';
import type { Expectation } from './scenario.ts';
import { parseDuration } from './units.ts';

/** True for so long, in seconds that follow each other, it stops the run. */
export type AbortCondition = Expectation & { readonly forMs: number };

export type ReadAbort = ReadExpectation & { readonly forMs: number };

const DEFAULT_FOR_MS = 5000;

export function readAbort(text: string): ReadAbort {
  const [, expression, word] = /^(.*\S)\s+for\s+(\S+)\s*$/.exec(text) ?? [];
  if (expression === undefined || word === undefined) {
    return { ...readExpectation(text), forMs: DEFAULT_FOR_MS };
  }
  const read = readExpectation(expression);
  const held = parseDuration(word);
  if (held.ok && held.value >= 1000) return { ...read, forMs: held.value };
  const offset = text.lastIndexOf(word);
  const refusal = held.ok
    ? {
        ok: false as const,
        message: `\`for ${word}\` is shorter than a second, and figures come once a second`,
        hint: 'at least 1s',
      }
    : held;
  // What is wrong in front of it is said first.
  return { ...read, result: read.result.ok ? { ...refusal, offset } : read.result, forMs: 0 };
}

/** What the seconds of a run tell by themselves; other metrics need the audit, or the end of a fault. */
const LIVE: readonly MetricName[] = [
  'acknowledged',
  'failed',
  'unknown',
  'rate',
  'throughput',
  'received',
  'errors',
  'lag',
];

export const isLive = (metric: MetricName): boolean =>
  LIVE.includes(metric) || percentileOf(metric) !== undefined;
