/** The first screen: the verdict, why, and the run in plain sentences. */

import type { Measures } from '../../measure/measures.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { Result, Verdict } from '../../verify/result.ts';
import { type Html, html } from '../escape.ts';
import { audited } from '../format.ts';
import { VERDICT_WORDS, whatHappened, whatWasAsked, why } from '../story.ts';

export const MARKS: Readonly<Record<Verdict, string>> = {
  pass: '✓ pass',
  fail: '✕ fail',
  unknown: '? unknown',
};

export function overview(scenario: Scenario, result: Result, measures: Measures): Html {
  const { verdict, startedAt } = result;
  const started = startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
  return html`<header class="top"><h1>${result.scenario}</h1><span class="soft">${started}</span></header>
<section class="verdict ${verdict}">
<strong>${verdict}</strong>
<p class="word">${VERDICT_WORDS[verdict]}</p>
<ul>${why(result).map((sentence) => html`<li>${sentence}</li>`)}</ul>
</section>
<section class="story">
<div><h3>What was asked</h3>
${paragraphs(scenario.question)}
${whatWasAsked(scenario).map((sentence) => html`<p class="soft">${sentence}</p>`)}</div>
<div><h3>What happened</h3>
${whatHappened(result, measures).map((sentence) => html`<p>${sentence}</p>`)}</div>
</section>
${tiles(result)}`;
}

export const paragraphs = (text: string): Html[] =>
  text
    .split(/\n\s*\n/)
    .filter((part) => part.trim() !== '')
    .map((part) => html`<p>${part.trim()}</p>`);

function tiles({ delivery }: Result): Html {
  const tile = (name: string, value: number | null, bad = false): Html =>
    html`<div class="${bad && (value ?? 0) > 0 ? 'bad' : ''}"><dt>${name}</dt><dd>${audited(value)}</dd></div>`;
  const { acknowledged, failed, unknown, read, lost, duplicated, reordered } = delivery;
  return html`<dl class="tiles">${[
    tile('acknowledged', acknowledged),
    tile('failed', failed),
    tile('unknown', unknown),
    tile('in the log', read),
    tile('lost', lost, true),
    tile('duplicated', duplicated),
    tile('reordered', reordered),
  ]}</dl>`;
}
