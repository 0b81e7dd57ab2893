/** Cuts a byte stream into length-prefixed frames; each frame's bytes are copied once. */
import { ProtocolError } from './protocol-error.ts';

/** Above any answer we ask for; a larger length means the peer does not speak Kafka. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

export class FrameCutter {
  readonly #header = Buffer.alloc(4);
  #headerBytes = 0;
  #frame: Buffer | null = null;
  #filled = 0;

  /** No frame is begun and not complete. */
  get idle(): boolean {
    return this.#frame === null && this.#headerBytes === 0;
  }

  /** Calls `onFrame` with every frame that `chunk` completes, without its length. */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.#frame === null ? this.#readHeader(chunk, at) : this.#fill(this.#frame, chunk, at);
      if (this.#frame !== null && this.#filled === this.#frame.length) {
        const done = this.#frame;
        this.#frame = null;
        onFrame(done);
      }
    }
  }

  #readHeader(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#header, this.#headerBytes, at, at + 4 - this.#headerBytes);
    this.#headerBytes += copied;
    if (this.#headerBytes === 4) {
      const size = this.#header.readInt32BE(0);
      if (size < 4 || size > MAX_FRAME_BYTES) {
        throw new ProtocolError(
          `a frame of ${size} bytes: not Kafka, or TLS on a plain connection`,
        );
      }
      this.#frame = Buffer.allocUnsafeSlow(size);
      this.#filled = 0;
      this.#headerBytes = 0;
    }
    return at + copied;
  }

  #fill(frame: Buffer, chunk: Buffer, at: number): number {
    const copied = chunk.copy(frame, this.#filled, at);
    this.#filled += copied;
    return at + copied;
  }
}
