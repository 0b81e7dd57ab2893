/** Bytes that are not what the protocol says: the only error that decoding throws. */
import { OrdealError } from '../lib/errors.ts';

/** A peer (or a file) sent something we cannot read; its code is `kafka.protocol`. */
export class ProtocolError extends OrdealError {
  constructor(message: string, cause?: unknown) {
    super('environment', 'kafka.protocol', message, cause === undefined ? {} : { cause });
    this.name = 'ProtocolError';
  }

  /** The same, saying in what it was found. */
  within(what: string): ProtocolError {
    return new ProtocolError(`${what}: ${this.message}`, this);
  }
}
