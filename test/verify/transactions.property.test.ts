/** Any legal history of transactions passes; each way of spoiling one is found under its exact name. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  consumeLoad,
  produceLoad,
  RunBuilder,
} from '../fixtures/run-builder.ts';

const PARTITIONS = 2;
const PRODUCERS = 2;
const FATES = [
  'committed',
  'aborted',
  'unknown-committed',
  'unknown-aborted',
  'never-ended',
] as const;

/** What a producer did: how many records to each partition, and how it ended. */
type Step = {
  readonly producer: number;
  readonly counts: readonly number[];
  readonly fate: (typeof FATES)[number];
};
/** Records of one transaction in one partition. */
type Part = {
  readonly stream: number;
  readonly first: number;
  readonly count: number;
  readonly place: number;
  readonly offset: number;
};
type Done = Step & {
  readonly number: number;
  readonly parts: readonly Part[];
  readonly at: number;
};

/** Transactions overlap: both producers write, then the ends come, the later producer's first. */
function play(steps: readonly Step[]): { readonly done: readonly Done[]; readonly ends: number[] } {
  const ends = [0, 0];
  const next = Array.from({ length: PARTITIONS * PRODUCERS }, () => 0);
  const numbers = [0, 0];
  const done: Done[] = [];
  for (let i = 0; i < steps.length; i += 2) {
    const pair = steps
      .slice(i, i + 2)
      .filter(({ producer }, k) => k === 0 || producer !== steps[i]?.producer);
    for (const step of pair) {
      const parts = step.counts.flatMap((count, place) => {
        const stream = step.producer * PARTITIONS + place;
        const part = { stream, first: next[stream] ?? 0, count, place, offset: ends[place] ?? 0 };
        next[stream] = part.first + count;
        ends[place] = part.offset + count;
        return count === 0 ? [] : [part];
      });
      const number = numbers[step.producer] ?? 0;
      numbers[step.producer] = number + 1;
      done.push({ ...step, number, parts, at: 1 + i / 10 });
    }
    // The coordinator writes the ends of those as well that nobody ended.
    for (const { parts } of done.slice(-pair.length)) {
      for (const { place } of parts) ends[place] = (ends[place] ?? 0) + 1;
    }
  }
  return { done, ends };
}

const isCommitted = ({ fate }: Step): boolean => fate.endsWith('committed');
const hasRecords = ({ parts }: Done): boolean => parts.length > 0;

type Spoilt = {
  /** Told of each record of a transaction, by its number within: whether it is in the log and in the second reading. */
  readonly inLog?: (step: Done, nth: number) => boolean;
  readonly committed?: (step: Done, nth: number) => boolean;
  /** The group is handed what is committed then; null: there is no group. */
  readonly handedAt?: ((step: Done) => number) | null;
};

function judge(steps: readonly Step[], spoilt: Spoilt = {}): Result {
  const { handedAt = null } = spoilt;
  const { done, ends } = play(steps);
  const transaction = { records: 4, abort: 0 };
  const group = consumeLoad({ config: { 'isolation.level': 'read_committed' } });
  const load = produceLoad({ producers: PRODUCERS, rate: { kind: 'max' }, transaction });
  using run = new RunBuilder(aScenario({ load: handedAt === null ? [load] : [load, group] }));
  run.second({ second: 1, offered: 100 });
  writeLedgers(run, done, handedAt);
  for (const step of done) writeReadings(run, step, spoilt);
  writeMarkers(run, done, ends);
  const evidence = run.finish();
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

/** In the order of time, as workers write them. */
function writeLedgers(
  run: RunBuilder,
  done: readonly Done[],
  handedAt: ((step: Done) => number) | null,
): void {
  const entries = done.flatMap((step) => [
    { at: step.at, write: () => writeSends(run, step) },
    { at: step.at + 0.05, write: () => writeEnd(run, step) },
    ...(handedAt === null || !isCommitted(step)
      ? []
      : [{ at: handedAt(step), write: () => writeDeliveries(run, step, handedAt(step)) }]),
  ]);
  for (const { write } of entries.sort((a, b) => a.at - b.at)) write();
}

function writeReadings(run: RunBuilder, step: Done, spoilt: Spoilt): void {
  const { inLog = () => true, committed = isCommitted } = spoilt;
  const records = step.parts.flatMap(({ stream, first, count, offset }) =>
    Array.from({ length: count }, (_, i) => ({ stream, sequence: first + i, at: offset + i })),
  );
  records.forEach(({ stream, sequence, at }, nth) => {
    if (inLog(step, nth)) run.read(stream, sequence, 1, at);
    if (committed(step, nth)) run.readCommitted(stream, sequence, 1, at);
  });
}

function writeSends(run: RunBuilder, { number, parts, at }: Done): void {
  for (const { stream, first, count, offset } of parts) {
    run.inTransaction(number, { stream, first, count, baseOffset: offset, second: at });
  }
}

function writeEnd(run: RunBuilder, { producer, number, fate, at }: Done): void {
  const end = { stream: producer * PARTITIONS, second: at + 0.05 };
  if (fate === 'committed') run.ending(number, 'commit-intent', 'acknowledged', end);
  if (fate === 'aborted') run.ending(number, 'abort-intent', 'failed', end);
  if (fate.startsWith('unknown')) run.ending(number, 'commit-intent', 'unknown', end);
}

function writeDeliveries(run: RunBuilder, { parts }: Done, at: number): void {
  for (const { place, offset, count } of parts) run.delivered(place, offset, count, atSecond(at));
}

/** Every offset that no record was given holds the end of a transaction. */
function writeMarkers(run: RunBuilder, done: readonly Done[], ends: readonly number[]): void {
  ends.forEach((end, place) => {
    const taken = new Set(
      done.flatMap(({ parts }) =>
        parts
          .filter((part) => part.place === place)
          .flatMap(({ offset, count }) => Array.from({ length: count }, (_, i) => offset + i)),
      ),
    );
    for (let offset = 0; offset < end; offset++) if (!taken.has(offset)) run.marker(place, offset);
    run.audited(place, end).auditedCommitted(place, end);
  });
}

const steps = fc.array(
  fc.record({
    producer: fc.nat({ max: PRODUCERS - 1 }),
    counts: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })),
    fate: fc.constantFrom(...FATES),
  }),
  { minLength: 1, maxLength: 16 },
);

