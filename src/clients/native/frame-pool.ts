/**
 * Puts together the frames that a socket delivers, in buffers that are used again: what is large comes often, and fresh
 * memory costs more than the copy. Who is given a frame gives it back when nobody reads it any more.
 */
import { MAX_FRAME_BYTES } from '../../wire/frames.ts';
import { ProtocolError } from '../../wire/protocol-error.ts';

const SMALLEST = 64 * 1024;

export class Frame {
  /** Without the length before it. */
  bytes: Buffer = Buffer.alloc(0);
  readonly #pool: FramePool;
  #memory: Buffer;
  #readers = 0;

  constructor(pool: FramePool) {
    this.#pool = pool;
    this.#memory = Buffer.allocUnsafeSlow(SMALLEST);
  }

  /** Room for a frame of so many bytes. */
  resize(bytes: number): void {
    if (bytes > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)));
    }
    this.bytes = this.#memory.subarray(0, bytes);
  }

  /** One more reads it. */
  hold(): void {
    this.#readers += 1;
  }

  /** One less; the last one gives it back. */
  release(): void {
    this.#readers -= 1;
    if (this.#readers === 0) this.#pool.giveBack(this);
  }
}

export class FramePool {
  readonly #free: Frame[] = [];
  readonly #header = Buffer.alloc(4);
  #headerBytes = 0;
  #frame: Frame | null = null;
  #filled = 0;

  take(): Frame {
    return this.#free.pop() ?? new Frame(this);
  }

  giveBack(frame: Frame): void {
    this.#free.push(frame);
  }

  /** What was begun comes from a connection that has ended. */
  reset(): void {
    this.#headerBytes = 0;
    if (this.#frame !== null) this.giveBack(this.#frame);
    this.#frame = null;
  }

  /** Calls `onFrame` with every frame that `chunk` completes; it holds the frame, or it is used again. Throws ProtocolError. */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.#frame === null ? this.#readHeader(chunk, at) : this.#fill(this.#frame, chunk, at);
      const frame = this.#frame;
      if (frame === null || this.#filled < frame.bytes.length) continue;
      this.#frame = null;
      frame.hold();
      try {
        onFrame(frame);
      } finally {
        frame.release();
      }
    }
  }

  #readHeader(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#header, this.#headerBytes, at, at + 4 - this.#headerBytes);
    this.#headerBytes += copied;
    if (this.#headerBytes < 4) return at + copied;
    const size = this.#header.readInt32BE(0);
    if (size < 4 || size > MAX_FRAME_BYTES) throw new ProtocolError(`a frame of ${size} bytes`);
    this.#frame = this.take();
    this.#frame.resize(size);
    this.#filled = 0;
    this.#headerBytes = 0;
    return at + copied;
  }

  #fill(frame: Frame, chunk: Buffer, at: number): number {
    const copied = chunk.copy(frame.bytes, this.#filled, at);
    this.#filled += copied;
    return at + copied;
  }
}
