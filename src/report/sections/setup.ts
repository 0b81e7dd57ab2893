/** What the run was made of: the resolved scenario, the environment, and what clients and observer complained about. */
import type { RunEvidence } from '../../evidence/read-run.ts';
import type { Result } from '../../verify/result.ts';
import { type Html, html } from '../escape.ts';
import { count } from '../format.ts';
import { table } from './tables.ts';

export function setup(resolved: string, evidence: RunEvidence, result: Result): Html {
  const environment = JSON.stringify(result.environment, hideSecret, 2);
  return html`<h2>Configuration and environment</h2>
${errors(evidence)}
<details><summary>Resolved scenario</summary><pre>${maskSecrets(resolved)}</pre></details>
<details><summary>Environment</summary><pre>${environment}</pre></details>`;
}

const SECRET = /password|secret|jaas|credential|token/i;
const HIDDEN = '(hidden)';

const hideSecret = (key: string, value: unknown): unknown =>
  SECRET.test(key) && typeof value === 'string' ? HIDDEN : value;

/** A page is passed on more freely than a run folder. */
export const maskSecrets = (yaml: string): string =>
  yaml.replace(
    /^(\s*["']?[\w.-]*(?:password|secret|jaas|credential|token)[\w.-]*["']?\s*:\s*).+$/gim,
    `$1${HIDDEN}`,
  );

/** The most frequent complaints. */
const MAX_ERRORS = 12;

function errors({ events }: RunEvidence): Html | null {
  const found = new Map<string, { load: string; code: string; message: string; count: number }>();
  for (const event of events) {
    if (event.type !== 'client-error') continue;
    const key = JSON.stringify([event.load, event.code, event.message]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { ...event });
    else known.count += event.count;
  }
  const rows = [...found.values()].sort((a, b) => b.count - a.count).slice(0, MAX_ERRORS);
  if (rows.length === 0) return null;
  return html`<details open><summary>What the clients reported</summary>
${table(
  ['Load', 'Code', 'Message', 'Times '],
  rows.map(({ load, code, message, count: times }) => [load, code, message, count(times)]),
)}</details>`;
}
