/** Names of everything in a run folder; the format is public (README). */

export const RUN_FORMAT = 1;

export const FILES = {
  run: 'run.json',
  scenario: 'scenario.resolved.yaml',
  /** Written when the cluster is ready: host and cluster facts, resolved client settings, adapter notes. */
  environment: 'environment.json',
  events: 'events.ndjson',
  loadSeries: 'series/load.ndjson',
  clusterSeries: 'series/cluster.ndjson',
  histograms: 'histograms.hlog',
  streams: 'ledger/streams.json',
  auditLedger: 'ledger/audit.ledger',
  report: 'report.html',
  result: 'result.json',
} as const;

export const FOLDERS = ['series', 'ledger', 'logs'] as const;

/** One ledger per worker process; `incarnation` counts those of one worker, the first is 0. */
export const workerLedger = (load: string, worker: number, incarnation = 0): string =>
  `ledger/${load}-${worker}${incarnation === 0 ? '' : `.${incarnation}`}.ledger`;

/** `run.json`, written first. */
export type RunRecord = {
  readonly format: number;
  readonly pid: number;
  /** ISO 8601, UTC: the wall time of t0. */
  readonly startedAt: string;
  readonly scenarioFile: string;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
};
