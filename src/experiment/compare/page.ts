/** The page of a comparison: the answer first, then how much each metric differs and how sure that is, then every pair. */
import { compileChart } from '../../report/charts/compile.ts';
import { INK, type Spec } from '../../report/charts/frame.ts';
import { type Html, html } from '../../report/escape.ts';
import { NONE, share } from '../../report/format.ts';
import { renderPage } from '../../report/page.ts';
import type { Interval } from './decide.ts';
import type { Compared, CompareFindings, MetricFinding } from './findings.ts';
import {
  changeText,
  explanation,
  headline,
  intervalText,
  label,
  noise,
  valueText,
  verdictText,
} from './words.ts';

export type ComparePage = {
  readonly found: CompareFindings;
  /** As resolved. */
  readonly scenarios: { readonly base: string; readonly candidate: string };
  readonly versions: string;
};

/** Throws when Vega's runtime is not installed, or the chart cannot be compiled. */
export async function comparePage({ found, scenarios, versions }: ComparePage): Promise<string> {
  const drawn = found.metrics.some(({ interval }) => interval !== null);
  const specs = drawn ? [compileChart(intervalChart(found))] : [];
  return await renderPage({
    title: `compare: ${found.base.scenario}`,
    body: [
      answer(found),
      found.metrics.length === 0 ? null : metricTable(found),
      drawn ? chartSection(found) : null,
      pairTable(found.compared),
      html`<h2>The scenarios</h2><details><summary>Base, as resolved</summary><pre>${scenarios.base}</pre></details>
<details><summary>Candidate, as resolved</summary><pre>${scenarios.candidate}</pre></details>`,
    ],
    footer: `Made by ordeal; every run has an ordinary run folder. ${versions}.`,
    specs,
  });
}

function answer(found: CompareFindings): Html {
  const { base, candidate, differences } = found;
  const beside = noise(found);
  const side = ({ from, set }: CompareFindings['base']): string => [from, ...set].join(' ');
  return html`<header class="top"><h1>${base.scenario}</h1><span class="soft">${found.finishedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</span></header>
<section class="verdict ${found.verdict}">
<strong>${found.answer}</strong>
<p class="word">${headline(found)}</p>
<ul><li>${explanation(found)}</li>${beside !== null && html`<li>${beside}</li>`}</ul>
</section>
<section class="story">
<div><h3>Base</h3><p>${side(base)}</p><h3>Candidate</h3><p>${side(candidate)}</p></div>
<div><h3>What differs</h3>
${differences.length === 0 ? html`<p>Nothing: both sides ask for the same.</p>` : differences.map(({ path, base: ours, candidate: theirs }) => html`<p>${path}: ${ours ?? NONE} → ${theirs ?? NONE}</p>`)}</div>
</section>`;
}

const metricTable = ({ metrics, rules }: CompareFindings): Html => html`<h2>Metrics</h2>
<div class="scroll"><table><thead><tr><th>Metric</th><th class="n">Base</th><th class="n">Candidate</th><th class="n">Change</th><th class="n">Interval</th><th class="n">Would have shown</th><th>Verdict</th></tr></thead>
<tbody>${metrics.map(
  (metric) =>
    html`<tr><td>${label(metric.name)}${metric.decides && html` <span class="soft">decides</span>`}</td><td class="n">${valueText(metric.base, metric)}</td><td class="n">${valueText(metric.candidate, metric)}</td><td class="n">${changeText(metric.change)}</td><td class="n">${intervalText(metric)}</td><td class="n">${changeText(metric.detectable)}</td><td>${verdictText(metric, rules)}${metric.note !== null && html`: ${metric.note}`}</td></tr>`,
)}</tbody></table></div>
<p class="note">Values are geometric means over the runs. Claims of a difference are wrong in at most ${share(rules.error)} of all comparisons of a thing with itself, all metrics and all looks together. “Would have shown”: the smallest difference that would have been found nine times in ten.</p>`;

const chartSection = ({ rules }: CompareFindings): Html => html`<h2>How much, and how sure</h2>
<p class="note">The candidate against the base. The thin line holds for all metrics together, the thick one for its metric alone; the band is ±${share(rules.practical)}, within which there is no difference for any practical purpose.</p>
<div class="chart" data-chart="0" role="img" aria-label="Change and interval of every metric"></div>`;

