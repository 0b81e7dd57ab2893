/** What was found in the log that should not be there, or was not and should be, with examples. */
import type { Anomaly, AnomalyKind, Result } from '../../verify/result.ts';
import { type Html, html } from '../escape.ts';
import { count, moment, NONE } from '../format.ts';
import { table } from './tables.ts';

const MEANING: Readonly<Record<AnomalyKind, string>> = {
  'acknowledged-loss': 'The client was told that the record is written, and it is not in the log.',
  duplicate: 'The same record stands in the log more than once.',
  reorder: 'A record stands behind a later one of the same producer.',
  phantom: 'A record stands where none may stand.',
  'wrong-partition': 'A record stands in another partition than it was sent to.',
  'realtime-reorder':
    'A record that was sent after another one had been acknowledged stands before it.',
  'offset-reuse': 'An offset that was given to one record was given to another one.',
  'unexplained-gap': 'Nothing stands at an offset, and nothing explains it.',
  'read-then-lost': 'A group was handed a record that the log no longer has.',
  'redelivery-below-commit':
    'A group was handed records again that lie below what it had committed.',
  'backwards-delivery': 'Within one assignment a consumer was handed records again.',
  'rewound-commit': 'The committed offset of a group went back.',
  'committed-too-far': 'A group committed an offset beyond what it had been handed.',
  'two-owners': 'Two consumers of a group were handed records of one partition at a time.',
  'leader-epoch-back': 'Later records of the log were written under an earlier leader.',
  damaged: 'A record is not read as it was written.',
  'inconsistent-offset': 'The acknowledgement named one offset, and the record stands at another.',
  truncation: 'The log became shorter than consumers had already seen it.',
  'skipped-delivery': 'A record of the log was passed over by a group.',
  'aborted-read': 'A reader at read_committed saw a record of a transaction that was aborted.',
  'torn-transaction':
    'Readers at read_committed see a part of a transaction, and not the rest of it.',
  'lost-transaction': 'Readers at read_committed see nothing of a transaction that was committed.',
  'early-read': 'A reader at read_committed saw a record before its commit was asked for.',
  'hanging-transaction': 'A transaction stayed open, and nobody at read_committed reads past it.',
  'retention-gap': 'Retention or an order took an acknowledged record from the log.',
  'premature-deletion': 'The log lost its beginning before retention allowed it.',
  'compaction-loss':
    'Of a key neither the newest acknowledged record nor a newer one is in the log.',
  'relay-loss': 'A relay has left a record behind, and lacks what it makes of it.',
  'relay-duplicate': 'Readers see more than once what a relay made of one record.',
  'relay-phantom': 'A relay wrote what none of its inputs makes.',
  'stuck-partition': 'A partition acknowledged nothing more although others went on.',
  'stuck-group': 'A group was handed nothing more although there were records for it.',
};

export function anomalies({ delivery }: Result): Html {
  return html`<h2>Anomalies</h2>${
    delivery.anomalies.length === 0
      ? html`<p>${delivery.read === null ? 'The log was not audited.' : 'The log was read back and compared with what was sent. Nothing was found.'}</p>`
      : delivery.anomalies.map(anomaly)
  }`;
}

function anomaly({ kind, count: found, judgement, why, examples }: Anomaly): Html {
  const tone = judgement === 'violation' ? 'fail' : 'pass';
  return html`<h3><span class="mark ${tone}">${judgement}</span> ${kind} × ${count(found)}</h3>
<p>${MEANING[kind]} <span class="soft">${judgement === 'violation' ? 'What holds here' : 'Why it is no failure'}: ${why}.</span></p>
${table(
  ['Where', 'Offset ', 'Producer', 'Record ', 'At ', 'Faults in force', ''],
  examples.map((example) => [
    `${example.topic}/${example.partition}`,
    count(example.offset),
    example.producer ?? NONE,
    count(example.sequence),
    moment(example.atMs),
    example.faults.join(', '),
    html`<span class="soft">${example.note}</span>`,
  ]),
)}`;
}
