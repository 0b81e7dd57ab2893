/**
 * Records as they lie in a batch, once read and found whole. Ours are, batch after batch, the same bytes but for the
 * stamp of the first (see payload/stamp.ts), so that another batch of them is known by comparing memory, and its checksum
 * follows from the few bytes that differ: neither costs a look at each record.
 */
import { readStamp, STAMP_BYTES, type Stamp } from '../../payload/stamp.ts';
import { BATCH_HEADER_BYTES, type BatchHeader, visitRecords } from '../../wire/batch.ts';
import { afterZeroBytes, crcState } from '../../wire/crc32c-shift.ts';

/** Producers whose records are known at a time. */
const MOST = 64;

export class KnownBody {
  /** Of every value. */
  readonly valueBytes: number;
  /** By record: how many microseconds after the first it was meant to be sent. */
  readonly delaysUs: Float64Array;
  readonly #runId: number;
  readonly #stampAt: number;
  /** With zeros for the first stamp. */
  readonly #body: Buffer;
  /** By number of records: bytes of the body, and its linear checksum. */
  readonly #ends: Int32Array;
  readonly #sums: Int32Array;

  private constructor(
    body: Buffer,
    runId: number,
    { stampAt, valueBytes, ends, delaysUs }: Layout,
  ) {
    this.valueBytes = valueBytes;
    this.delaysUs = Float64Array.from(delaysUs);
    this.#runId = runId;
    this.#stampAt = stampAt;
    this.#body = Buffer.from(body).fill(0, stampAt, stampAt + STAMP_BYTES);
    this.#ends = Int32Array.from(ends);
    this.#sums = new Int32Array(ends.length);
    for (let n = 1; n < ends.length; n++) {
      const [from, to] = [this.#ends[n - 1] as number, this.#ends[n] as number];
      this.#sums[n] = crcState(this.#body, from, to, this.#sums[n - 1] as number);
    }
  }

  /** Null where the records are not one stamped and others that follow it, all of a size. Throws ProtocolError. */
  static learn(header: BatchHeader, body: Buffer): KnownBody | null {
    const first = { runId: 0 } as Stamp;
    const layout = layoutOf(header, body, first);
    return layout === null ? null : new KnownBody(body, first.runId, layout);
  }

  get count(): number {
    return this.delaysUs.length;
  }

  /** Whether these are the first `count` of the records, byte for byte, whatever the first stamp says beside the run. */
  matches(body: Buffer, count: number): boolean {
    if (count > this.count || body.length !== this.#ends[count]) return false;
    const stampAt = this.#stampAt;
    const rest = stampAt + STAMP_BYTES;
    return (
      body.readUInt32LE(stampAt + 4) === this.#runId &&
      body.compare(this.#body, 0, stampAt, 0, stampAt) === 0 &&
      body.compare(this.#body, rest, body.length, rest) === 0
    );
  }

  /** The checksum of the batch at `at`, not compressed, whose records match. */
  crcOf(bytes: Buffer, at: number, count: number): number {
    const body = at + BATCH_HEADER_BYTES;
    const stampAt = body + this.#stampAt;
    const header = crcState(bytes, at + 21, body, -1);
    const before = afterZeroBytes(header, this.#stampAt);
    const stamped = crcState(bytes, stampAt, stampAt + STAMP_BYTES, before);
    const rest = (this.#ends[count] as number) - this.#stampAt - STAMP_BYTES;
    return ~(afterZeroBytes(stamped, rest) ^ (this.#sums[count] as number)) >>> 0;
  }

  /** The first value of a body that matches. */
  firstOf(body: Buffer): Buffer {
    return body.subarray(this.#stampAt, this.#stampAt + this.valueBytes);
  }
}

type Learnt = {
  readonly body: KnownBody | null;
  /** Batches that were not known, and how many of them there must be before the next one is learnt. */
  misses: number;
  readonly nextAt: number;
};

/** What was learnt, by producer. Where batches are not alike it is tried less and less often, since it costs time. */
export class KnownBodies {
  readonly #learnt = new Map<number, Learnt>();

  find({ producerId, count }: BatchHeader, body: Buffer): KnownBody | null {
    const known = this.#learnt.get(producerId)?.body;
    return known?.matches(body, count) ? known : null;
  }

  /** The records were read, and they are whole. */
  learn(header: BatchHeader, body: Buffer): void {
    const { producerId } = header;
    const before = this.#learnt.get(producerId) ?? { body: null, misses: 0, nextAt: 1 };
    before.misses += 1;
    if (before.misses < before.nextAt) return;
    const { misses } = before;
    const known = KnownBody.learn(header, body);
    this.#learnt.delete(producerId);
    this.#learnt.set(
      producerId,
      known === null
        ? { body: before.body, misses, nextAt: 2 * misses }
        : { body: known, misses, nextAt: misses + 1 },
    );
    const [oldest] = this.#learnt.keys();
    if (this.#learnt.size > MOST) this.#learnt.delete(oldest as number);
  }
}

type Layout = {
  stampAt: number;
  valueBytes: number;
  /** From no records on. */
  readonly ends: number[];
  readonly delaysUs: number[];
};

/** Writes the first record's stamp into `first`. */
function layoutOf(header: BatchHeader, body: Buffer, first: Stamp): Layout | null {
  const layout: Layout = { stampAt: 0, valueBytes: 0, ends: [0], delaysUs: [] };
  const stamp = {} as Stamp;
  let like = true;
  visitRecords(body, header, ({ offset, valueAt, valueLength, end }) => {
    if (!like) return;
    const i = layout.delaysUs.length;
    const found = readStamp(body, valueAt, valueLength, i === 0 ? first : stamp);
    if (i === 0) {
      layout.stampAt = valueAt;
      layout.valueBytes = valueLength;
    }
    like = i === 0 ? found === 'ok' : found === 'follows' && follows(stamp, i, first.runId);
    like &&= offset === header.baseOffset + i && valueLength === layout.valueBytes;
    layout.ends.push(end);
    layout.delaysUs.push(i === 0 ? 0 : stamp.intendedUs);
  });
  return like ? layout : null;
}

const follows = ({ sequence, runId }: Stamp, i: number, firstRunId: number): boolean =>
  sequence === i && runId === firstRunId;