const INKS = {
  better: INK.received,
  worse: INK.bad,
  'no difference': INK.acknowledged,
  inconclusive: INK.warn,
} as const;

/** A few pairs give intervals over many decades, which would leave no room for the others. */
const WIDEST = Math.log(100);
const NARROWEST = Math.log(1.2);

function intervalChart({ metrics, rules: { practical } }: CompareFindings): Spec {
  const rows = metrics.flatMap(rowOf);
  const reach = Math.max(
    NARROWEST,
    ...rows.flatMap(({ low, high }) => [low, high]).map((ratio) => Math.abs(Math.log(ratio))),
  );
  const edge = Math.exp(Math.min(WIDEST, reach * 1.05));
  const x = {
    type: 'quantitative',
    title: null,
    scale: { type: 'log', domain: [1 / edge, edge], nice: false },
    axis: {
      grid: false,
      tickCount: 8,
      labelExpr:
        "datum.value > 3 ? '×' + format(datum.value, '~r') : format(datum.value - 1, '+.0%')",
    },
  };
  const y = {
    field: 'metric',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { labelLimit: 260, minExtent: 200 },
  };
  const names = Object.keys(INKS).filter((name) => rows.some(({ verdict }) => verdict === name));
  const color = {
    field: 'verdict',
    type: 'nominal',
    title: null,
    scale: { domain: names, range: names.map((name) => INKS[name as keyof typeof INKS]) },
  };
  const bar = (low: string, high: string, size: number): Spec => ({
    data: { values: rows },
    mark: { type: 'rule', strokeWidth: size, clip: true },
    encoding: { x: { field: low, ...x }, x2: { field: high }, y, color },
  });
  return {
    width: 'container',
    height: { step: 26 },
    layer: [
      {
        data: { values: [{ low: 1 - practical, high: 1 + practical }] },
        mark: { type: 'rect', color: 'var(--band-phase)', clip: true },
        encoding: { x: { field: 'low', ...x }, x2: { field: 'high' } },
      },
      bar('low', 'high', 1.5),
      bar('surelyLow', 'surelyHigh', 5),
      {
        data: { values: rows },
        mark: { type: 'point', filled: true, size: 70, opacity: 1, clip: true },
        encoding: { x: { field: 'ratio', ...x }, y, color, tooltip: TOOLTIP },
      },
    ],
  };
}

const TOOLTIP = [
  { field: 'metric' },
  { field: 'change' },
  { field: 'interval' },
  { field: 'verdict' },
];

function rowOf(metric: MetricFinding) {
  const { change, interval, equivalence, verdict, name } = metric;
  if (change === null || interval === null || equivalence === null) return [];
  const surely = ratios(equivalence);
  return [
    {
      metric: label(name),
      ratio: 1 + change,
      ...ratios(interval),
      surelyLow: surely.low,
      surelyHigh: surely.high,
      change: changeText(change),
      interval: intervalText(metric),
      verdict,
    },
  ];
}

/** Beyond what a chart can show, and where a logarithm still exists. */
const ratios = ({ low, high }: Interval): Interval => ({
  low: Math.max(1 + low, 1e-6),
  high: Math.min(1 + high, 1e6),
});

function pairTable(compared: Compared): Html {
  if (compared.design === 'sides') {
    return html`<h2>Runs</h2><p class="note">Made at different times: whatever changed between them counts as a difference.</p>
<ul>${[...compared.base, ...compared.candidate].map(({ folder }) => html`<li>${folder}</li>`)}</ul>`;
  }
  return html`<h2>Pairs</h2>
<table><thead><tr><th>Pair</th><th>First</th><th>Runs</th><th class="n">p50</th><th class="n">p99</th></tr></thead>
<tbody>${compared.pairs.map(
    ({ number, first, base, candidate }) =>
      html`<tr><td>${number}</td><td>${first}</td><td><a href="${base.folder}/report.html">base</a>, <a href="${candidate.folder}/report.html">candidate</a></td>${['p50(ack)', 'p99(ack)'].map((name) => html`<td class="n">${bothValues(base.values[name], candidate.values[name])}</td>`)}</tr>`,
  )}</tbody></table>`;
}

const bothValues = (ours: number | null | undefined, theirs: number | null | undefined): string =>
  `${valueText(ours ?? null, { unit: 'ms' })} → ${valueText(theirs ?? null, { unit: 'ms' })}`;
