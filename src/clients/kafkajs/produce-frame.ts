/**
 * Reads from a request that kafkajs writes to a socket which partitions it produces to. kafkajs does not tell when,
 * or how often, it transmits a send; the bytes do, whatever its internals look like.
 */

const PRODUCE = 0;

/**
 * The partitions of `topic` in a Produce request (versions 3 to 8); empty for every other request. The buffer holds
 * one whole request, as kafkajs writes them.
 */
export function producedPartitions(request: Buffer, topic: string): number[] {
  if (request.length < 14 || request.readInt16BE(4) !== PRODUCE) return [];
  const reader = new Reader(request, 12);
  reader.skipString(); // client id
  reader.skipString(); // transactional id
  reader.skip(6); // acks, timeout
  const partitions: number[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const matches = reader.string() === topic;
    for (let count = reader.int32(); count > 0; count--) {
      const partition = reader.int32();
      reader.skip(reader.int32());
      if (matches) partitions.push(partition);
    }
  }
  return partitions;
}

class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  skipString(): void {
    const length = this.#bytes.readInt16BE(this.#at);
    this.#at += 2 + Math.max(0, length);
  }

  string(): string {
    const start = this.#at + 2;
    this.skipString();
    return this.#bytes.toString('utf8', start, this.#at);
  }
}
