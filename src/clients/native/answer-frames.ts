/** Finds the frames in what a socket delivers: read where they lie when they came whole, gathered when they did not. */
import { FrameCutter } from '../../wire/frames.ts';
import { Reader } from '../../wire/reader.ts';

export class AnswerFrames {
  readonly #onFrame: (frame: Reader) => void;
  readonly #cutter = new FrameCutter();

  /** `onFrame` is given each frame without its length, and may read it only until it returns. */
  constructor(onFrame: (frame: Reader) => void) {
    this.#onFrame = onFrame;
  }

  /** Throws ProtocolError for what is not Kafka, and what `onFrame` throws. */
  push(chunk: Buffer): void {
    let at = 0;
    while (this.#cutter.idle && chunk.length - at > 4) {
      const end = at + 4 + chunk.readInt32BE(at);
      if (end > chunk.length || end < at + 8) break;
      this.#onFrame(new Reader(chunk, at + 4, end));
      at = end;
    }
    if (at === chunk.length) return;
    this.#cutter.push(chunk.subarray(at), (frame) => this.#onFrame(new Reader(frame)));
  }
}
