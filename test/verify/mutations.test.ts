/** A legal run under settings that promise everything, spoilt in one place: found under its name, and nothing else. */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { GUARANTEES } from '../../src/verify/guarantees.ts';
import type { AnomalyKind, Result } from '../../src/verify/result.ts';
import { plans, play, strictSettings } from '../fixtures/legal-runs.ts';
import { MUTATIONS, type Mutation, type Pick } from '../fixtures/mutations.ts';
import { Bench } from '../fixtures/written-run.ts';

/** Kinds whose mutations are elsewhere, and where; or that are never a violation. */
const ELSEWHERE: Readonly<Partial<Record<AnomalyKind, string>>> = {
  'compaction-loss': 'compaction-loss.test.ts',
  'aborted-read': 'transactions.property.test.ts',
  'torn-transaction': 'transactions.property.test.ts',
  'lost-transaction': 'transactions.property.test.ts',
  'early-read': 'transactions.property.test.ts',
  'hanging-transaction': 'transaction-histories.test.ts',
  'relay-loss': 'relay-histories.test.ts',
  'relay-duplicate': 'relay-histories.test.ts',
  'relay-phantom': 'relay-histories.test.ts',
  'retention-gap': 'expected everywhere: legal-histories.test.ts',
  'two-owners': 'expected everywhere: legal-histories.test.ts',
};

const RUNS = Number(process.env['ORDEAL_MUTATIONS'] ?? 30);
const bench = new Bench();
afterAll(() => bench[Symbol.dispose]());

function violations({ delivery }: Result): Map<AnomalyKind, number> {
  const found = new Map<AnomalyKind, number>();
  for (const { kind, count, judgement } of delivery.anomalies) {
    if (judgement === 'violation') found.set(kind, (found.get(kind) ?? 0) + count);
  }
  return found;
}

function check({ kind, count, implies = [] }: Mutation, result: Result): void {
  const found = violations(result);
  const others = [...found.keys()].filter((one) => one !== kind && !implies.includes(one));
  expect(others).toEqual([]);
  if (kind === null) return;
  expect([...found.keys()]).toContain(kind);
  if (count !== undefined) expect(found.get(kind)).toBe(count);
}

describe('finds, and finds nothing else, when', () => {
  test.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
    '%s',
    (_, mutation) => {
      fc.assert(
        fc.property(plans(strictSettings), fc.nat(), (plan, lot) => {
          const run = play(plan);
          const pick: Pick = (of) => of[lot % Math.max(1, of.length)];
          fc.pre(mutation.spoil(run, pick));
          check(mutation, bench.judge(run));
        }),
        { numRuns: RUNS, maxSkipsPerRun: 1000 },
      );
    },
  );
});

test('every kind of anomaly has a mutation', () => {
  const mutated = MUTATIONS.flatMap(({ kind }) => (kind === null ? [] : [kind]));
  const all = new Set([...mutated, ...Object.keys(ELSEWHERE)]);
  expect([...all].sort()).toEqual(Object.keys(GUARANTEES).sort());
});
