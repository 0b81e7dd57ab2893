/** A search in sentences, for the terminal and for the page. */
import { count, duration, perSecond, share } from '../../report/format.ts';
import type { AtLatency } from './curve.ts';
import type { CapacityFindings } from './findings.ts';
import type { MeasuredStep } from './measured-step.ts';
import type { Answer, nextStep } from './search.ts';

/** The answer as a short headline: `52,300/s`, `at least 80,000/s`. */
export function headline(answer: Answer): string {
  switch (answer.kind) {
    case 'bracketed':
    case 'wide':
      return perSecond(round(answer.estimate));
    case 'at-least':
      return `at least ${perSecond(answer.low)}`;
    case 'at-most':
      return `below ${perSecond(answer.high)}`;
    case 'nothing':
      return 'not known';
  }
}

export function explanation(
  answer: Answer,
  { confidence, precision }: CapacityFindings['options'],
): string {
  switch (answer.kind) {
    case 'bracketed':
      return `With ${share(confidence)} confidence the highest rate that holds lies between ${range(answer.bracket)}.`;
    case 'wide':
      return `Time or steps ran out first: with ${share(confidence)} confidence it lies between ${range(answer.bracket)}; ${share(precision)} was asked for.`;
    case 'at-least':
      return answer.limit === 'generator'
        ? 'Above it the load generator was the limit, so what the cluster carries is not known.'
        : 'Time or steps ran out before anything broke.';
    case 'at-most':
      return 'No rate held that was tried.';
    case 'nothing':
      return answer.limit === 'generator'
        ? 'The load generator was the limit at every rate that was tried.'
        : 'No step said anything of the cluster.';
  }
}

const range = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `${perSecond(Math.floor(low))} and ${perSecond(Math.ceil(high))}, which is ${share(high / low - 1)} wide`;

/** Three digits: the bracket says that the others mean nothing. */
const round = (rate: number): number => Number(rate.toPrecision(3));

export const atLatency = ({ limitMs, rate, orMore }: AtLatency): string =>
  `p99 ≤ ${duration(limitMs)}: ${rate === null ? 'no rate that was tried' : `${perSecond(rate)}${orMore ? ' or more' : ''}`}`;

const MARKS = {
  holds: '✓ holds',
  breaks: '✕ breaks',
  void: '? void',
  disturbed: '? disturbed',
} as const;

/** One line while the search goes on. */
export function stepLine(
  { number, rate, outcome, ackMs, why }: MeasuredStep,
  next: ReturnType<typeof nextStep>,
): string {
  const p99 = ackMs === null ? '' : ` p99 ${duration(ackMs.p99)}`;
  const then = next.kind === 'try' ? `next ${perSecond(next.rate)}` : 'done';
  const reason = why === null ? '' : ` (${why})`;
  return `step ${number}: ${perSecond(rate)} ${MARKS[outcome]}${p99}${reason}; ${then}`;
}

/** Ends with a line break. */
export function summaryText(found: CapacityFindings): string {
  const { answer, options, saturation, knee, throughputAt: limits, steps } = found;
  return `${[
    `${headline(answer)} (${count(steps.length)} steps)`,
    explanation(answer, options),
    ...(saturation === null ? [] : [saturation.text]),
    ...limits.map((one) => `  ${atLatency(one)}`),
    ...(knee === null ? [] : [`  latency climbs from ${perSecond(knee)} on`]),
  ].join('\n')}\n`;
}
