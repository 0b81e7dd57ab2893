/** What a library read at once, a few records at a time. */
import type { ConsumedBatch } from './client.ts';

/** Every record once, in order, at most `records` of them in each part. */
export function* partsOf(batch: ConsumedBatch, records: number): Generator<ConsumedBatch> {
  for (let from = 0; from < batch.count; from += records) {
    yield {
      partition: batch.partition,
      count: Math.min(records, batch.count - from),
      offsetAt: (i) => batch.offsetAt(from + i),
      valueAt: (i) => batch.valueAt(from + i),
    };
  }
}
