/** By which table the anomalies were judged: what was a failure here, what was expected, and why. */
import type { RunEvidence } from '../../evidence/read-run.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { isUndisturbed, treatments as rowsOf } from '../../verify/guarantees.ts';
import { type Html, html } from '../escape.ts';
import { treatedAlike } from '../treatments.ts';
import { table } from './tables.ts';

export function treatments(scenario: Scenario, { events }: RunEvidence): Html {
  const rows = rowsOf({ scenario, undisturbed: isUndisturbed(scenario, events) });
  return html`<details><summary>What is a failure here, and what is expected</summary>
${table(
  ['Of', 'Anomalies', 'Treated as', 'Because'],
  treatedAlike(rows).map(({ about, kinds, as, why }) => [
    about,
    kinds,
    as,
    html`<span class="soft">${why}</span>`,
  ]),
)}</details>`;
}
