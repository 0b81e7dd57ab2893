/** The bytes of one request while it is made, and until it is answered; used again for the next one. */

const SMALLEST = 4096;

export class RequestBuffer {
  bytes: Buffer;
  view: DataView;
  at = 0;

  constructor(capacity = SMALLEST) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** There is room for so many more bytes; what was written stays. */
  ensure(more: number): void {
    const needed = this.at + more;
    if (needed <= this.bytes.length) return;
    const bigger = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(needed)));
    this.bytes.copy(bigger, 0, 0, this.at);
    this.bytes = bigger;
    this.view = new DataView(bigger.buffer);
  }

  append(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  int32(value: number): void {
    this.ensure(4);
    this.view.setInt32(this.at, value);
    this.at += 4;
  }

  int8(value: number): void {
    this.ensure(1);
    this.bytes[this.at] = value;
    this.at += 1;
  }

  /** Unsigned, of variable length. */
  uvarint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.int8((rest & 0x7f) | 0x80);
    this.int8(rest);
  }
}
