/** The lies a broker can be told to tell, and about which batches. */
import { BATCH_HEADER_BYTES } from '../../src/wire/batch.ts';
import { sealBatch } from '../../src/wire/encode-batch.ts';

/** Batches of a partition are numbered 0, 1, 2 … as they arrive, retries included. */
export type About = {
  readonly topic?: string;
  readonly partition?: number;
  /** The first batch concerned; 0 unless said otherwise. */
  readonly from?: number;
  /** How many batches of each partition are concerned; 1 unless said otherwise. */
  readonly count?: number;
};

export type Lie = About &
  (
    | { /** Acknowledged, never appended. */ readonly kind: 'lose' }
    | { /** Appended twice. */ readonly kind: 'duplicate' }
    /** Acknowledged without an offset, and appended after the next batch that comes over the same connection. */
    | { readonly kind: 'reorder' }
    | { /** Appended, never answered. */ readonly kind: 'swallow-ack' }
    | {
        /** Appended at once, answered so much later. */ readonly kind: 'delay';
        readonly ms: number;
      }
    | {
        /** The whole broker stops, before this batch is looked at. */ readonly kind: 'stall';
        readonly ms: number;
      }
    /** `bytes`: the stored batch no longer has its CRC. `stamp`: one record is changed and the CRC fits it. */
    | { readonly kind: 'corrupt'; readonly how: 'bytes' | 'stamp' }
    /** Answers the code; `appended` says whether it is stored all the same. */
    | { readonly kind: 'error'; readonly code: number; readonly appended?: boolean }
  );

export function concerns(lie: Lie, topic: string, partition: number, batch: number): boolean {
  const { from = 0, count = 1 } = lie;
  return (
    (lie.topic ?? topic) === topic &&
    (lie.partition ?? partition) === partition &&
    batch >= from &&
    batch < from + count
  );
}

/** The batch with one byte changed: the last of all, or one in the first stamp there is. */
export function corrupted(batch: Buffer, how: 'bytes' | 'stamp'): Buffer {
  const copy = Buffer.from(batch);
  const at = how === 'bytes' ? copy.length - 1 : copy.indexOf('ordl', BATCH_HEADER_BYTES) + 12;
  copy[at] = (copy[at] as number) ^ 0xff;
  return how === 'bytes' ? copy : sealBatch(copy);
}
