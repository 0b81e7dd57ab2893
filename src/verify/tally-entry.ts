/** What one entry of a worker's ledger, by time, adds to the tally of its stream. */
import type { RawEntry } from '../evidence/ledger.ts';
import type { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import type { AuditIndex } from './audit-index.ts';
import type { StreamTally } from './history.ts';
import { type Found, judgeAcknowledged } from './judge-acknowledged.ts';
import { findRefusedButWritten } from './phantoms.ts';
import { acksOf } from './promises.ts';

/** With acks=0 nobody acknowledged anything, whatever the client calls it. */
const isUnsure = ({ load }: StreamTally, { outcome }: RawEntry): boolean =>
  outcome === 'unknown' || acksOf(load) === '0';

/** What no memory is needed for. */
export function countEntry(tally: StreamTally, entry: RawEntry): void {
  tally.sent = Math.max(tally.sent, entry.first + entry.count);
  if (entry.transaction >= 0) tally.transactional = true;
  if (entry.kind === 'intent' || isUnsure(tally, entry)) return;
  if (entry.outcome === 'failed') tally.failed += entry.count;
  else tally.acknowledged += entry.count;
}

export function tallyEntry(
  index: AuditIndex,
  tally: StreamTally,
  entry: RawEntry,
  found: Found,
): void {
  const { first, count } = entry;
  const told = found.told[tally.index.place] as AcknowledgedOffsets;
  if (entry.kind === 'intent') {
    tally.sendings.begin(entry, told.highestBefore(entry.timeUs));
    return;
  }
  const sending = tally.sendings.answer(entry);
  tally.answered.add(first, first + count);
  if (isUnsure(tally, entry)) tally.unsure.add(first, first + count);
  else if (entry.outcome === 'failed') findRefusedButWritten(tally, entry, found.findings);
  else judgeAcknowledged(index, tally, { entry, sending, told }, found);
}
