/** What was broken: a table of all faults, and for each how it went, step by step. */
import type { RunEvent } from '../../evidence/events.ts';
import type { RunEvidence } from '../../evidence/read-run.ts';
import { sinceMeasureMs } from '../../evidence/read-run.ts';
import type { FaultMeasures, Measures } from '../../measure/measures.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type Html, html } from '../escape.ts';
import { eventText, leadershipText } from '../event-text.ts';
import { duration, moment } from '../format.ts';
import { sessionRemark } from '../story.ts';
import { table } from './tables.ts';

/** Steps shown of one fault; a rolling restart of many partitions has thousands. */
const MAX_STEPS = 40;

export function faults(scenario: Scenario, evidence: RunEvidence, measures: Measures): Html | null {
  if (measures.faults.length === 0) return null;
  return html`<h2>What was broken</h2>
${table(
  ['Fault', 'What and where', 'From ', 'To ', 'Effect', 'Unavailable ', 'Recovered in '],
  measures.faults.map((fault) => [
    fault.name,
    html`${fault.kind} ${fault.where}${targetOf(fault)}`,
    moment(fault.injectedAtMs),
    moment(fault.healedAtMs),
    html`<span class="mark ${fault.effect.proven ? 'pass' : 'unknown'}">${fault.effect.proven ? '✓ seen' : '? not seen'}</span> <span class="soft">${fault.effect.evidence}</span>`,
    duration(fault.unavailableMs),
    duration(fault.recoveryMs),
  ]),
)}
<p class="note">Times are seconds from the start of <em>measure</em>. Unavailable is the longest time without an acknowledgement on any partition that was offered traffic, during the fault or its recovery. Recovered is from healing to the first of five good seconds in a row.</p>
${measures.faults.map((fault) => timeline(fault, scenario, evidence))}`;
}

const targetOf = ({ target, where }: FaultMeasures): Html | null =>
  target === null || target === where ? null : html` <span class="soft">(${target})</span>`;

function timeline(fault: FaultMeasures, scenario: Scenario, evidence: RunEvidence): Html | null {
  const { name, injectedAtMs, healedAtMs, recoveryMs, watchedMs } = fault;
  if (injectedAtMs === null) return null;
  const remark = sessionRemark(scenario, fault);
  const healed = healedAtMs ?? injectedAtMs;
  const end = healed + (recoveryMs ?? watchedMs ?? 0);
  const whole = Math.max(1, (end - injectedAtMs) * 1.04);
  const percent = (ms: number): string => `${((ms / whole) * 100).toFixed(2)}%`;
  return html`<h3>${name}</h3>
${remark !== null && html`<p class="note">${remark}</p>`}
<div class="span"><i class="force" style="left:0;width:${percent(healed - injectedAtMs)}"></i><i class="after" style="left:${percent(healed - injectedAtMs)};width:${percent(end - healed)}"></i></div>
<div class="keys"><span><i class="force"></i>in force ${duration(healed - injectedAtMs)}</span><span><i class="after"></i>${recoveryMs === null ? `not recovered in ${duration(watchedMs)}` : `recovering ${duration(recoveryMs)}`}</span></div>
<ol class="steps">${steps(fault, end, evidence)}</ol>`;
}

/** What happened from the moment it was injected, in times since then. */
function steps(fault: FaultMeasures, endMs: number, evidence: RunEvidence): Html[] {
  const from = fault.injectedAtMs ?? 0;
  const seen = evidence.events.filter((event) => {
    const at = sinceMeasureMs(evidence.schedule, event.t);
    const other = 'fault' in event && event.fault !== fault.name;
    return at >= from - 5 && at <= endMs + 1000 && !other;
  });
  const told = sentences(seen).map(
    ({ t, text }) =>
      html`<li><time>+${moment(Math.max(0, sinceMeasureMs(evidence.schedule, t) - from))}</time><span>${text}</span></li>`,
  );
  const more = told.length - MAX_STEPS;
  return more <= 0
    ? told
    : [
        ...told.slice(0, MAX_STEPS),
        html`<li><time></time><span class="soft">and ${more} more, in events.ndjson</span></li>`,
      ];
}

type Sentence = { readonly t: number; readonly text: string };

/** Partitions that came to the same leader and ISR at the same look are told together. */
function sentences(events: readonly RunEvent[]): Sentence[] {
  const looks = new Map<string, { readonly t: number; readonly state: string; places: string[] }>();
  const told = events.flatMap((event): Sentence[] => {
    // They come by the hundred, and have their own table at the end of the page.
    if (event.type === 'client-error') return [];
    if (event.type !== 'leadership') {
      const text = eventText(event);
      return text === null ? [] : [{ t: event.t, text }];
    }
    const state = leadershipText(event);
    const look = `${Math.round(event.t / 250_000)} ${event.topic} ${state}`;
    const known = looks.get(look);
    if (known === undefined) {
      looks.set(look, { t: event.t, state, places: [`${event.topic}/${event.partition}`] });
    } else known.places.push(String(event.partition));
    return [];
  });
  const led = [...looks.values()].map(({ t, state, places }) => ({
    t,
    text: `${places.join(', ')}: ${state}`,
  }));
  return [...told, ...led].sort((a, b) => a.t - b.t);
}
