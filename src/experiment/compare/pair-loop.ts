/** Which run comes next, A-B-B-A, and when to stop: knows no cluster, so that every way it can go is a test. */
import {
  type Compared,
  type CompareRules,
  isDecided,
  judgeMetrics,
  type MetricFinding,
  type Pair,
} from './findings.ts';
import type { Journal } from './journal.ts';
import { isLastLookDue, isLookDue } from './looks.ts';
import type { Refusal } from './refusal.ts';
import type { ComparedRun } from './runs.ts';

export type Side = 'base' | 'candidate';

/** A run that is asked for. */
export type Run = {
  readonly side: Side;
  /** Its folder, below the experiment's. */
  readonly name: string;
  /** The same for both runs of a pair. */
  readonly seed: number;
  /** Whether it only makes a new cluster like one that was used: it counts for nothing. */
  readonly isWarming: boolean;
};

/** What became of it. */
export type Made =
  | 'interrupted'
  | (Omit<ComparedRun, 'folder'> & { readonly refusal: Refusal | null });

export type PairLoop = {
  readonly journal: Journal;
  readonly rules: CompareRules;
  /** At most so many pairs. */
  readonly most: number;
  /** No pair is begun that would not end before this, as `performance.now()` counts; Infinity: no limit. */
  readonly untilMs: number;
  readonly seed: number;
  readonly onPair: (pair: Pair) => void;
  readonly onVoid: (number: number, why: string) => void;
  readonly onLook: (metrics: readonly MetricFinding[], pairs: number) => void;
};

/** How it ended; what was found is in the journal. */
export type PairsEnd = 'done' | 'interrupted' | Refusal;

/** Pairs of which a generator's hiccup may be forgiven; more of them are its limit. */
const MOST_VOIDS = 3;

/** `make` makes a run; what it throws ends the comparison. */
export async function makePairs(
  loop: PairLoop,
  make: (run: Run) => Promise<Made>,
): Promise<PairsEnd> {
  if (lookIfDue(loop, isOver(loop, 0))) return 'done';
  const spoilt = await warm(loop, make);
  if (spoilt !== null) return spoilt;
  let longestMs = 0;
  for (;;) {
    const begun = performance.now();
    const end = await makePair(loop, make);
    if (end !== null) return end;
    longestMs = Math.max(longestMs, performance.now() - begun);
    if (lookIfDue(loop, isOver(loop, longestMs))) return 'done';
  }
}

/** Whether no further pair may be begun, if it takes as long as the longest. */
const isOver = ({ journal, most, untilMs }: PairLoop, longestMs: number): boolean =>
  journal.pairs.length >= most ||
  (performance.now() + longestMs > untilMs && journal.pairs.length > 0);

/** Null: the cluster is like one that was used. */
async function warm(
  { seed }: PairLoop,
  make: (run: Run) => Promise<Made>,
): Promise<PairsEnd | null> {
  const run: Run = { side: 'base', name: 'warming', seed, isWarming: true };
  const made = await make(run);
  if (made === 'interrupted') return made;
  // A generator that was late on brokers that had just begun says nothing yet.
  return made.refusal?.kind === 'delivery' ? inRun(made.refusal, run) : null;
}

/** Whether there is nothing more to do. */
function lookIfDue({ journal, rules, onLook }: PairLoop, isLast: boolean): boolean {
  const made = journal.pairs.length;
  if (isLookDue(made, journal.looked) || (isLast && isLastLookDue(made, journal.looked))) {
    journal.addLook();
    onLook(judgeMetrics(comparedIn(journal), rules), made);
  }
  if (isLast) return true;
  return made === journal.looked.at(-1) && isDecided(judgeMetrics(comparedIn(journal), rules));
}

export const comparedIn = ({ pairs, looked }: Pick<Journal, 'pairs' | 'looked'>): Compared => ({
  design: 'pairs',
  pairs,
  looked,
});

/** Null: it is in the journal. */
async function makePair(
  loop: PairLoop,
  make: (run: Run) => Promise<Made>,
): Promise<PairsEnd | null> {
  const { journal } = loop;
  const number = journal.pairs.length + journal.voids + 1;
  const first: Side = journal.pairs.length % 2 === 0 ? 'base' : 'candidate';
  const seed = loop.seed + number;
  const runs: Partial<Record<Side, ComparedRun>> = {};
  for (const side of [first, other(first)]) {
    const name = `pair-${String(number).padStart(2, '0')}-${side}`;
    const run: Run = { side, name, seed, isWarming: false };
    const made = await make(run);
    if (made === 'interrupted') return made;
    const { refusal, values, neighbours } = made;
    if (refusal !== null) return refused(inRun(refusal, run), number, loop);
    runs[side] = { folder: name, values, neighbours };
  }
  const pair: Pair = { number, first, seed, ...(runs as Record<Side, ComparedRun>) };
  journal.addPair(pair);
  loop.onPair(pair);
  return null;
}

const other = (side: Side): Side => (side === 'base' ? 'candidate' : 'base');

/** A late generator may have been a moment of the machine: the pair is made again, a few times. */
function refused(refusal: Refusal, number: number, { journal, onVoid }: PairLoop): Refusal | null {
  if (refusal.kind !== 'generator' || journal.voids >= MOST_VOIDS) return refusal;
  journal.addVoid(number, refusal.why);
  onVoid(number, refusal.why);
  return null;
}

const inRun = ({ kind, why }: Refusal, { name }: Run): Refusal => ({
  kind,
  why: `${name}: ${why}`,
});
