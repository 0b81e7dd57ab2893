/** The report: one self-contained page that opens offline. */
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Measures } from '../measure/measures.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Result } from '../verify/result.ts';
import { html } from './escape.ts';

export type ReportInput = {
  readonly scenario: Scenario;
  /** The resolved scenario, as stored. */
  readonly resolved: string;
  readonly evidence: RunEvidence;
  readonly measures: Measures;
  readonly result: Result;
};

export async function renderHtml(input: ReportInput): Promise<string> {
  const { result, resolved } = input;
  return html`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${result.verdict}: ${result.scenario}</title>
<h1>${result.verdict}</h1>
<ul>${result.reasons.map(({ message }) => html`<li>${message}`)}</ul>
<pre>${resolved}</pre>
</html>
`.html;
}
