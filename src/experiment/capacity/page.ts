/** The page of a capacity search: the answer first, then the curve it comes from, then every step. */
import { compileChart } from '../../report/charts/compile.ts';
import { INK, latencyY, type Spec } from '../../report/charts/frame.ts';
import { type Html, html } from '../../report/escape.ts';
import { duration, NONE, perSecond } from '../../report/format.ts';
import { renderPage } from '../../report/page.ts';
import { paragraphs } from '../../report/sections/overview.ts';
import { table } from '../../report/sections/tables.ts';
import type { CapacityFindings } from './findings.ts';
import type { MeasuredStep } from './measured-step.ts';
import { atLatency, explanation, headline } from './words.ts';

export type CapacityPage = {
  readonly found: CapacityFindings;
  /** The scenario's leading comment. */
  readonly question: string;
  /** As resolved, before any rate was changed. */
  readonly resolved: string;
  readonly versions: string;
};

/** Throws when Vega's runtime is not installed, or the chart cannot be compiled. */
export async function capacityPage({
  found,
  question,
  resolved,
  versions,
}: CapacityPage): Promise<string> {
  const chart = found.curve.length === 0 ? null : compileChart(curveChart(found));
  return await renderPage({
    title: `capacity: ${found.scenario}`,
    body: [
      answer(found, question),
      chart &&
        html`<h2>Latency against load</h2>
<p class="note">Each point is a step: the rate that was asked for, and the response time then. The line is the median of p99; the band is where the border lies.</p>
<div class="chart" data-chart="0" role="img" aria-label="p99 of the response time by rate"></div>`,
      steps(found.steps),
      html`<h2>The scenario</h2><details><summary>As resolved, before its rate was varied</summary><pre>${resolved}</pre></details>`,
    ],
    footer: `Made by ordeal; every step is an ordinary run in a folder beside this page. Seed ${found.options.seed}; ${versions}.`,
    specs: chart === null ? [] : [chart],
  });
}

function answer(found: CapacityFindings, question: string): Html {
  const { answer: known, options, saturation, knee, throughputAt, predicate } = found;
  const holds =
    predicate.length === 0 ? 'nothing is lost and the cluster keeps up' : predicate.join(', ');
  return html`<header class="top"><h1>${found.scenario}</h1><span class="soft">${found.finishedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</span></header>
<section class="verdict ${found.verdict}">
<strong>${headline(known)}</strong>
<p class="word">${known.kind !== 'nothing' && 'records a second, of all producers together. '}${explanation(known, options)}</p>
<ul>${saturation !== null && html`<li>${saturation.text}</li>`}
<li>It holds when: ${holds}.</li></ul>
</section>
<section class="story">
<div><h3>What was asked</h3>
${paragraphs(question)}</div>
<div><h3>By latency</h3>
${throughputAt.map((one) => html`<p>${atLatency(one)}</p>`)}
${knee !== null && html`<p>Latency climbs from ${perSecond(knee)} on.</p>`}</div>
</section>`;
}

const OUTCOMES = {
  holds: INK.received,
  breaks: INK.bad,
  void: INK.offered,
  disturbed: INK.warn,
} as const;

function curveChart({ curve, steps: all, answer: known }: CapacityFindings): Spec {
  const points = all.flatMap(({ rate, outcome, ackMs, number }) =>
    ackMs === null ? [] : [{ rate, outcome, number, ms: Math.max(ackMs.p99, 0.001) }],
  );
  const line = curve.map(({ rate, p99 }) => ({ rate, ms: Math.max(p99, 0.001) }));
  const x = {
    field: 'rate',
    type: 'quantitative',
    title: null,
    scale: { zero: false },
    axis: { labelExpr: "format(datum.value, '~s') + '/s'", grid: false },
  };
  const y = { field: 'ms', ...latencyY(points.map(({ ms }) => ms)) };
  const names = Object.keys(OUTCOMES).filter((name) => points.some((one) => one.outcome === name));
  const colours = names.map((name) => OUTCOMES[name as keyof typeof OUTCOMES]);
  return {
    width: 'container',
    height: 300,
    layer: [
      ...('bracket' in known ? [band(known.bracket)] : []),
      {
        data: { values: line },
        mark: { type: 'line', strokeWidth: 1.75, color: INK.acknowledged },
        encoding: { x, y },
      },
      {
        data: { values: points },
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: {
          x,
          y,
          color: {
            field: 'outcome',
            type: 'nominal',
            title: null,
            scale: { domain: names, range: colours },
          },
          tooltip: [
            { field: 'number', title: 'step' },
            { field: 'rate', format: ',.0f' },
            { field: 'ms', title: 'p99 in milliseconds', format: ',.4~g' },
            { field: 'outcome' },
          ],
        },
      },
    ],
  };
}

const band = (bracket: { readonly low: number; readonly high: number }): Spec => ({
  data: { values: [bracket] },
  mark: { type: 'rect', color: 'var(--band-fault)' },
  encoding: { x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
});

const steps = (all: readonly MeasuredStep[]): Html => html`<h2>Steps</h2>
${table(
  ['Step', 'Asked ', 'Acknowledged ', 'p50 ', 'p99 ', 'max ', 'Cores in use ', ''],
  all.map(({ number, folder, rate, acknowledgedPerSecond, ackMs, processors, outcome, why }) => [
    html`<a href="${folder}/report.html">${number}</a>`,
    perSecond(rate),
    perSecond(acknowledgedPerSecond),
    ...[ackMs?.p50, ackMs?.p99, ackMs?.max].map(duration),
    processors === null ? NONE : `${processors.busy.toFixed(1)} of ${processors.cores}`,
    `${outcome}${why === null ? '' : `: ${why}`}`,
  ]),
)}`;