const told = (result: Result): string[] =>
  result.delivery.anomalies.map(({ kind, count, judgement }) => `${kind} × ${count} ${judgement}`);

/** One of the transactions that fit, by lot; the history is passed over when none does. */
function pickOf(all: readonly Step[], lot: number, fits: (step: Done) => boolean): Done {
  const fitting = play(all).done.filter((step) => hasRecords(step) && fits(step));
  fc.pre(fitting.length > 0);
  return fitting[lot % fitting.length] as Done;
}
const same = (a: Done, b: Done): boolean => a.producer === b.producer && a.number === b.number;
const sizeOf = ({ parts }: Done): number => parts.reduce((sum, { count }) => sum + count, 0);

const RUNS = { numRuns: 40 };

test('any legal history passes, or is unknown for want of commits', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const result = judge(all, { handedAt: () => 25 });
      expect(told(result)).toEqual([]);
      const some = play(all).done.some((step) => hasRecords(step) && isCommitted(step));
      expect(result.verdict).toBe(some ? 'pass' : 'unknown');
    }),
    RUNS,
  );
});

test('a record of an aborted transaction that is seen is an aborted read, and nothing else', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, lot) => {
      const shown = pickOf(all, lot, ({ fate }) => fate === 'aborted' || fate === 'never-ended');
      const committed = (step: Done, nth: number) =>
        isCommitted(step) || (same(step, shown) && nth === lot % sizeOf(shown));
      expect(told(judge(all, { committed }))).toEqual(['aborted-read × 1 violation']);
    }),
    RUNS,
  );
});

test('a transaction of unknown end that is seen in part is torn, and nothing else', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, lot) => {
      const shown = pickOf(all, lot, (step) => step.fate === 'unknown-aborted' && sizeOf(step) > 1);
      const committed = (step: Done, nth: number) =>
        isCommitted(step) || (same(step, shown) && nth === lot % sizeOf(shown));
      expect(told(judge(all, { committed }))).toEqual(['torn-transaction × 1 violation']);
    }),
    RUNS,
  );
});

test('a committed transaction of which one record is hidden is torn, and nothing else', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, lot) => {
      const torn = pickOf(all, lot, (step) => isCommitted(step) && sizeOf(step) > 1);
      const committed = (step: Done, nth: number) =>
        isCommitted(step) && !(same(step, torn) && nth === lot % sizeOf(torn));
      expect(told(judge(all, { committed }))).toEqual(['torn-transaction × 1 violation']);
    }),
    RUNS,
  );
});

test('a committed transaction that is hidden is lost, and one of unknown end is nothing', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, lot) => {
      const hidden = pickOf(all, lot, isCommitted);
      const committed = (step: Done) => isCommitted(step) && !same(step, hidden);
      const expected = hidden.fate === 'committed' ? ['lost-transaction × 1 violation'] : [];
      expect(told(judge(all, { committed }))).toEqual(expected);
    }),
    RUNS,
  );
});

test('a record that is dropped from the log is a loss when its transaction was committed', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, lot) => {
      const cut = pickOf(all, lot, () => true);
      const gone = (step: Done, nth: number) => same(step, cut) && nth === lot % sizeOf(cut);
      const inLog = (step: Done, nth: number) => !gone(step, nth);
      const committed = (step: Done, nth: number) => isCommitted(step) && inLog(step, nth);
      // Of one of unknown end nothing is left to tell that it was committed when that was all of it.
      const known = cut.fate === 'committed' || (isCommitted(cut) && sizeOf(cut) > 1);
      const expected = known ? ['acknowledged-loss × 1 violation'] : [];
      expect(told(judge(all, { inLog, committed }))).toEqual(expected);
    }),
    RUNS,
  );
});

test('what a group is handed before its commit is asked for is an early read, and nothing else', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, lot) => {
      const early = pickOf(all, lot, isCommitted);
      const handedAt = (step: Done) => (same(step, early) ? step.at + 0.04 : 25);
      const found = told(judge(all, { handedAt })).filter((line) => !OF_ORDER.test(line));
      expect(found).toEqual([`early-read × ${sizeOf(early)} violation`]);
    }),
    RUNS,
  );
});

/** Handed over out of turn, records are handed over out of order as well. */
const OF_ORDER = /^backwards-delivery/;
