/** A broker's `.log` file: batches one after the other, as they were appended. */
import {
  type BatchHeader,
  batches,
  crcMatches,
  isControl,
  type RecordView,
  recordBytes,
  visitRecords,
} from './batch.ts';

export type SegmentBatch = {
  readonly header: BatchHeader;
  readonly crcMatches: boolean;
  readonly control: boolean;
  /** Visits the records; throws ProtocolError when they are damaged. */
  readonly visit: (visit: (record: RecordView) => void) => Promise<void>;
};

/** Every whole batch of the file's bytes; a torn last one, as a killed broker leaves, is not told. */
export function* decodeSegment(bytes: Buffer): Generator<SegmentBatch> {
  for (const { at, header } of batches(bytes)) {
    if (header.bytes === 0) return;
    yield {
      header,
      crcMatches: crcMatches(bytes, at, header),
      control: isControl(header),
      visit: async (visit) => visitRecords(await recordBytes(bytes, at, header), header, visit),
    };
  }
}
