/** Frames of Produce requests, versions 9 to 11: what is the same in all of them is encoded once. */
import { Writer } from '../../wire/writer.ts';
import type { BatchEncoder } from './encoder.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { PendingBatch } from './pending-batch.ts';
import type { RequestBuffer } from './request-buffer.ts';

export type ProduceSettings = {
  readonly clientId: string;
  readonly topic: string;
  /** -1, 0 or 1. */
  readonly acks: number;
  readonly timeoutMs: number;
};

/** One batch of each of some partitions. */
export type Cargo = {
  readonly queues: readonly PartitionQueue[];
  readonly batches: readonly PendingBatch[];
};

export const PRODUCE_KEY = 0;
export const OLDEST_VERSION = 9;
export const NEWEST_VERSION = 11;
const CORRELATION_AT = 8;

export class ProduceFrames {
  readonly #head: Buffer;
  readonly #encode: BatchEncoder;

  constructor(version: number, settings: ProduceSettings, encode: BatchEncoder) {
    this.#encode = encode;
    this.#head = headOf(version, settings);
  }

  /** Writes the whole frame over what `out` holds. */
  write(out: RequestBuffer, correlationId: number, { queues, batches }: Cargo): void {
    out.at = 0;
    out.append(this.#head);
    out.uvarint(batches.length + 1);
    for (let i = 0; i < batches.length; i++) {
      const batch = batches[i] as PendingBatch;
      const { partition, producerId, epoch } = queues[i] as PartitionQueue;
      out.int32(partition);
      this.#encode(out, batch.slice, { producerId, epoch, sequence: batch.sequence });
      out.int8(0); // No tagged fields: of the partition, then of the topic, then of the request.
    }
    out.int8(0);
    out.int8(0);
    out.view.setInt32(0, out.at - 4);
    out.view.setInt32(CORRELATION_AT, correlationId);
  }
}

/** Everything before the number of partitions; length and correlation id are written over. */
function headOf(version: number, { clientId, topic, acks, timeoutMs }: ProduceSettings): Buffer {
  const writer = new Writer();
  writer.flexible = true;
  const id = Buffer.from(clientId);
  const name = Buffer.from(topic);
  writer.int32(0);
  writer.int16(PRODUCE_KEY);
  writer.int16(version);
  writer.int32(0);
  writer.int16(id.length);
  writer.bytes(id);
  writer.uvarint(0); // tagged fields of the header
  writer.stringLength(-1); // no transactional id
  writer.int16(acks);
  writer.int32(timeoutMs);
  writer.arrayLength(1);
  writer.stringLength(name.length);
  writer.bytes(name);
  return Buffer.from(writer.done());
}
