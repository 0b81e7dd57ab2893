/** Which charts the page has, where they stand, and what is written above them. */
import type { RunEvidence } from '../../evidence/read-run.ts';
import type { Measures } from '../../measure/measures.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { backlogChart } from '../charts/backlog.ts';
import { compileChart } from '../charts/compile.ts';
import { curveChart } from '../charts/curve.ts';
import { errorsChart } from '../charts/errors.ts';
import { frameOf, type Spec } from '../charts/frame.ts';
import { cpuChart, latenessChart } from '../charts/generator.ts';
import { latencyChart } from '../charts/latency.ts';
import { leadersChart, MAX_ROWS } from '../charts/leaders.ts';
import { throughputChart } from '../charts/throughput.ts';
import { type Html, html } from '../escape.ts';

export type Charts = { readonly body: Html; readonly specs: readonly Spec[] };

/** `unit` stands behind the title. */
type Titled = readonly [title: string, unit: string, note: string, spec: Spec | null];

export function charts(scenario: Scenario, evidence: RunEvidence, measures: Measures): Charts {
  const { warmupMs, measureMs } = scenario.phases;
  const frame = frameOf(measures, warmupMs / 1000, measureMs / 1000);
  const measureUs = evidence.schedule?.measureUs ?? 0;
  const { seconds } = measures;
  const specs: Spec[] = [];
  const draw = (all: readonly Titled[]): Html[] =>
    all.flatMap(([title, unit, note, spec]) => {
      if (spec === null) return [];
      const number = specs.push(compileChart(spec)) - 1;
      return [
        html`<h3>${title}${unit !== '' && html` <span class="unit">${unit}</span>`}</h3>${note !== '' && html`<p class="note">${note}</p>`}<div class="chart" data-chart="${number}" role="img" aria-label="${title}"></div>`,
      ];
    });
  const overTime = draw([
    [
      'Throughput',
      'records per second',
      '',
      seconds.length === 0 ? null : throughputChart(frame, seconds),
    ],
    ...scenario.load.map(
      ({ name, kind }): Titled =>
        kind === 'produce'
          ? [
              `Response time of ${name}`,
              '',
              'By the second in which a record was meant to be sent.',
              latencyChart(frame, seconds, name, 'ack'),
            ]
          : [`End to end, to ${name}`, '', '', latencyChart(frame, seconds, name, 'e2e')],
    ),
    ['Errors and retries', 'records per second', '', errorsChart(frame, seconds)],
    ['Backlog and lag', 'records', '', backlogChart(frame, seconds, evidence.samples, measureUs)],
    [
      'Leaders and ISR',
      '',
      `Each row is a partition, coloured by its leader; pale while a replica is missing from the ISR. At most ${MAX_ROWS} rows.`,
      leadersChart(frame, evidence.events, measureUs),
    ],
  ]);
  const curves = draw(
    scenario.load.map(
      ({ name }): Titled => [
        name,
        '',
        '',
        curveChart(measures.curves.filter(({ load }) => load === name)),
      ],
    ),
  );
  const generator = draw([
    [
      'Lateness',
      'milliseconds',
      'From when a record was meant to be offered to when it was.',
      latenessChart(frame, seconds),
    ],
    ['Processors', 'cores in use', '', cpuChart(frame, seconds, evidence)],
  ]);
  return { body: bodyOf(overTime, curves, generator), specs };
}

function bodyOf(
  overTime: readonly Html[],
  curves: readonly Html[],
  generator: readonly Html[],
): Html {
  return html`<h2>Over time</h2>
<noscript><p class="note">The charts need scripts; everything else on this page does not.</p></noscript>
${overTime.length === 0 ? html`<p>Nothing was measured.</p>` : overTime}
${curves.length > 0 && html`<h2>How slow the slowest are</h2><p class="note">Each step to the right is ten times rarer.</p>${curves}`}
${generator.length > 0 && html`<h2>Whether the harness kept up</h2>${generator}`}`;
}
