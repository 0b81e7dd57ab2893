/**
 * The search for the highest rate that holds: a geometric climb (or descent) until one step holds and one breaks, then
 * steps where the answer is least known, until the bracket is as narrow as was asked for. A pure function of the
 * steps so far, so that an interrupted search goes on where it was, and a simulated system can try it.
 */
import { type Interval, posteriorOf } from './posterior.ts';
import { isTelling, type Step, type StepOutcome } from './step.ts';

export type SearchOptions = {
  /** Where the climb begins, records per second. */
  readonly from: number;
  /** How wide the bracket may be at most, as a share: 0.1 is 10 %. */
  readonly precision: number;
  /** How sure the bracket is to hold the capacity: 0.95. */
  readonly confidence: number;
  /** So many steps at most. */
  readonly most: number;
};

export type Answer =
  | { readonly kind: 'bracketed'; readonly bracket: Interval; readonly estimate: number }
  /** Steps ran out first; the bracket is wider than asked for. */
  | { readonly kind: 'wide'; readonly bracket: Interval; readonly estimate: number }
  /** The generator, or the steps, ended before anything broke. */
  | { readonly kind: 'at-least'; readonly low: number; readonly limit: 'generator' | 'steps' }
  /** Not even the lowest rate held. */
  | { readonly kind: 'at-most'; readonly high: number }
  /** No step said anything of the cluster. */
  | { readonly kind: 'nothing'; readonly limit: 'generator' | 'steps' };

export type Next =
  | { readonly kind: 'try'; readonly rate: number }
  | { readonly kind: 'done'; readonly answer: Answer };

const CLIMB = 2;
/** The descent gives up here: nothing holds. */
const LEAST = 1;
/** The generator gets a second chance at a rate: once may have been bad luck. */
const VOIDS = 2;
/** Steps are tried at the edges of the interval that holds the capacity this likely. */
const CENTRE = 0.3;

export function nextStep(steps: readonly Step[], options: SearchOptions): Next {
  const wanted = wantedRate(steps, options);
  if (typeof wanted !== 'number') return { kind: 'done', answer: wanted };
  const rate = Math.round(wanted);
  const cannot = voidsAt(steps, rate) >= VOIDS;
  if (cannot || steps.length >= options.most) {
    const limit = cannot ? 'generator' : 'steps';
    return { kind: 'done', answer: asFarAs(steps, limit, options) };
  }
  return { kind: 'try', rate };
}

/** The rate that would say most, or the answer. */
function wantedRate(steps: readonly Step[], options: SearchOptions): number | Answer {
  const last = steps.at(-1);
  const [held, broke] = [ratesOf(steps, 'holds'), ratesOf(steps, 'breaks')];
  const limited = ratesOf(steps, 'void').filter((rate) => voidsAt(steps, rate) >= VOIDS);
  const again = last?.outcome === 'void' && !limited.includes(last.rate);
  if (last !== undefined && (again || last.outcome === 'disturbed')) return last.rate;
  if (held.length > 0 && broke.length > 0) return narrow(steps, options);
  if (held.length > 0) {
    // Above what the generator cannot give there is nothing to be found.
    if (limited.length > 0) return { kind: 'at-least', low: Math.max(...held), limit: 'generator' };
    return Math.max(...held) * CLIMB;
  }
  const tried = [...broke, ...limited];
  if (tried.length === 0) return options.from;
  const lower = Math.min(...tried) / CLIMB;
  return lower < LEAST ? asFarAs(steps, 'generator', options) : lower;
}

const voidsAt = (steps: readonly Step[], rate: number): number =>
  steps.filter((step) => step.outcome === 'void' && step.rate === rate).length;

const ratesOf = (steps: readonly Step[], outcome: StepOutcome): readonly number[] =>
  steps.filter((step) => step.outcome === outcome).map(({ rate }) => rate);

function narrow(steps: readonly Step[], options: SearchOptions): number | Answer {
  const posterior = posteriorAfter(steps);
  const bracket = posterior.within(options.confidence);
  if (bracket.high / bracket.low <= 1 + options.precision) {
    return { kind: 'bracketed', bracket, estimate: posterior.median };
  }
  // From both sides in turn: steps at the median alone would never tell how wide the border is.
  const { low, high } = posterior.within(CENTRE);
  return steps.length % 2 === 0 ? high : low;
}

function posteriorAfter(steps: readonly Step[]) {
  const tried = steps.filter(isTelling).map(({ rate }) => rate);
  return posteriorOf(steps, { low: Math.min(...tried) / CLIMB, high: Math.max(...tried) * CLIMB });
}

/** What is known when no further step is made. */
function asFarAs(
  steps: readonly Step[],
  limit: 'generator' | 'steps',
  { confidence }: SearchOptions,
): Answer {
  const [held, broke] = [ratesOf(steps, 'holds'), ratesOf(steps, 'breaks')];
  if (held.length > 0 && broke.length > 0) {
    const posterior = posteriorAfter(steps);
    return { kind: 'wide', bracket: posterior.within(confidence), estimate: posterior.median };
  }
  if (held.length > 0) return { kind: 'at-least', low: Math.max(...held), limit };
  return broke.length > 0
    ? { kind: 'at-most', high: Math.min(...broke) }
    : { kind: 'nothing', limit };
}
