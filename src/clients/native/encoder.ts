/** Slices as record batches in a request: from a template where values allow it, record by record otherwise. */
import { assembleBatch, encodeRecords, type NewRecord } from '../../wire/encode-batch.ts';
import type { PayloadSource, Slice } from '../client.ts';
import type { Numbers } from './batch-header.ts';
import { BatchTemplate } from './batch-template.ts';
import { LeadingTemplate } from './leading-template.ts';
import type { RequestBuffer } from './request-buffer.ts';

/** Appends the batch of a slice behind its length, as the flexible versions of Produce have it. */
export type BatchEncoder = (out: RequestBuffer, slice: Slice, numbers: Numbers) => void;

export function createEncoder(source: PayloadSource): BatchEncoder {
  const { fixed, headers } = source;
  if (fixed === null) return (out, slice, numbers) => appendRecords(out, source, slice, numbers);
  const each = new BatchTemplate(fixed, headers);
  let leading: LeadingTemplate | null = null;
  return (out, slice, numbers) => {
    const { stream, firstSequence, count } = slice;
    const spacingUs = fixed.spacingUs(stream, firstSequence, count);
    if (spacingUs !== null && leading?.spacingUs !== spacingUs) {
      leading = new LeadingTemplate(fixed, headers, spacingUs);
    }
    const template = spacingUs === null ? each : (leading ?? each);
    const bytes = template.bytesOf(count);
    out.ensure(bytes + 5);
    out.uvarint(bytes + 1);
    template.write(out, slice, numbers, Date.now());
  };
}

function appendRecords(
  out: RequestBuffer,
  source: PayloadSource,
  { stream, firstSequence, count }: Slice,
  { producerId, epoch, sequence }: Numbers,
): void {
  const headers = Object.entries(source.headers).map(([key, text]) => ({
    key,
    value: Buffer.from(text),
  }));
  const records: NewRecord[] = Array.from({ length: count }, (_, i) => ({
    key: source.keyOf(stream, firstSequence + i),
    value: source.valueOf(stream, firstSequence + i),
    headers,
  }));
  const batch = assembleBatch(
    {
      ...{ records, baseTimestamp: Date.now() },
      ...{ producerId, producerEpoch: epoch, baseSequence: sequence },
    },
    encodeRecords(records),
  );
  out.uvarint(batch.length + 1);
  out.append(batch);
}
