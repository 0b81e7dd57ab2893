/** Tables that need no script: expectations, loads, topics and groups. */
import type { LatencySummary, Result } from '../../verify/result.ts';
import { type Html, html } from '../escape.ts';
import { audited, bytesPerSecond, count, duration, inUnit, NONE, perSecond } from '../format.ts';
import { MARKS } from './overview.ts';

/** Columns whose name ends in a space hold numbers. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly (Html | string)[])[],
): Html {
  const kind = (i: number): string => (columns[i]?.endsWith(' ') ? 'n' : '');
  return html`<div class="scroll"><table><thead><tr>${columns.map(
    (name, i) => html`<th class="${kind(i)}">${name.trim()}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (cells) => html`<tr>${cells.map((cell, i) => html`<td class="${kind(i)}">${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

export function expectations({ expectations: all }: Result): Html | null {
  if (all.length === 0) return null;
  return html`<h2>What was expected</h2>
${table(
  ['Expectation', 'Measured ', 'Verdict', ''],
  all.map(({ expression, actual, unit, verdict, note }) => [
    html`<code>${expression}</code>`,
    inUnit(actual, unit),
    html`<span class="mark ${verdict}">${MARKS[verdict]}</span>`,
    html`<span class="soft">${note ?? ''}</span>`,
  ]),
)}`;
}

export function loads({ load }: Result): Html {
  const entries = Object.entries(load);
  const tail = (latency: LatencySummary): string[] =>
    latency === null
      ? [NONE, NONE, NONE, NONE]
      : [latency.p50, latency.p99, latency.p999, latency.max].map(duration);
  return html`<h2>Loads</h2>
${table(
  ['Load', 'Records ', 'Rate ', 'Bytes ', 'p50 ', 'p99 ', 'p99.9 ', 'max ', 'CPU s per million '],
  entries.map(([name, one]) => [
    name,
    count(one.kind === 'produce' ? one.acknowledged : one.received),
    perSecond(one.ratePerSecond),
    bytesPerSecond(one.bytesPerSecond),
    ...tail(one.kind === 'produce' ? one.ackMs : one.endToEndMs),
    one.cpuSecondsPerMillion === null ? NONE : one.cpuSecondsPerMillion.toFixed(1),
  ]),
)}
<p class="note">Over the whole of <em>measure</em>. For producers, from when a record was meant to be sent to its acknowledgement; for consumers, to when it was handed over.</p>
${table(
  ['Where producers waited', 'p50 ', 'p99 ', 'p99.9 ', 'max '],
  entries
    .filter(([, { kind }]) => kind === 'produce')
    .flatMap(([name, one]) => [
      [`${name}: in the client (queue)`, ...tail(one.queueMs)],
      [`${name}: for the cluster (service)`, ...tail(one.serviceMs)],
      [`${name}: for the harness (lateness)`, ...tail(one.latenessMs)],
    ]),
)}`;
}

export function delivery({ delivery: all }: Result): Html {
  const { byTopic, groups, transactions, relays } = all;
  const topics = table(
    [
      'Topic',
      'acknowledged ',
      'failed ',
      'unknown ',
      'in the log ',
      'lost ',
      'duplicated ',
      'reordered ',
    ],
    Object.entries(byTopic).map(([topic, counts]) => [
      topic,
      count(counts.acknowledged),
      count(counts.failed),
      count(counts.unknown),
      audited(counts.read),
      audited(counts.lost),
      audited(counts.duplicated),
      audited(counts.reordered),
    ]),
  );
  const ended = Object.entries(transactions);
  const members = Object.entries(groups);
  const relayed = Object.entries(relays);
  return html`<h2>Delivery</h2>${topics}${
    ended.length > 0 &&
    table(
      ['Transactions of', 'committed ', 'aborted ', 'unknown ', 'of these seen '],
      ended.map(([name, { committed, aborted, unknown, unknownSeen }]) => [
        name,
        ...[committed, aborted, unknown, unknownSeen].map(count),
      ]),
    )
  }${
    relayed.length > 0 &&
    table(
      ['Relay', 'in ', 'out ', 'missing ', 'again ', 'out of balance '],
      relayed.map(([name, { inputs, outputs, lost, duplicated, imbalance }]) => [
        name,
        ...[inputs, outputs, lost, duplicated, imbalance].map(count),
      ]),
    )
  }${
    members.length > 0 &&
    table(
      ['Group', 'delivered ', 'again ', 'skipped ', 'behind at the end '],
      members.map(([name, group]) => [
        name,
        count(group.delivered),
        count(group.redelivered),
        audited(group.skipped),
        count(group.lagAtEnd),
      ]),
    )
  }`;
}
