/**
 * Batching for client libraries that have none: `linger.ms` and `batch.size` per stream, as Java's producer means
 * them. A slice is due when its records fill a batch or the oldest has waited for the linger; it never holds more
 * than one batch, and at least one record.
 */

export type Batching = {
  readonly lingerUs: number;
  readonly batchBytes: number;
};

/** Bounds what an adapter materialises at once when values are tiny. */
export const MAX_SLICE_RECORDS = 5000;
/** What Kafka's record format adds to a value, about. */
const RECORD_OVERHEAD_BYTES = 10;

/** Records of a stream that wait to be given to the client. */
export type Waiting = {
  readonly first: number;
  readonly count: number;
  /** When the first of them was offered. */
  readonly offeredUs: number;
};

/** How many of the waiting records go out now; 0 when they wait on. */
export function dueNow(
  waiting: Waiting,
  nowUs: number,
  batching: Batching,
  sizeOf: (sequence: number) => number,
): number {
  const most = Math.min(waiting.count, MAX_SLICE_RECORDS);
  let bytes = 0;
  let count = 0;
  while (count < most) {
    bytes += sizeOf(waiting.first + count) + RECORD_OVERHEAD_BYTES;
    if (count > 0 && bytes > batching.batchBytes) break;
    count += 1;
  }
  const full = count < waiting.count || bytes >= batching.batchBytes;
  return full || nowUs - waiting.offeredUs >= batching.lingerUs ? count : 0;
}

/** The same, without a look at each record. */
export function dueOfFixedSize(
  { count, offeredUs }: Waiting,
  nowUs: number,
  { batchBytes, lingerUs }: Batching,
  bytes: number,
): number {
  const each = bytes + RECORD_OVERHEAD_BYTES;
  const perBatch = Math.max(1, Math.min(Math.floor(batchBytes / each), MAX_SLICE_RECORDS));
  const most = Math.min(count, perBatch);
  const full = most < count || most * each >= batchBytes;
  return full || nowUs - offeredUs >= lingerUs ? most : 0;
}
