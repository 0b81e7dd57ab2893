/** The real checker and the slow, obvious one count the same, on legal runs and on spoilt ones. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { AnomalyKind, Result } from '../../src/verify/result.ts';
import { anySettings, plans, play, type Run, strictSettings } from '../fixtures/legal-runs.ts';
import { MUTATIONS, type Pick } from '../fixtures/mutations.ts';
import { auditEntries, Bench, workerEntries } from '../fixtures/written-run.ts';
import { type Counts, countExactly } from './exact-checker.ts';

const COMPARED: readonly AnomalyKind[] = [
  ...([
    'acknowledged-loss',
    'read-then-lost',
    'duplicate',
    'reorder',
    'phantom',
    'damaged',
  ] as const),
  ...(['wrong-partition', 'inconsistent-offset', 'unexplained-gap', 'skipped-delivery'] as const),
];

const bench = new Bench();
afterAll(() => bench[Symbol.dispose]());

const exactly = (run: Run): Counts =>
  countExactly({
    partitions: run.settings.partitions,
    producers: run.settings.producers,
    acknowledges: run.settings.acks !== '0',
    died: run.events.some(
      (event) => event.type === 'worker-exited' && event.load === 'checkout' && !event.expected,
    ),
    workers: workerEntries(run).map(({ entry }) => entry),
    audit: auditEntries(run),
    reach: run.logs.map(({ length: end }, place) => ({
      start: run.logStart[place] as number,
      position: run.audited[place] as number,
      end,
    })),
  });

/** As the real checker counted, whatever it makes of it. */
function counted({ delivery }: Result): Counts {
  const counts: Partial<Record<AnomalyKind, number>> = {};
  for (const { kind, count } of delivery.anomalies) {
    if (COMPARED.includes(kind)) counts[kind] = (counts[kind] ?? 0) + count;
  }
  return { ...counts, redelivered: delivery.groups['billing']?.redelivered ?? 0 };
}

function agree(run: Run): void {
  expect(counted(bench.judge(run))).toEqual(exactly(run));
}

test('they agree on legal runs of every kind', () => {
  fc.assert(
    fc.property(plans(anySettings), (plan) => agree(play(plan))),
    { numRuns: Number(process.env['ORDEAL_DIFFERENTIAL'] ?? 500) },
  );
});

test.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
  'they agree when %s',
  (_, mutation) => {
    fc.assert(
      fc.property(plans(strictSettings), fc.nat(), (plan, lot) => {
        const run = play(plan);
        const pick: Pick = (of) => of[lot % Math.max(1, of.length)];
        fc.pre(mutation.spoil(run, pick));
        agree(run);
      }),
      { numRuns: 15, maxSkipsPerRun: 1000 },
    );
  },
);
