/** Batches compressed one by one, where each has content of its own. */
import { BATCH_HEADER_BYTES } from '../../wire/batch.ts';
import type { Compressor } from '../../wire/compression.ts';
import { sealBatch } from '../../wire/encode-batch.ts';
import type { BatchEncoder } from './encoder.ts';
import { RequestBuffer } from './request-buffer.ts';

/** What `plain` makes, with its records compressed. */
export function recoding(plain: BatchEncoder, { id, compress }: Compressor): BatchEncoder {
  const scratch = new RequestBuffer();
  return (out, slice, numbers) => {
    scratch.at = 0;
    plain(scratch, slice, numbers);
    const batch = scratch.bytes.subarray(afterVarint(scratch.bytes), scratch.at);
    const body = compress(batch.subarray(BATCH_HEADER_BYTES));
    const bytes = BATCH_HEADER_BYTES + body.length;
    batch.writeInt32BE(bytes - 12, 8);
    batch.writeInt16BE(id, 21);
    out.uvarint(bytes + 1);
    const at = out.at;
    out.append(batch.subarray(0, BATCH_HEADER_BYTES));
    out.append(body);
    sealBatch(out.bytes.subarray(at, out.at));
  };
}

/** Where the batch begins, behind its length. */
function afterVarint(bytes: Buffer): number {
  let at = 0;
  while ((bytes[at] as number) > 0x7f) at += 1;
  return at + 1;
}
