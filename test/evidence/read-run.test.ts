/** Reading a run folder back, whole or torn. */
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENTRY_BYTES, LedgerWriter } from '../../src/evidence/ledger.ts';
import { mergeLedgers } from '../../src/evidence/merge-ledgers.ts';
import { readRun } from '../../src/evidence/read-run.ts';
import { FILES } from '../../src/evidence/run-folder.ts';
import { atSecond, RunBuilder } from '../fixtures/run-builder.ts';

test('gives back what was written', () => {
  using run = new RunBuilder();
  run.environment({ cores: 2 }).second({ second: 3, offered: 7 }).acked(0, 0, 5);
  const evidence = run.finish();
  expect(evidence).toMatchObject({
    environment: { cores: 2 },
    complete: true,
    schedule: { measureUs: 5_000_000 },
    seconds: [{ load: 'checkout', second: 3, offered: 7 }],
    ledgers: [{ load: 'checkout', worker: 0 }],
  });
  expect(evidence.streams.streams).toHaveLength(2);
});

test('sees that a run was not recorded to its end', () => {
  using run = new RunBuilder();
  expect(run.finish({ ended: false }).complete).toBe(false);
});

test('drops a torn last line', () => {
  using run = new RunBuilder();
  const { events } = run.finish();
  appendFileSync(join(run.folder, FILES.events), '{"t":99,"type":"warn');
  expect(readRun(run.folder).events).toEqual(events);
});

test('refuses a file that is damaged in the middle', () => {
  using run = new RunBuilder();
  run.finish();
  appendFileSync(join(run.folder, FILES.events), '{"t":99,"ty\n{"t":100,"type":"run-ended"}\n');
  expect(() => readRun(run.folder)).toThrow(/events.ndjson, line \d+ is not JSON/);
});

test('refuses a folder that is no run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-none-'));
  expect(() => readRun(folder)).toThrow(/is not a run folder/);
  rmSync(folder, { recursive: true });
});

test('merges ledgers by time', () => {
  using run = new RunBuilder();
  const intent = (worker: number, first: number, timeUs: number) =>
    run.entry(`ledger/checkout-${worker}.ledger`, {
      kind: 'intent',
      stream: 0,
      first,
      count: 1,
      timeUs,
    });
  for (const second of [1, 4, 5]) intent(0, second, atSecond(second));
  for (const second of [2, 3, 6]) intent(1, second, atSecond(second));
  const { ledgers } = run.finish();
  appendFileSync(ledgers[1]?.path ?? '', Buffer.alloc(17));
  const seen: [number, number][] = [];
  mergeLedgers(
    ledgers.map(({ path }) => path),
    ({ first }, source) => seen.push([first, source]),
  );
  expect(seen).toEqual([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 0],
    [5, 0],
    [6, 1],
  ]);
});

test('refuses a folder that lost a ledger, which would look like loss', () => {
  using run = new RunBuilder();
  run.event({ t: 1, type: 'worker-started', load: 'checkout', worker: 0, pid: 1 });
  expect(() => run.finish()).toThrow(/checkout-0.ledger is missing/);
});

describe('a process that took the work of a killed one over', () => {
  const again = (run: RunBuilder): RunBuilder => {
    const event = { t: 1, type: 'worker-started', load: 'checkout', worker: 0, pid: 1 } as const;
    return run
      .intent(0, 0, 1)
      .event(event)
      .event({ ...event, incarnation: 1 });
  };

  test('has a ledger of its own', () => {
    using run = new RunBuilder();
    again(run).entry('ledger/checkout-0.1.ledger', {
      ...{ kind: 'intent', stream: 0, first: 1, count: 1, timeUs: atSecond(9) },
    });
    const { ledgers } = run.finish();
    expect(ledgers).toMatchObject([
      { load: 'checkout', worker: 0, incarnation: 1 },
      { load: 'checkout', worker: 0, incarnation: 0 },
    ]);
  });

  test('is missed when its ledger is gone', () => {
    using run = new RunBuilder();
    expect(() => again(run).finish()).toThrow(/checkout-0.1.ledger is missing/);
  });
});

describe('a ledger that its writer closed', () => {
  const NAME = 'ledger/checkout-0.ledger';
  const entry = (first: number) =>
    ({ kind: 'intent', stream: 0, first, count: 1, timeUs: atSecond(first) }) as const;

  /** A run whose worker wrote five entries and said so; `spoil` gets the path. */
  function runWith(run: RunBuilder, spoil: (path: string) => void): void {
    const path = join(run.folder, NAME);
    const writer = new LedgerWriter(path, 2);
    for (const first of [0, 1, 2, 3, 4]) writer.append(entry(first));
    run.event({ t: 9, type: 'ledger-ended', file: NAME, ...writer.close() });
    spoil(path);
    run.finish();
  }

  test('is whole', () => {
    using run = new RunBuilder();
    expect(() => runWith(run, () => {})).not.toThrow();
  });

  test('was cut at the border of an entry', () => {
    using run = new RunBuilder();
    const cut = (path: string): void => truncateSync(path, 4 * ENTRY_BYTES);
    expect(() => runWith(run, cut)).toThrow(
      `${NAME} has 4 entries, and its writer closed it with 5`,
    );
  });

  test('was changed', () => {
    using run = new RunBuilder();
    const change = (path: string): void => {
      const bytes = readFileSync(path);
      bytes.writeDoubleLE(7, 16);
      writeFileSync(path, bytes);
    };
    expect(() => runWith(run, change)).toThrow(`${NAME} is not what its writer closed`);
  });

  test('is missing', () => {
    using run = new RunBuilder();
    expect(() => runWith(run, (path) => rmSync(path))).toThrow(`${NAME} is missing`);
  });

  test('is told of in whole although another wrote before', () => {
    using run = new RunBuilder();
    const path = join(run.folder, NAME);
    const first = new LedgerWriter(path);
    first.append(entry(0));
    first.close();
    runWith(run, () => {});
    expect(readRun(run.folder).events).toContainEqual(
      expect.objectContaining({ type: 'ledger-ended', entries: 6 }),
    );
  });
});

test('refuses a folder that lost its streams', () => {
  using run = new RunBuilder();
  run.finish();
  rmSync(join(run.folder, FILES.streams));
  expect(() => readRun(run.folder)).toThrow(/streams.json is missing/);
});

test('refuses a line that is no object, and a run of another format', () => {
  using run = new RunBuilder();
  run.finish();
  writeFileSync(join(run.folder, FILES.loadSeries), 'null\n');
  expect(() => readRun(run.folder)).toThrow(/not a JSON object/);
  writeFileSync(join(run.folder, FILES.run), '{"format":99}');
  expect(() => readRun(run.folder)).toThrow(/format 99/);
});
