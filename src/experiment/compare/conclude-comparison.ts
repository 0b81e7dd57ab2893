/** From what was compared to `compare.json` and the page. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineFacts } from '../../host/machine.ts';
import { environmentError, messageOf } from '../../lib/errors.ts';
import { COMPARE_FILES } from './files.ts';
import {
  COMPARE_FORMAT,
  type Compared,
  type CompareFindings,
  conclude,
  judgeMetrics,
} from './findings.ts';
import { comparePage } from './page.ts';

export type Known = Pick<
  CompareFindings,
  'base' | 'candidate' | 'differences' | 'rules' | 'refusal'
> & {
  /** Of the program. */
  readonly version: string;
  /** As resolved. */
  readonly scenarios: { readonly base: string; readonly candidate: string };
};

export type Concluded = {
  readonly found: CompareFindings;
  /** Why there is no page, when rendering failed. */
  readonly pageError: string | null;
};

/** Throws an environment error when the folder cannot be written. */
export async function concludeComparison(
  folder: string,
  compared: Compared,
  { version, scenarios, ...known }: Known,
): Promise<Concluded> {
  const metrics = known.refusal === null ? judgeMetrics(compared, known.rules) : [];
  const versions = { ordeal: version, node: process.version };
  const found: CompareFindings = {
    format: COMPARE_FORMAT,
    kind: 'compare',
    finishedAt: new Date().toISOString(),
    ...conclude(metrics, known.rules, known.refusal),
    ...known,
    metrics,
    compared,
    environment: { machine: machineFacts(), versions },
  };
  write(folder, COMPARE_FILES.findings, `${JSON.stringify(found, null, 2)}\n`);
  const told = Object.entries(versions).map(([name, of]) => `${name} ${of}`);
  try {
    const page = await comparePage({ found, scenarios, versions: told.join(', ') });
    write(folder, COMPARE_FILES.page, page);
    return { found, pageError: null };
  } catch (error) {
    return {
      found,
      pageError: error instanceof Error ? (error.stack ?? error.message) : messageOf(error),
    };
  }
}

function write(folder: string, name: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), text);
  } catch (error) {
    throw environmentError('out.unwritable', `cannot write ${name}: ${messageOf(error)}`, {
      hint: 'free space, and start the same command again: the runs are kept',
      cause: error,
    });
  }
}
