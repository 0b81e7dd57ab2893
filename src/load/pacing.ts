/**
 * Pacing: when each record of a load is intended to be sent, as a pure function of its index. Time is integer
 * microseconds since the traffic began (warm-up included; `stages` count from there, and the last stage's rate
 * holds on). Nothing here looks at a clock, so a stalled cluster cannot slow it down.
 */
import type { Rate } from '../scenario/traffic.ts';
import { createArrivals } from './arrivals.ts';

export type Pacing = {
  /** False for `rate: max`: its records are intended whenever they are offered. */
  readonly paced: boolean;
  /** Between records that follow each other, in microseconds; null where that is not always the same. */
  readonly everyUs: number | null;
  /** Never decreases with the index; Infinity for a record that is never sent. */
  intendedUs(index: number): number;
  /** How many records are intended at or before `elapsedUs`: those with the indices 0 … dueBy − 1. */
  dueBy(elapsedUs: number): number;
};

const US = 1_000_000;

/** `seed` matters for Poisson arrivals only: the same seed gives the same intended times. */
export function createPacing(rate: Rate, arrival: 'constant' | 'poisson', seed: number): Pacing {
  if (rate.kind === 'max') {
    const dueBy = (): number => Number.MAX_SAFE_INTEGER;
    return { paced: false, everyUs: null, intendedUs: () => 0, dueBy };
  }
  const curve = rate.kind === 'constant' ? constantCurve(rate.perSecond) : stagedCurve(rate);
  const arrivals = arrival === 'poisson' ? createArrivals(seed) : EVENLY;
  const intendedUs = (index: number): number =>
    Math.floor(curve.secondsAt(arrivals.position(index)) * US);
  const even = rate.kind === 'constant' && rate.perSecond > 0 && arrival === 'constant';
  return {
    paced: true,
    everyUs: even ? US / rate.perSecond : null,
    intendedUs,
    dueBy: (elapsedUs) => {
      if (elapsedUs < 0) return 0;
      let due = arrivals.countBy(curve.recordsBy(elapsedUs / US));
      // The curve and its inverse round differently; the intended times decide.
      while (due > 0 && intendedUs(due - 1) > elapsedUs) due -= 1;
      while (intendedUs(due) <= elapsedUs) due += 1;
      return due;
    },
  };
}

/** Where record `index` lies on the axis of expected records, and how many lie at or before a point of it. */
export type Arrivals = {
  position(index: number): number;
  countBy(position: number): number;
};

const EVENLY: Arrivals = {
  position: (index) => index,
  countBy: (position) => Math.floor(position) + 1,
};

/** The expected number of records by a time in seconds, and its inverse. */
type Curve = {
  recordsBy(seconds: number): number;
  secondsAt(records: number): number;
};

function constantCurve(perSecond: number): Curve {
  return {
    recordsBy: (seconds) => seconds * perSecond,
    secondsAt: (records) => (perSecond > 0 ? records / perSecond : Number.POSITIVE_INFINITY),
  };
}

/** One linear ramp: from `startS` on, when `records` were expected so far. */
type Ramp = {
  readonly startS: number;
  readonly lengthS: number;
  readonly records: number;
  readonly from: number;
  readonly to: number;
};

function stagedCurve(rate: Extract<Rate, { kind: 'stages' }>): Curve {
  const ramps = rampsOf(rate);
  return {
    recordsBy: (seconds) => {
      const { startS, lengthS, records, from, to } = last(ramps, (ramp) => ramp.startS <= seconds);
      const into = seconds - startS;
      return records + from * into + slope(from, to, lengthS) * into * into;
    },
    secondsAt: (target) => {
      const { startS, lengthS, records, from, to } = last(ramps, (ramp) => ramp.records < target);
      const wanted = target - records;
      if (wanted <= 0) return startS;
      // The root of slope·t² + from·t − wanted that does not cancel.
      const root = from * from + 4 * slope(from, to, lengthS) * wanted;
      return startS + (2 * wanted) / (from + Math.sqrt(Math.max(0, root)));
    },
  };
}

/** Half the rate's change per second. */
const slope = (from: number, to: number, lengthS: number): number =>
  lengthS === Number.POSITIVE_INFINITY ? 0 : (to - from) / (2 * lengthS);

function rampsOf(rate: Extract<Rate, { kind: 'stages' }>): [Ramp, ...Ramp[]] {
  const ramps: Ramp[] = [];
  let startS = 0;
  let records = 0;
  let from = rate.fromPerSecond;
  for (const { toPerSecond: to, overMs } of rate.stages) {
    const lengthS = overMs / 1000;
    if (lengthS > 0) ramps.push({ startS, lengthS, records, from, to });
    startS += lengthS;
    records += ((from + to) / 2) * lengthS;
    from = to;
  }
  const hold = { startS, lengthS: Number.POSITIVE_INFINITY, records, from, to: from };
  const [first = hold, ...rest] = ramps;
  return first === hold ? [hold] : [first, ...rest, hold];
}

function last(ramps: readonly [Ramp, ...Ramp[]], holds: (ramp: Ramp) => boolean): Ramp {
  return ramps.findLast(holds) ?? ramps[0];
}
