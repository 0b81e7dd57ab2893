/** The report of one run. */
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Measures } from '../measure/measures.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Result } from '../verify/result.ts';
import { renderPage } from './page.ts';
import { anomalies } from './sections/anomalies.ts';
import { charts } from './sections/charts.ts';
import { faults } from './sections/faults.ts';
import { overview } from './sections/overview.ts';
import { setup } from './sections/setup.ts';
import { delivery, expectations, loads } from './sections/tables.ts';
import { treatments } from './sections/treatments.ts';

export type ReportInput = {
  readonly scenario: Scenario;
  /** The resolved scenario, as stored. */
  readonly resolved: string;
  readonly evidence: RunEvidence;
  readonly measures: Measures;
  readonly result: Result;
};

/** Throws when Vega's runtime is not installed, or a chart cannot be compiled. */
export async function renderHtml(input: ReportInput): Promise<string> {
  const { scenario, resolved, evidence, measures, result } = input;
  const { body, specs } = charts(scenario, evidence, measures);
  const versions = Object.entries(evidence.record.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  return await renderPage({
    title: `${result.verdict}: ${result.scenario}`,
    body: [
      overview(scenario, result, measures),
      expectations(result),
      faults(scenario, evidence, measures),
      body,
      loads(result),
      delivery(result),
      anomalies(result),
      treatments(scenario, evidence),
      setup(resolved, evidence, result),
    ],
    footer: `Made by ordeal from the run folder beside this page. Seed ${evidence.record.seed}; ${versions}.`,
    specs,
  });
}
