/** Writes the protocol's primitive types into a growing buffer. */

export class Writer {
  #buffer: Buffer;
  #at = 0;
  version = 0;
  flexible = false;

  constructor(size = 256) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.#at;
  }

  /** Everything written, as a view. */
  done(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  #claim(bytes: number): number {
    const start = this.#at;
    if (start + bytes > this.#buffer.length) {
      const bigger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, start + bytes));
      this.#buffer.copy(bigger, 0, 0, start);
      this.#buffer = bigger;
    }
    this.#at = start + bytes;
    return start;
  }

  int8(value: number): void {
    const at = this.#claim(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#claim(2);
    this.#buffer.writeInt16BE(value, at);
  }

  uint16(value: number): void {
    const at = this.#claim(2);
    this.#buffer.writeUInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#claim(4);
    this.#buffer.writeInt32BE(value, at);
  }

  uint32(value: number): void {
    const at = this.#claim(4);
    this.#buffer.writeUInt32BE(value, at);
  }

  int64(value: number): void {
    const at = this.#claim(8);
    this.#buffer.writeBigInt64BE(BigInt(value), at);
  }

  /** Unsigned, up to 32 bits. */
  uvarint(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      const at = this.#claim(1);
      this.#buffer[at] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    const at = this.#claim(1);
    this.#buffer[at] = rest;
  }

  /** Zigzag, 32 bits. */
  varint(value: number): void {
    this.uvarint((value << 1) ^ (value >> 31));
  }

  /** Zigzag, for safe integers. */
  varlong(value: number): void {
    let rest = value < 0 ? -(BigInt(value) * 2n + 1n) : BigInt(value) * 2n;
    while (rest > 0x7fn) {
      const at = this.#claim(1);
      this.#buffer[at] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    const at = this.#claim(1);
    this.#buffer[at] = Number(rest);
  }

  bytes(value: Uint8Array): void {
    const at = this.#claim(value.length);
    this.#buffer.set(value, at);
  }

  /** A string's length, compact or not; -1 is null. */
  stringLength(length: number): void {
    if (this.flexible) this.uvarint(length + 1);
    else this.int16(length);
  }

  /** The length of bytes or an array, compact or not; -1 is null. */
  arrayLength(length: number): void {
    if (this.flexible) this.uvarint(length + 1);
    else this.int32(length);
  }

  /** An empty writer for the same message version. */
  nested(): Writer {
    const writer = new Writer();
    writer.version = this.version;
    writer.flexible = this.flexible;
    return writer;
  }

  /** Overwrites four bytes written before. */
  patchInt32(at: number, value: number): void {
    this.#buffer.writeInt32BE(value, at);
  }

  patchUint32(at: number, value: number): void {
    this.#buffer.writeUInt32BE(value, at);
  }
}
