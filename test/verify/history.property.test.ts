/** Any legal history passes; each way of spoiling one is found under its exact name; unknown records never fire. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import { aScenario, killFault, produceLoad, RunBuilder } from '../fixtures/run-builder.ts';

const PARTITIONS = 2;
const PRODUCERS = 2;

type Batch = {
  readonly stream: number;
  readonly count: number;
  readonly fate: 'acknowledged' | 'failed' | 'unknown-written' | 'unknown-absent';
};
type Slot = { readonly stream: number; readonly sequence: number; readonly known: boolean };
/** What the log holds, by place and offset; null is a hole, and `marker` a control record. */
type Log = (Slot | 'marker' | null)[][];
type Written = Batch & { readonly first: number; readonly offset: number };
type History = { readonly batches: readonly Written[]; readonly log: Log };

const batches = fc.array(
  fc.record({
    stream: fc.nat({ max: PARTITIONS * PRODUCERS - 1 }),
    count: fc.integer({ min: 1, max: 6 }),
    fate: fc.constantFrom(
      'acknowledged' as const,
      'acknowledged' as const,
      'acknowledged' as const,
      'failed' as const,
      'unknown-written' as const,
      'unknown-absent' as const,
    ),
  }),
  { minLength: 1, maxLength: 40 },
);

const placeOf = (stream: number): number => stream % PARTITIONS;

function write(sent: readonly Batch[]): History {
  const next = new Map<number, number>();
  const log: Log = Array.from({ length: PARTITIONS }, () => []);
  const written = sent.map((batch) => {
    const first = next.get(batch.stream) ?? 0;
    next.set(batch.stream, first + batch.count);
    const place = log[placeOf(batch.stream)] ?? [];
    const offset = place.length;
    if (batch.fate === 'acknowledged' || batch.fate === 'unknown-written') {
      for (let i = 0; i < batch.count; i++) {
        const known = batch.fate === 'acknowledged';
        place.push({ stream: batch.stream, sequence: first + i, known });
      }
    }
    return { ...batch, first, offset };
  });
  return { batches: written, log };
}

function judge({ batches: sent, log }: History, offsetsKnown = true): Result {
  const idempotent = { acks: 'all', 'enable.idempotence': 'true' };
  using run = new RunBuilder(
    aScenario({
      load: [
        // What was given up cannot arrive late then, so that whatever is out of order is wrong.
        produceLoad({
          ...{ producers: PRODUCERS, rate: { kind: 'max' }, config: idempotent },
          afterGivingUp: 'reuse',
        }),
      ],
      faults: [killFault()],
    }),
  );
  run.fault('leader-dies', 10, 20);
  run.second({ second: 10, offered: 100 });
  sent.forEach(({ stream, first, count, fate, offset }) => {
    const outcome = fate === 'acknowledged' || fate === 'failed' ? fate : 'unknown';
    run.intent(stream, first, count);
    const base = outcome === 'acknowledged' && offsetsKnown ? offset : -1;
    run.outcome(stream, first, count, outcome, base);
  });
  log.forEach((place, number) => {
    place.forEach((slot, offset) => {
      if (slot === 'marker') run.marker(number, offset);
      else if (slot !== null) run.read(slot.stream, slot.sequence, 1, offset);
    });
    run.audited(number, place.length);
  });
  const evidence = run.finish();
  return verify(run.scenario, evidence, measure(run.scenario, evidence));
}

const anomalies = (result: Result): string[] =>
  result.delivery.anomalies.map(({ kind, count, judgement }) => `${kind} × ${count} ${judgement}`);

/** Two neighbours of one producer. */
const follows = (slot: Log[0][0], next: Log[0][0] | undefined): boolean =>
  slot !== null && slot !== 'marker' && next !== 'marker' && next?.stream === slot.stream;

/** Places of the log that hold a record; `known`: of acknowledged ones. */
const slots = ({ log }: History, known: boolean): [number, number][] =>
  log.flatMap((place, number) =>
    place.flatMap((slot, offset): [number, number][] =>
      slot !== null && slot !== 'marker' && slot.known === known ? [[number, offset]] : [],
    ),
  );

const spoil = (history: History, change: (log: Log) => void): History => {
  const log = history.log.map((place) => [...place]);
  change(log);
  return { ...history, log };
};

const RUNS = { numRuns: 25 };

test('any legal history passes, or is unknown for want of traffic', () => {
  fc.assert(
    fc.property(batches, (sent) => {
      const result = judge(write(sent));
      expect(anomalies(result)).toEqual([]);
      const { acknowledged, read } = result.delivery;
      expect(result.verdict).toBe(acknowledged + (read ?? 0) === 0 ? 'unknown' : 'pass');
    }),
    RUNS,
  );
});

test('an acknowledged record that is dropped is an acknowledged loss, and nothing else', () => {
  fc.assert(
    fc.property(batches, fc.nat(), (sent, pick) => {
      const history = write(sent);
      const known = slots(history, true);
      fc.pre(known.length > 0);
      const [place, offset] = known[pick % known.length] ?? [0, 0];
      const result = judge(
        spoil(history, (log) => {
          (log[place] ?? [])[offset] = null;
        }),
      );
      expect(anomalies(result)).toEqual(['acknowledged-loss × 1 violation']);
      expect(result).toMatchObject({ verdict: 'fail', exitCode: 1 });
    }),
    RUNS,
  );
});

test('an unknown record that is not there is nothing, but a hole in its place is a gap', () => {
  fc.assert(
    fc.property(batches, fc.nat(), (sent, pick) => {
      const history = write(sent);
      const unsure = slots(history, false);
      fc.pre(unsure.length > 0);
      const [place, offset] = unsure[pick % unsure.length] ?? [0, 0];
      const without = (slot: 'marker' | null): string[] =>
        anomalies(
          judge(
            spoil(history, (log) => {
              (log[place] ?? [])[offset] = slot;
            }),
          ),
        );
      expect(without('marker')).toEqual([]);
      expect(without(null)).toEqual(['unexplained-gap × 1 violation']);
    }),
    RUNS,
  );
});

test('a second copy is a duplicate, and nothing else', () => {
  fc.assert(
    fc.property(batches, fc.nat(), (sent, pick) => {
      const history = write(sent);
      const all = [...slots(history, true), ...slots(history, false)];
      fc.pre(all.length > 0);
      const [place, offset] = all[pick % all.length] ?? [0, 0];
      const result = judge(spoil(history, (log) => log[place]?.push(log[place]?.[offset] ?? null)));
      expect(anomalies(result)).toEqual(['duplicate × 1 violation']);
      expect(result.verdict).toBe('fail');
    }),
    RUNS,
  );
});

test('two records of one producer that change places are a reorder, and nothing else', () => {
  fc.assert(
    fc.property(batches, fc.nat(), (sent, pick) => {
      const history = write(sent);
      const pairs = history.log.flatMap((place, number) =>
        place.flatMap((slot, offset): [number, number][] =>
          follows(slot, place[offset + 1]) ? [[number, offset]] : [],
        ),
      );
      fc.pre(pairs.length > 0);
      const [place, offset] = pairs[pick % pairs.length] ?? [0, 0];
      const swapped = spoil(history, (log) => {
        const [a = null, b = null] = log[place]?.slice(offset, offset + 2) ?? [];
        log[place]?.splice(offset, 2, b, a);
      });
      expect(anomalies(judge(swapped, false))).toEqual(['reorder × 1 violation']);
    }),
    RUNS,
  );
});
