/** LZ4 blocks end by the format's rules: readers other than ours refuse those that do not. */
import { expect, test } from 'vitest';
import { createRandom } from '../../src/lib/random.ts';
import { lz4Compress, lz4Decompress } from '../../src/wire/lz4-frame.ts';

type Sequence = { readonly literals: number; readonly match: number };

/** Of one compressed block, written down from the specification. */
function sequencesOf(block: Buffer): Sequence[] {
  const found: Sequence[] = [];
  let at = 0;
  const extended = (nibble: number): number => {
    if (nibble < 15) return nibble;
    for (let total = nibble; ; ) {
      const byte = block.readUInt8(at++);
      total += byte;
      if (byte < 255) return total;
    }
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literals = extended(token >> 4);
    at += literals;
    if (at === block.length) found.push({ literals, match: 0 });
    else {
      at += 2;
      found.push({ literals, match: 4 + extended(token & 15) });
    }
  }
  return found;
}

/** What is wrong with the ends of the frame's blocks. */
function wrongEnds(frame: Buffer): string[] {
  const wrong: string[] = [];
  for (let at = 7; frame.readUInt32LE(at) !== 0; ) {
    const word = frame.readUInt32LE(at);
    const bytes = word & 0x7fff_ffff;
    if (word < 0x8000_0000) {
      const sequences = sequencesOf(frame.subarray(at + 4, at + 4 + bytes));
      const { literals = 0 } = sequences.at(-1) ?? {};
      const { match = 0 } = sequences.at(-2) ?? {};
      if (literals < 5) wrong.push(`${literals} literals at the end`);
      if (match > 0 && literals + match < 12) wrong.push(`a match ${literals + match} before it`);
    }
    at += 4 + bytes;
  }
  return wrong;
}

/** Repeats that begin and end anywhere, so that some reach into the last bytes. */
function repetitive(seed: number): Buffer {
  const random = createRandom(seed, 'lz4');
  const bytes = Buffer.alloc(60 + random.below(300));
  for (let at = 0; at < bytes.length; ) {
    const copied = 4 + random.below(8);
    const from = at > 40 && random.below(2) === 0 ? random.below(at - 12) : -1;
    for (let i = 0; i < copied && at < bytes.length; i++, at++) {
      bytes[at] = from < 0 ? random.below(256) : (bytes[from + i] as number);
    }
  }
  return bytes;
}

test('no match begins in the last twelve bytes of a block', () => {
  for (let seed = 0; seed < 2000; seed++) {
    const data = repetitive(seed);
    const frame = lz4Compress(data);
    expect(wrongEnds(frame), `seed ${seed}`).toEqual([]);
    expect(lz4Decompress(frame, 1 << 20).equals(data), `seed ${seed}`).toBe(true);
  }
});
