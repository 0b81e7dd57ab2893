/** The lies a broker can be told to tell, and about which batches. */
import { readStamp, STAMP_BYTES, type Stamp, writeStamp } from '../../src/payload/stamp.ts';
import { BATCH_HEADER_BYTES } from '../../src/wire/batch.ts';
import { sealBatch } from '../../src/wire/encode-batch.ts';

/** Batches of a partition are numbered 0, 1, 2 … as they arrive, retries included. */
export type About = {
  /** As the scenario calls it, whatever prefix it has here. */
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
    /** Appended, and answered with the offset that the batch before it was given. */
    | { readonly kind: 'reuse-offset' }
    /** Appended to the topic's next partition. */
    | { readonly kind: 'misplace' }
    /** Appended behind as many offsets that nothing stands at. */
    | { readonly kind: 'gap'; readonly offsets: number }
    /** Appended with an older leader epoch than what stands before it. */
    | { readonly kind: 'old-epoch' }
    /** Appended, and a copy beside it whose records nobody has sent. */
    | { readonly kind: 'forge' }
    /** The newest batches are gone before this one takes their place. */
    | { readonly kind: 'truncate'; readonly batches: number }
    /** The older half of the log is gone, and nobody asked for that. */
    | { readonly kind: 'delete-early' }
    /** Appended, and not shown to consumer groups. */
    | { readonly kind: 'hide' }
    /** The connection is closed instead of an answer; `appended` says whether it is stored all the same. */
    | { readonly kind: 'cut'; readonly appended?: boolean }
    /** Answers the code; `appended` says whether it is stored all the same. */
    | { readonly kind: 'error'; readonly code: number; readonly appended?: boolean }
  );

export function concerns(lie: Lie, topic: string, partition: number, batch: number): boolean {
  const { from = 0, count = 1 } = lie;
  return (
    (lie.topic === undefined || topic === lie.topic || topic.endsWith(`-${lie.topic}`)) &&
    (lie.partition ?? partition) === partition &&
    batch >= from &&
    batch < from + count
  );
}

/** The sequences in the stamps of a batch that is not compressed, moved to where no producer has come. */
export function forged(batch: Buffer): Buffer {
  const copy = Buffer.from(batch);
  const stamp: Stamp = { runId: 0, stream: 0, sequence: 0, intendedUs: 0, valueBytes: 0 };
  for (let at = copy.indexOf('ordl'); at >= 0; at = copy.indexOf('ordl', at + STAMP_BYTES)) {
    // What stands in a stamp, its checksum aside, is known without the length of the value.
    readStamp(copy, at, copy.readUInt32LE(at + 24), stamp);
    writeStamp(copy, at, { ...stamp, sequence: stamp.sequence + 1_000_000 });
  }
  return sealBatch(copy);
}

/** The batch with one byte changed: the last of all, or one in the first stamp there is. */
export function corrupted(batch: Buffer, how: 'bytes' | 'stamp'): Buffer {
  const copy = Buffer.from(batch);
  const at = how === 'bytes' ? copy.length - 1 : copy.indexOf('ordl', BATCH_HEADER_BYTES) + 12;
  copy[at] = (copy[at] as number) ^ 0xff;
  return how === 'bytes' ? copy : sealBatch(copy);
}
