/** The report: one self-contained page that opens offline, is read without scripts, and can be printed. */
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Measures } from '../measure/measures.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Result } from '../verify/result.ts';
import { html, inlineJson, trusted } from './escape.ts';
import { DRAW, scriptHash, vegaRuntime } from './runtime.ts';
import { anomalies } from './sections/anomalies.ts';
import { charts } from './sections/charts.ts';
import { faults } from './sections/faults.ts';
import { overview } from './sections/overview.ts';
import { setup } from './sections/setup.ts';
import { delivery, expectations, loads } from './sections/tables.ts';
import { treatments } from './sections/treatments.ts';
import { STYLE } from './style.ts';

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
  const runtime = await vegaRuntime();
  const { body, specs } = charts(scenario, evidence, measures);
  // Vega compiles its expressions to functions, hence unsafe-eval; nothing may be fetched from anywhere.
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${scriptHash(runtime)} ${scriptHash(DRAW)} 'unsafe-eval'`;
  const versions = Object.entries(evidence.record.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${result.verdict}: ${result.scenario}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${overview(scenario, result, measures)}
${expectations(result)}
${faults(scenario, evidence, measures)}
${body}
${loads(result)}
${delivery(result)}
${anomalies(result)}
${treatments(scenario, evidence)}
${setup(resolved, evidence, result)}
<footer>Made by ordeal from the run folder beside this page. Seed ${evidence.record.seed}; ${versions}.</footer>
</main>
<script type="application/json" id="charts">${trusted(inlineJson(specs))}</script>
<script>${trusted(runtime)}</script>
<script>${trusted(DRAW)}</script>
</body>
</html>
`.html;
}
