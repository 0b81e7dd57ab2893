/** The queue against a plain array. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordQueue } from '../../src/load/record-queue.ts';

/** The queue beside its model: a plain array of sequences. */
class Both {
  readonly queue = new RecordQueue();
  readonly model: number[] = [];
  #next = 0;

  push(count: number): void {
    for (let i = 0; i < count; i++, this.#next++) {
      this.queue.push(this.#next, this.#next * 2, this.#next * 3);
      this.model.push(this.#next);
    }
  }

  drop(share: number): void {
    const count = Math.floor(this.model.length * share);
    this.queue.drop(count);
    this.model.splice(0, count);
  }

  expectEqual(): void {
    expect(this.queue.length).toBe(this.model.length);
    const [first] = this.model;
    if (first !== undefined) expect(this.queue.first).toBe(first);
    for (const sequence of [...this.model.slice(0, 2), ...this.model.slice(-1)]) {
      expect(this.queue.indexOf(sequence)).toBe(sequence);
      expect(this.queue.intendedUs(sequence)).toBe(sequence * 2);
      expect(this.queue.offeredUs(sequence)).toBe(sequence * 3);
    }
  }
}

test('keeps what was pushed, oldest first, whatever grows and shrinks', { timeout: 60_000 }, () => {
  const push = fc.integer({ min: 1, max: 700 }).map((count) => (both: Both) => both.push(count));
  const drop = fc
    .double({ min: 0, max: 1, noNaN: true })
    .map((share) => (both: Both) => both.drop(share));
  fc.assert(
    fc.property(fc.array(fc.oneof(push, drop), { maxLength: 30 }), (steps) => {
      const both = new Both();
      for (const step of steps) {
        step(both);
        both.expectEqual();
      }
    }),
  );
});
