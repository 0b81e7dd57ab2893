/**
 * When examples happened that nobody saw happen: when a group was handed the record or went past it, else when the record was
 * sent. Another pass over the workers' ledgers tells; only runs in which something was found pay for it.
 */
import { type RawEntry, readLedger } from '../evidence/ledger.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Findings, RawExample } from './findings.ts';

export function dateExamples({ ledgers, streams }: RunEvidence, { undated }: Findings): void {
  const sent = undated.filter(({ stream, sequence }) => stream !== undefined && sequence !== null);
  const read = undated.filter(({ reader }) => reader);
  for (const { load, path } of ledgers) {
    const mine = read.filter(({ reader }) => reader === load);
    const produced = sent.filter(({ stream = -1 }) => streams.streams[stream]?.load === load);
    if (mine.length + produced.length === 0) continue;
    readLedger(path, (entry) => {
      if (entry.kind === 'intent') dateSent(produced, entry);
      else if (entry.kind === 'delivered') dateRead(mine, entry, streams.partitions[entry.place]);
    });
  }
}

function dateSent(examples: readonly RawExample[], entry: RawEntry): void {
  const { stream, first, count, timeUs } = entry;
  for (const example of examples) {
    const sequence = example.sequence ?? -1;
    const isOf = example.stream === stream && sequence >= first && sequence < first + count;
    if (isOf) example.timeUs ??= timeUs;
  }
}

/** Each worker of a group has a ledger of its own: the earliest counts. */
function dateRead(
  examples: readonly RawExample[],
  { baseOffset, count, timeUs }: RawEntry,
  place: { readonly topic: string; readonly partition: number } | undefined,
): void {
  for (const example of examples) {
    if (example.topic !== place?.topic || example.partition !== place.partition) continue;
    if (baseOffset + count <= (example.offset ?? Infinity)) continue;
    example.timeUs = Math.min(example.timeUs ?? Infinity, timeUs);
  }
}
