/** What the checker holds does not grow with the records, and where it would hold too much it says so instead. */
import { expect, test } from 'vitest';
import type { RunEvidence } from '../../src/evidence/read-run.ts';
import { measure } from '../../src/measure/measure.ts';
import { BLOCK } from '../../src/verify/block-digests.ts';
import { readHistory } from '../../src/verify/history.ts';
import type { Result } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import { RunBuilder } from '../fixtures/run-builder.ts';
import { type Course, SLICE, STEADY, SteadyRun } from '../fixtures/steady-run.ts';

/** Bytes held at most in a run of so many records, in which nothing is wrong. */
function peakOf(records: number, course: Course = () => STEADY): number {
  using run = new SteadyRun(records / SLICE, course).builder;
  const { memory, findings } = readHistory(run.scenario, run.finish(), new Set());
  expect(findings.all).toEqual([]);
  return memory.peakBytes;
}

test('four times the records take less than a KiB more for each million', () => {
  const more = peakOf(4_000_000) - peakOf(1_000_000);
  expect(more).toBeLessThan(3 * 1024);
});

const silentFor =
  (answer: 'unknown' | null, written: boolean): Course =>
  (send) =>
    send >= 2_000 && send < 122_000 ? { answer, written } : STEADY;

test.each([
  ['nobody answers', silentFor(null, true)],
  ['all is unknown, and written', silentFor('unknown', true)],
  ['all is unknown, and not written', silentFor('unknown', false)],
])(
  'an outage in which %s takes what two blocks of each stream and its seconds take',
  (_, course) => {
    // One by one the sends alone would be 3.8 MB.
    expect(peakOf(2_600_000, course)).toBeLessThan(3_000_000);
  },
);

function judge(run: RunBuilder, evidence: RunEvidence, limitBytes: number): Result {
  return verify(run.scenario, evidence, measure(run.scenario, evidence), limitBytes);
}

const kinds = ({ delivery }: Result): string[] =>
  delivery.anomalies.map(({ kind, count, judgement }) => `${kind} × ${count} ${judgement}`);

/** Every second record is not in the log, because it was refused; a group got the rest. */
function brokenUp(run: RunBuilder, records: number): RunBuilder {
  for (let i = 0; i < records; i++) {
    if (i % 2 === 1) run.intent(0, i, 1).outcome(0, i, 1, 'failed');
    else run.acked(0, i, 1, i / 2).read(0, i, 1, i / 2);
  }
  return run.audited(0, records / 2).audited(1, 0);
}

test('a log too broken up to be held is unknown, with nothing found that is not so', () => {
  using run = brokenUp(new RunBuilder(), 2000);
  const evidence = run.finish();
  expect(judge(run, evidence, 2 ** 20).verdict).toBe('pass');
  const result = judge(run, evidence, 4096);
  expect(result.verdict).toBe('unknown');
  expect(result.reasons).toEqual([
    expect.objectContaining({
      code: 'memory-cap',
      message: expect.stringContaining('held in the 4KiB of memory'),
    }),
  ]);
  expect(kinds(result)).toEqual([]);
  expect(result.delivery).toMatchObject({ acknowledged: 1000, failed: 1000, unknown: 0 });
  expect(result.delivery).toMatchObject({ read: null, lost: null, duplicated: null });
});

test('so is what clients were told, when only that is too broken up', () => {
  using run = new RunBuilder();
  for (let i = 0; i < 20_000; i++) run.intent(0, i, 1, 1000 + i);
  // The log is one run, and every second record is answered.
  run.read(0, 0, 20_000, 0).audited(0, 20_000).audited(1, 0);
  for (let i = 0; i < 20_000; i += 2) run.outcome(0, i, 1, 'acknowledged', i, 2_000_000 + i);
  const evidence = run.finish({ drainS: 5 });
  const within = readHistory(run.scenario, evidence, new Set()).memory.peakBytes;
  const result = judge(run, evidence, within / 2);
  expect(result.reasons.map(({ code }) => code)).toEqual(['memory-cap']);
  expect(result.delivery).toMatchObject({ acknowledged: 10_000, failed: 0, read: null });
  expect(kinds(result)).toEqual([]);
});

test('what was proven before the memory was used up stays a failure', () => {
  using run = new RunBuilder();
  run.entry('ledger/audit.ledger', {
    ...{ kind: 'damaged', place: 1, baseOffset: 0, count: 1, timeUs: 0 },
  });
  const evidence = brokenUp(run, 2000).finish();
  const result = judge(run, evidence, 4096);
  expect(result.verdict).toBe('fail');
  expect(kinds(result)).toEqual(['damaged × 1 violation']);
  expect(result.reasons.map(({ code }) => code)).toContain('memory-cap');
});

/** A record of unknown outcome in each of two blocks, so that digests differ, and a second producer between all records. */
function inDoubt(run: RunBuilder): RunBuilder {
  for (let i = 0; i < 2 * BLOCK; i += 64) {
    const unknown = i % BLOCK === 0;
    run
      .intent(0, i, 64)
      .outcome(0, i, 64, unknown ? 'unknown' : 'acknowledged', unknown ? -1 : 2 * i);
    run.read(0, i, 64, 2 * i);
    run.entry('ledger/audit.ledger', {
      ...{ kind: 'foreign', place: 0, baseOffset: 2 * i + 64, count: 64, timeUs: 0 },
    });
  }
  return run.audited(0, 4 * BLOCK).audited(1, 0);
}

test('where records stand that digests leave in doubt is not decided without the memory for it', () => {
  using run = inDoubt(new RunBuilder());
  const evidence = run.finish();
  const { memory, undecided } = readHistory(run.scenario, evidence, new Set());
  expect(undecided).toBe(false);
  expect(judge(run, evidence, memory.peakBytes).verdict).toBe('pass');
  const result = judge(run, evidence, memory.peakBytes - 1);
  expect(result.verdict).toBe('unknown');
  expect(result.reasons.map(({ code, message }) => [code, message.slice(0, 43)])).toEqual([
    ['memory-cap', 'whether all that was acknowledged stands wh'],
  ]);
  expect(result.delivery).toMatchObject({ read: 2 * BLOCK, lost: 0, duplicated: 0 });
});

test('an acknowledgement of another offset is found in whatever block it is, and so is a first copy', () => {
  using run = new RunBuilder();
  const end = 3 * BLOCK;
  run.acked(0, 0, BLOCK + 10, 0).read(0, 0, end, 0);
  // One offset too far, over the border of two blocks.
  run.acked(0, BLOCK + 10, BLOCK, BLOCK + 11).acked(0, 2 * BLOCK + 10, BLOCK - 10, 2 * BLOCK + 10);
  run
    .read(0, 2 * BLOCK + 20, 2, end)
    .audited(0, end + 2)
    .audited(1, 0);
  const evidence = run.finish();
  const result = judge(run, evidence, 2 ** 20);
  expect(kinds(result)).toContain(`inconsistent-offset × ${BLOCK} violation`);
  const copies = result.delivery.anomalies.find(({ kind }) => kind === 'duplicate');
  expect(copies?.examples[0]?.note).toContain(`first copy at offset ${2 * BLOCK + 20}`);
});
