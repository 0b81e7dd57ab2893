/** A whole search in its folder: goes on from what is there, and leaves the findings and the page. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineFacts } from '../../host/machine.ts';
import { environmentError, messageOf } from '../../lib/errors.ts';
import { EXPERIMENT_FILES } from './files.ts';
import { type CapacityFindings, findings } from './findings.ts';
import { Journal } from './journal.ts';
import { capacityPage } from './page.ts';
import { runSearch, type SearchSetting } from './run-search.ts';

export type Conducted = {
  readonly found: CapacityFindings;
  /** Why there is no page, when rendering failed. */
  readonly pageError: string | null;
};

/** Null when it was interrupted. Throws what `Journal` and `runSearch` throw. */
export async function conductSearch(
  setting: Omit<SearchSetting, 'journal'>,
): Promise<Conducted | null> {
  const { folder, options, seed, context, load } = setting;
  const { scenario, resolved } = load([], seed);
  const { most, ...asked } = options;
  const journal = new Journal(folder, { ...asked, scenario: resolved, seed });
  const answer = await runSearch({ ...setting, journal });
  if (answer === null) return null;
  const versions = { ordeal: context.host.version, node: process.version };
  const found = findings(answer, journal.steps, {
    scenario: scenario.name,
    finishedAt: new Date().toISOString(),
    predicate: scenario.expect.map(({ text }) => text),
    options: { ...asked, most, seed },
    environment: { machine: machineFacts(), versions },
  });
  write(folder, EXPERIMENT_FILES.findings, `${JSON.stringify(found, null, 2)}\n`);
  const page = { found, question: scenario.question, resolved };
  return { found, pageError: await writePage(folder, page, versions) };
}

async function writePage(
  folder: string,
  page: Omit<Parameters<typeof capacityPage>[0], 'versions'>,
  versions: Readonly<Record<string, string>>,
): Promise<string | null> {
  const told = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  try {
    write(
      folder,
      EXPERIMENT_FILES.page,
      await capacityPage({ ...page, versions: told.join(', ') }),
    );
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  }
}

function write(folder: string, name: string, text: string): void {
  try {
    writeFileSync(join(folder, name), text);
  } catch (error) {
    throw environmentError('out.unwritable', `cannot write ${name}: ${messageOf(error)}`, {
      hint: 'free space, and start the same command again: the steps are kept',
      cause: error,
    });
  }
}
