/** Which send an answer belongs to, however many are open. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RawEntry } from '../../src/evidence/ledger.ts';
import { Sendings } from '../../src/verify/sendings.ts';

const entry = (first: number, count: number, timeUs = 0) => ({ first, count, timeUs }) as RawEntry;

test('every answer finds its send, in whatever order they come', () => {
  const order = fc
    .integer({ min: 1, max: 60 })
    .chain((n) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n }));
  fc.assert(
    fc.property(order, (answers) => {
      const sendings = new Sendings();
      for (let i = 0; i < answers.length; i++) sendings.begin(entry(10 * i, 10, i), 100 + i);
      for (const i of answers) {
        const sent = { from: 10 * i, to: 10 * i + 10, sentUs: i, known: 100 + i };
        expect(sendings.answer(entry(10 * i, 10))).toEqual(sent);
        expect(sendings.answer(entry(10 * i, 10))).toBeNull();
      }
    }),
  );
});

test('an answer to a part leaves the rest open', () => {
  const sendings = new Sendings();
  sendings.begin(entry(0, 30, 7), 5);
  expect(sendings.answer(entry(10, 10))).toMatchObject({ sentUs: 7, known: 5 });
  expect(sendings.answer(entry(0, 10))).toMatchObject({ to: 10, sentUs: 7 });
  expect(sendings.answer(entry(15, 3))).toBeNull();
  expect(sendings.answer(entry(20, 10))).toMatchObject({ from: 20, to: 30 });
});

test('where many are open, those of one second are one, sent with the first of them', () => {
  const sendings = new Sendings();
  const sends = 100_000;
  for (let i = 0; i < sends; i++) sendings.begin(entry(10 * i, 10, 1000 * i), i);
  expect(sendings.bytes).toBeLessThan(16_384);
  const wrong: number[] = [];
  for (let i = 0; i < sends; i++) {
    const { sentUs, known } = sendings.answer(entry(10 * i, 10)) ?? { sentUs: Infinity, known: 0 };
    // Never later than it was, and hardly earlier.
    const right = sentUs <= 1000 * i && sentUs >= 1000 * i - 1_000_000 && known <= i;
    if (!right) wrong.push(i);
  }
  expect(wrong).toEqual([]);
  expect(sendings.answer(entry(0, 10 * sends))).toBeNull();
});
