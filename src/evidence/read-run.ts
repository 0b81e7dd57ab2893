/**
 * A run folder as values. Small files are held; ledgers and histograms are only named here and visited by whoever
 * counts them. A harness that was killed leaves a torn last line: it is dropped, everything before it stands.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { environmentError, inputError, messageOf, type OrdealError } from '../lib/errors.ts';
import type { RunEvent } from './events.ts';
import { ENTRY_BYTES } from './ledger.ts';
import { ledgerTrouble } from './ledger-end.ts';
import { FILES, RUN_FORMAT, type RunRecord, workerLedger } from './run-folder.ts';
import type { ClusterSample, LoadSecond } from './series.ts';
import type { StreamTable } from './streams.ts';

/** When traffic was offered, in microseconds since t0. */
export type TrafficSchedule = {
  readonly warmupUs: number;
  readonly measureUs: number;
  readonly endUs: number;
};

/** The ledger of one worker process. */
export type WorkerLedger = {
  readonly load: string;
  readonly worker: number;
  /** How many processes its worker had before. */
  readonly incarnation: number;
  readonly path: string;
};

export type RunEvidence = {
  readonly folder: string;
  readonly record: RunRecord;
  /** null when the run ended before its cluster was ready. */
  readonly environment: Readonly<Record<string, unknown>> | null;
  /** By time. */
  readonly events: readonly RunEvent[];
  /** null when no traffic was ever scheduled. */
  readonly schedule: TrafficSchedule | null;
  readonly streams: StreamTable;
  readonly seconds: readonly LoadSecond[];
  readonly samples: readonly ClusterSample[];
  readonly ledgers: readonly WorkerLedger[];
  /** null when nothing was audited. */
  readonly auditLedger: string | null;
  readonly histograms: string | null;
  /** Whether the run came to its end: `run-ended` was seen. */
  readonly complete: boolean;
};

const NO_STREAMS: StreamTable = { runId: 0, streams: [], partitions: [] };

/** Throws `run.not-a-run` when the folder has no `run.json`, `run.damaged` when a file is not what it should be. */
export function readRun(folder: string): RunEvidence {
  const recordPath = join(folder, FILES.run);
  if (!existsSync(recordPath)) {
    throw inputError(
      'run.not-a-run',
      `${folder} is not a run folder: it has no ${FILES.run}`,
      'name a folder that `ordeal run` wrote',
    );
  }
  const record = readJson<RunRecord>(recordPath);
  if (record.format !== RUN_FORMAT) {
    throw damaged(`${FILES.run} says format ${record.format}, and this ordeal reads ${RUN_FORMAT}`);
  }
  const events = readLines<RunEvent>(join(folder, FILES.events)).sort((a, b) => a.t - b.t);
  const evidence: RunEvidence = {
    folder,
    record,
    environment: readOptional(join(folder, FILES.environment)),
    events,
    schedule: scheduleOf(events),
    streams: readOptional<StreamTable>(join(folder, FILES.streams)) ?? NO_STREAMS,
    seconds: readLines<LoadSecond>(join(folder, FILES.loadSeries)),
    samples: readLines<ClusterSample>(join(folder, FILES.clusterSeries)),
    ledgers: workerLedgers(join(folder, 'ledger')),
    auditLedger: existing(join(folder, FILES.auditLedger)),
    histograms: existing(join(folder, FILES.histograms)),
    complete: events.some(({ type }) => type === 'run-ended'),
  };
  checkWhole(evidence);
  return evidence;
}

/** Milliseconds from the start of `measure`; from t0 when nothing was scheduled. */
export const sinceMeasureMs = (schedule: TrafficSchedule | null, timeUs: number): number =>
  (timeUs - (schedule?.measureUs ?? 0)) / 1000;

function scheduleOf(events: readonly RunEvent[]): TrafficSchedule | null {
  const found = events.find((event) => event.type === 'schedule');
  if (found === undefined) return null;
  const { warmupUs, measureUs, endUs } = found;
  return { warmupUs, measureUs, endUs };
}

function workerLedgers(folder: string): WorkerLedger[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const [, load, worker, incarnation = '0'] =
        /^(.+)-(\d+)(?:\.(\d+))?\.ledger$/.exec(name) ?? [];
      if (load === undefined) return [];
      const path = join(folder, name);
      return [{ load, worker: Number(worker), incarnation: Number(incarnation), path }];
    });
}

const existing = (path: string): string | null => (existsSync(path) ? path : null);

const readOptional = <T>(path: string): T | null => (existsSync(path) ? readJson<T>(path) : null);

function readJson<T>(path: string): T {
  return parse<T>(readFileSync(path, 'utf8'), path, '');
}

/** Every line but a torn last one must be JSON. */
function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  const torn = lines.pop() ?? '';
  const values = lines.flatMap((line, i) =>
    line === '' ? [] : [parse<T>(line, path, `, line ${i + 1}`)],
  );
  return torn === '' ? values : [...values, ...wholeLine<T>(torn)];
}

function wholeLine<T>(text: string): T[] {
  try {
    return [JSON.parse(text) as T];
  } catch {
    return []; // Torn by the end of its writer.
  }
}

function parse<T>(text: string, path: string, place: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(`${basename(path)}${place} is not JSON: ${messageOf(error)}`, error);
  }
  if (typeof value !== 'object' || value === null) {
    throw damaged(`${basename(path)}${place} is not a JSON object`);
  }
  return value as T;
}

const damaged = (message: string, cause?: unknown): OrdealError =>
  environmentError('run.damaged', message, {
    hint: 'the run folder was changed after the run; run the scenario again',
    cause,
  });

/** What a run that had traffic must have left. A missing file would look like something that Kafka did. */
function checkWhole(evidence: RunEvidence): void {
  const { folder, events, schedule, ledgers, auditLedger } = evidence;
  if (schedule === null) return;
  const missing = [
    ...(existsSync(join(folder, FILES.streams)) ? [] : [FILES.streams]),
    ...(auditLedger === null && events.some(({ type }) => type === 'audit')
      ? [FILES.auditLedger]
      : []),
    ...events.flatMap((event) => {
      if (event.type !== 'worker-started') return [];
      const file = workerLedger(event.load, event.worker, event.incarnation);
      return ledgers.some(({ path }) => path === join(folder, file)) ? [] : [file];
    }),
  ];
  if (missing.length > 0) throw damaged(`${missing.join(', ')} is missing in ${folder}`);
  for (const event of events) {
    if (event.type !== 'ledger-ended') continue;
    const trouble = ledgerTrouble(join(folder, event.file), event, ENTRY_BYTES);
    if (trouble !== null) throw damaged(`${event.file} ${trouble}`);
  }
}
