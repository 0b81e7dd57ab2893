/** The queue against a plain array. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordQueue } from '../../src/load/record-queue.ts';

const STRIDE = 3;
const FIRST = 5;
const intendedUs = (index: number): number => index * 2;

type Record = { readonly index: number; readonly offeredUs: number };

/** The queue beside its model: a plain array of records. */
class Both {
  readonly queue: RecordQueue;
  readonly model: Record[] = [];
  readonly #paced: boolean;
  #first = FIRST;
  #nextIndex = 0;

  constructor(paced: boolean) {
    this.#paced = paced;
    this.queue = new RecordQueue(FIRST, STRIDE, paced ? intendedUs : null);
  }

  /** `skip`: whether the run goes on where the last one ended. */
  push(count: number, skip: boolean, offeredUs: number): void {
    if (skip) this.#nextIndex += 7;
    this.queue.push(this.#nextIndex, count, offeredUs);
    for (let i = 0; i < count; i++, this.#nextIndex += STRIDE) {
      this.model.push({ index: this.#nextIndex, offeredUs });
    }
  }

  drop(share: number): void {
    const count = Math.floor(this.model.length * share);
    this.queue.drop(count);
    this.model.splice(0, count);
    this.#first += count;
  }

  #timesOf({ index, offeredUs }: Record): [number, number] {
    const intended = this.#paced ? intendedUs(index) : offeredUs;
    return [intended, Math.max(intended, offeredUs)];
  }

  expectEqual(): void {
    const { queue, model } = this;
    expect(queue.length).toBe(model.length);
    expect(queue.first).toBe(this.#first);
    for (const at of [0, 1, model.length >> 1, model.length - 1, 0]) {
      const record = model[at];
      if (record === undefined) continue;
      const [intended, offered] = this.#timesOf(record);
      expect(queue.indexOf(this.#first + at)).toBe(record.index);
      expect(queue.intendedUs(this.#first + at)).toBe(intended);
      expect(queue.offeredUs(this.#first + at)).toBe(offered);
    }
    const from = model.length >> 2;
    const intended = new Float64Array(model.length - from);
    const offered = new Float64Array(model.length - from);
    queue.timesInto(this.#first + from, model.length - from, intended, offered);
    expect([...intended]).toEqual(model.slice(from).map((one) => this.#timesOf(one)[0]));
    expect([...offered]).toEqual(model.slice(from).map((one) => this.#timesOf(one)[1]));
  }
}

test.each([true, false])('keeps what was pushed, oldest first; paced: %s', (paced) => {
  const push = fc
    .tuple(fc.integer({ min: 1, max: 90 }), fc.boolean(), fc.integer({ min: 0, max: 3 }))
    .map(
      ([count, skip, round]) =>
        (both: Both) =>
          both.push(count, skip, round * 500),
    );
  const drop = fc
    .double({ min: 0, max: 1, noNaN: true })
    .map((share) => (both: Both) => both.drop(share));
  fc.assert(
    fc.property(fc.array(fc.oneof(push, push, push, drop), { maxLength: 300 }), (steps) => {
      const both = new Both(paced);
      for (const step of steps) step(both);
      both.expectEqual();
    }),
  );
});

test('a stall of minutes takes hardly more than its runs', () => {
  const queue = new RecordQueue(0, 1, intendedUs);
  for (let i = 0; i < 100_000; i++) queue.push(i * 100, 100, i);
  expect(queue.length).toBe(10_000_000);
  expect(queue.indexOf(9_999_999)).toBe(9_999_999);
  queue.drop(9_999_999);
  expect(queue.indexOf(9_999_999)).toBe(9_999_999);
});
