/**
 * From a run folder to its verdict and page: a pure function of the files, so an old run is judged again without
 * a cluster. The result is computed and on disk before any page; a renderer's failure never changes a verdict.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type RunEvidence, readRun } from '../evidence/read-run.ts';
import { FILES } from '../evidence/run-folder.ts';
import { environmentError, messageOf } from '../lib/errors.ts';
import { measure } from '../measure/measure.ts';
import type { Measures } from '../measure/measures.ts';
import { renderHtml } from '../report/html.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Result } from '../verify/result.ts';
import { verify } from '../verify/verdict.ts';
import { asFound } from './real-topics.ts';

export type Judgement = {
  readonly scenario: Scenario;
  readonly evidence: RunEvidence;
  readonly measures: Measures;
  readonly result: Result;
  /** Why there is no page, when rendering failed. */
  readonly pageError: string | null;
};

export type JudgeOptions = {
  /** What the checker's structures may hold. */
  readonly checkerBytes: number;
  readonly fresh?: boolean;
};

/**
 * `fresh`: the run has just ended in this process. A folder met later that has no result lost its harness before it
 * could be judged; what it recorded may lack its end.
 */
export async function judge(
  folder: string,
  { checkerBytes, fresh = false }: JudgeOptions,
): Promise<Judgement> {
  const resolved = readFileSync(join(folder, FILES.scenario), 'utf8');
  const { scenario: written } = loadScenario(resolved, {
    file: join(folder, FILES.scenario),
    env: {},
    missingEnv: 'empty',
  });
  const recorded = readRun(folder);
  const evidence = { ...recorded, complete: recorded.complete && (fresh || wasJudged(folder)) };
  const scenario = asFound(written, evidence.events);
  const measures = measure(scenario, evidence);
  const result = verify(scenario, evidence, measures, checkerBytes);
  const pending = join(folder, `${FILES.result}.pending`);
  onDisk(folder, () => writeDurably(pending, `${JSON.stringify(result, null, 2)}\n`));
  const pageError = await writePage(folder, { scenario, resolved, evidence, measures, result });
  onDisk(folder, () => renameSync(pending, join(folder, FILES.result)));
  return { scenario, evidence, measures, result, pageError };
}

/** Whether the run's own harness came to its result: one that was only judged later stays incomplete. */
function wasJudged(folder: string): boolean {
  const path = join(folder, FILES.result);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  return text.trim() !== '' && !text.includes('"evidence-incomplete"');
}

async function writePage(
  folder: string,
  input: Parameters<typeof renderHtml>[0],
): Promise<string | null> {
  try {
    const html = await renderHtml(input);
    writeFileSync(join(folder, FILES.report), html);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  }
}

function writeDurably(path: string, text: string): void {
  const fd = openSync(path, 'w');
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function onDisk(folder: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw environmentError('out.unwritable', `cannot write ${FILES.result}: ${messageOf(error)}`, {
      hint: `free space and run: ordeal report ${folder}`,
      cause: error,
    });
  }
}
