/**
 * Writes a run folder while the run goes on. Every event is handed to the operating system as it happens, so a
 * killed harness leaves all it had seen; a full disk is one environment error, thrown to whoever records.
 */
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { environmentError, inputError, messageOf } from '../lib/errors.ts';
import type { RunEvent } from './events.ts';
import { FILES, FOLDERS, type RunRecord } from './run-folder.ts';
import type { ClusterSample, LoadSecond } from './series.ts';
import type { StreamTable } from './streams.ts';

/** Written and removed again; a page of it, since what is left of a file's last page is not free for others. */
const SPACE_CHECK = '.space';
const PAGE = '\n'.repeat(4096);

export interface Recorder extends Disposable {
  readonly folder: string;
  event(event: RunEvent): void;
  second(second: LoadSecond): void;
  sample(sample: ClusterSample): void;
  histogram(line: string): void;
  /** Once, when the cluster is ready. */
  environment(facts: Readonly<Record<string, unknown>>): void;
  streams(table: StreamTable): void;
  /** Throws `out.unwritable` when nothing more can be written: others write to the folder too, and do not say so. */
  checkSpace(): void;
}

/**
 * Creates the folder (new or empty, or it throws `out.not-empty`) and its sub-folders, and writes `run.json` and
 * the resolved scenario.
 */
export function createRecorder(
  folder: string,
  record: RunRecord,
  resolvedScenario: string,
  histogramHeader: string,
): Recorder {
  prepareFolder(folder);
  const write = (name: string, text: string): void =>
    onDisk(folder, () => writeFileSync(join(folder, name), text));
  write(FILES.run, `${JSON.stringify(record, null, 2)}\n`);
  write(FILES.scenario, resolvedScenario);
  write(FILES.histograms, histogramHeader);
  const append = (name: string): number => onDisk(folder, () => openSync(join(folder, name), 'a'));
  const files = {
    events: append(FILES.events),
    load: append(FILES.loadSeries),
    cluster: append(FILES.clusterSeries),
    histograms: append(FILES.histograms),
  };
  const line = (fd: number, text: string): void =>
    onDisk(folder, () => {
      writeSync(fd, `${text}\n`);
    });
  return {
    folder,
    event: (event) => line(files.events, JSON.stringify(event)),
    second: (second) => line(files.load, JSON.stringify(second)),
    sample: (sample) => line(files.cluster, JSON.stringify(sample)),
    histogram: (text) => line(files.histograms, text),
    environment: (facts) => write(FILES.environment, `${JSON.stringify(facts, null, 2)}\n`),
    streams: (table) => write(FILES.streams, `${JSON.stringify(table)}\n`),
    checkSpace: () => {
      write(SPACE_CHECK, PAGE);
      rmSync(join(folder, SPACE_CHECK), { force: true });
    },
    [Symbol.dispose]: () => {
      for (const fd of Object.values(files)) closeSync(fd);
    },
  };
}

/** Earlier attempts of the same run may be in it. Throws `out.not-empty` or `out.unwritable`; makes no folder then. Called before anything starts. */
export function checkFolder(folder: string): void {
  checkAncestors(folder);
  if (existsSync(folder)) {
    if (readdirSync(folder).some((name) => !name.startsWith('attempt-'))) {
      throw inputError(
        'out.not-empty',
        `the run folder ${folder} is not empty`,
        'name a new folder with --out, or leave --out away',
      );
    }
  }
}

/** Whatever is there already, of the folder and those above it, must be a folder. */
function checkAncestors(folder: string): void {
  let path = resolve(folder);
  while (path !== dirname(path) && !isThere(path)) path = dirname(path);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  const what = found === undefined ? 'a link to nothing' : 'a file';
  const where = path === resolve(folder) ? 'is' : `is below ${path}, which is`;
  throw inputError('out.not-a-folder', `--out ${folder} ${where} ${what}`, 'name a new folder');
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path) !== undefined;
  } catch {
    return false; // Whether it may be looked at or made is said when it is made.
  }
}

function prepareFolder(folder: string): void {
  checkFolder(folder);
  onDisk(folder, () => {
    for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true });
  });
}

function onDisk<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw environmentError('out.unwritable', `cannot write to ${folder}: ${messageOf(error)}`, {
      hint: `free space or rights in ${dirname(folder)}, or choose another place with --out`,
      cause: error,
    });
  }
}
