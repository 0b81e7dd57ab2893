/** Slices as record batches in a request: from a template where values allow it, record by record otherwise. */
import type { Compressor } from '../../wire/compression.ts';
import { assembleBatch, encodeRecords, type NewRecord } from '../../wire/encode-batch.ts';
import type { PayloadSource, Slice } from '../client.ts';
import type { Numbers } from './batch-header.ts';
import { BatchTemplate } from './batch-template.ts';
import { CompressedTemplate } from './compressed-template.ts';
import { LeadingTemplate } from './leading-template.ts';
import { recoding } from './recode.ts';
import type { RequestBuffer } from './request-buffer.ts';

/** Appends the batch of a slice behind its length, as the flexible versions of Produce have it. */
export type BatchEncoder = (out: RequestBuffer, slice: Slice, numbers: Numbers) => void;

/** Null: not compressed. */
export function createEncoder(source: PayloadSource, compressor: Compressor | null): BatchEncoder {
  const { fixed, headers } = source;
  if (fixed === null) {
    const plain: BatchEncoder = (...batch) => appendRecords(source, ...batch);
    return compressor === null ? plain : recoding(plain, compressor);
  }
  const each = stampingEach(new BatchTemplate(fixed, headers), compressor);
  let spacedUs: number | null = null;
  let leading: Template | null = null;
  return (out, slice, numbers) => {
    const { stream, firstSequence, count } = slice;
    const spacingUs = fixed.spacingUs(stream, firstSequence, count);
    if (spacingUs === null) return each(out, slice, numbers);
    if (leading === null || spacedUs !== spacingUs) {
      const template = new LeadingTemplate(fixed, headers, spacingUs);
      leading = compressor === null ? template : new CompressedTemplate(template, compressor);
      spacedUs = spacingUs;
    }
    fromTemplate(leading, out, slice, numbers);
  };
}

type Template = Pick<BatchTemplate, 'bytesOf' | 'write'>;

function stampingEach(template: BatchTemplate, compressor: Compressor | null): BatchEncoder {
  const plain: BatchEncoder = (...batch) => fromTemplate(template, ...batch);
  return compressor === null ? plain : recoding(plain, compressor);
}

function fromTemplate(template: Template, ...[out, slice, numbers]: Parameters<BatchEncoder>) {
  const bytes = template.bytesOf(slice.count);
  out.ensure(bytes + 5);
  out.uvarint(bytes + 1);
  template.write(out, slice, numbers, Date.now());
}

function appendRecords(
  source: PayloadSource,
  out: RequestBuffer,
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
