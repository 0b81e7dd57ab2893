/** Reads the protocol's primitive types from a buffer; every read is bounds-checked. */
import { ProtocolError } from './protocol-error.ts';

export class Reader {
  readonly buffer: Buffer;
  readonly end: number;
  at: number;
  /** Of the message being read: fields come and go with it. */
  version = 0;
  /** Whether strings and arrays are compact and structs end in tagged fields. */
  flexible = false;

  constructor(buffer: Buffer, at = 0, end = buffer.length) {
    this.buffer = buffer;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Moves past `bytes` and returns where they start. */
  take(bytes: number): number {
    if (bytes < 0 || bytes > this.end - this.at) {
      throw new ProtocolError(`${bytes} bytes expected at ${this.at}, ${this.left} left`);
    }
    const start = this.at;
    this.at += bytes;
    return start;
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2));
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4));
  }

  /** Numbers beyond 2^53 lose their last digits; offsets and ids never get there. */
  int64(): number {
    const start = this.take(8);
    return this.buffer.readInt32BE(start) * 0x1_0000_0000 + this.buffer.readUInt32BE(start + 4);
  }

  /** Unsigned variable-length integer of up to 32 bits. */
  uvarint(): number {
    const short = this.#shortVarint();
    if (short >= 0) return short;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.take(1)] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new ProtocolError(`a variable-length integer at ${this.at} does not end`);
  }

  /**
   * Of one byte or two, as nearly all lengths, deltas and counts are; -1, and nothing read, when it is longer or cut
   * off. The audit spends most of its time on these.
   */
  #shortVarint(): number {
    const { buffer, at } = this;
    if (at + 1 >= this.end) return -1;
    const first = buffer[at] as number;
    if (first < 0x80) {
      this.at = at + 1;
      return first;
    }
    const second = buffer[at + 1] as number;
    if (second >= 0x80) return -1;
    this.at = at + 2;
    return (first & 0x7f) | (second << 7);
  }

  /** Zigzag, 32 bits. */
  varint(): number {
    const raw = this.uvarint() >>> 0;
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** Zigzag, 64 bits; beyond 2^53 the last digits are lost. */
  varlong(): number {
    const short = this.#shortVarint();
    if (short >= 0) return (short >>> 1) ^ -(short & 1);
    const start = this.at;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.buffer[this.take(1)] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte >= 0x80) continue;
      if (shift >= 49) return this.#longVarlong(start);
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new ProtocolError(`a variable-length integer at ${this.at} does not end`);
  }

  /** Of eight bytes and more, whose doubled value may not be exact as a number. */
  #longVarlong(start: number): number {
    let value = 0n;
    for (let at = start; at < this.at; at++) {
      value |= BigInt((this.buffer[at] as number) & 0x7f) << BigInt(7 * (at - start));
    }
    return Number((value >> 1n) ^ -(value & 1n));
  }

  /** A view, not a copy. */
  slice(bytes: number): Buffer {
    const start = this.take(bytes);
    return this.buffer.subarray(start, start + bytes);
  }

  /** Length of a string, compact or not; -1 is null. */
  stringLength(): number {
    return this.flexible ? this.uvarint() - 1 : this.int16();
  }

  /** Length of bytes or an array, compact or not; -1 is null. */
  length(): number {
    return this.flexible ? this.uvarint() - 1 : this.int32();
  }

  utf8(bytes: number): string {
    const start = this.take(bytes);
    return this.buffer.toString('utf8', start, start + bytes);
  }
}
