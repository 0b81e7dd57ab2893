/** The records of one fetched stretch of log: who wrote them, or that they are damaged. */
import { StampReader } from '../payload/stamp.ts';
import type { AbortedTransactions } from '../wire/aborted.ts';
import {
  type BatchHeader,
  batches,
  crcMatches,
  endOfTransaction,
  isControl,
  type RecordView,
  recordBytes,
  visitRecords,
} from '../wire/batch.ts';
import { ProtocolError } from '../wire/protocol-error.ts';
import type { RunWriter } from './run-writer.ts';

/** No producer puts more into one batch; a larger delta is damage too. */
const MAX_BATCH_RECORDS = 1_000_000;

export type Stretch = {
  readonly bytes: Buffer;
  /** The next offset to read. */
  readonly position: number;
  /** Records from here on are not of interest. */
  readonly to: number;
  readonly runId: number;
  /** Null when reading uncommitted, where nothing is hidden. */
  readonly aborted: AbortedTransactions | null;
};

/** Writes what stands in [position, to) and returns the next position. Damage is written down, never thrown. */
export async function readBatches(stretch: Stretch, writer: RunWriter): Promise<number> {
  const { bytes, to } = stretch;
  let position = stretch.position;
  try {
    for (const { at, header } of batches(bytes)) {
      if (header.baseOffset >= to) break;
      const end = endOf(header);
      if (end <= position) continue;
      await takeBatch({ ...stretch, position }, at, header, writer);
      position = end;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    // Not a batch at all: where the next one begins is unknown, so the broker is asked from the next offset on.
    damage(writer, position, position + 1);
    position++;
  }
  return position;
}

async function takeBatch(
  stretch: Stretch,
  at: number,
  header: BatchHeader,
  writer: RunWriter,
): Promise<void> {
  const { bytes, position, to, aborted } = stretch;
  if (aborted?.hides(header)) return;
  if (crcMatches(bytes, at, header)) await readBatch(stretch, at, header, writer);
  else damage(writer, Math.max(position, header.baseOffset), Math.min(endOf(header), to));
}

function endOf({ baseOffset, lastOffsetDelta }: BatchHeader): number {
  const sound = lastOffsetDelta >= 0 && lastOffsetDelta < MAX_BATCH_RECORDS;
  return baseOffset + (sound ? lastOffsetDelta + 1 : 1);
}

const damage = (writer: RunWriter, from: number, to: number): void =>
  writer.other('damaged', from, Math.max(1, to - from));

async function readBatch(
  stretch: Stretch,
  at: number,
  header: BatchHeader,
  writer: RunWriter,
): Promise<void> {
  const { position, to, aborted } = stretch;
  let next = Math.max(position, header.baseOffset);
  try {
    const body = await recordBytes(stretch.bytes, at, header);
    stamps.begin();
    visitRecords(body, header, (record) => {
      // Whoever is before the first record of interest may be the one that it follows.
      const found = isControl(header) ? null : readStampOf(record);
      if (record.offset < position || record.offset >= to) return;
      if (found === null) readMarker(record, header, aborted, writer);
      else noteRecord(record, found, header.leaderEpoch, stretch.runId, writer);
      next = record.offset + 1;
    });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    damage(writer, next, Math.min(endOf(header), to));
  }
}

function readMarker(
  record: RecordView,
  { producerId }: BatchHeader,
  aborted: AbortedTransactions | null,
  writer: RunWriter,
): void {
  const end = endOfTransaction(record);
  if (end === null) return;
  if (end === 'abort') aborted?.ended(producerId);
  writer.marker(end, record.offset);
}

/** Of one batch at a time. */
const stamps = new StampReader();

type Found = ReturnType<StampReader['read']>;

const readStampOf = ({ body, offset, valueAt, valueLength }: RecordView): Found =>
  stamps.read(body, valueAt, valueLength, offset);

function noteRecord(
  { offset }: RecordView,
  found: Found,
  leaderEpoch: number,
  runId: number,
  writer: RunWriter,
): void {
  const { stamp } = stamps;
  if (found === 'ok' && stamp.runId === runId) {
    writer.read(stamp.stream, stamp.sequence, offset, leaderEpoch);
  } else {
    writer.other(found === 'damaged' ? 'damaged' : 'foreign', offset, 1);
  }
}
