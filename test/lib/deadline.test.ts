/** Waits end: by an answer, by their deadline, or by their signal. */
import { expect, test } from 'vitest';
import { waitFor, within } from '../../src/lib/deadline.ts';

test('waitFor returns the first answer that is neither undefined nor false', async () => {
  const answers = [undefined, false, 0] as const;
  let asked = 0;
  const answer = await waitFor('a number', () => answers[asked++], { timeoutMs: 5000, everyMs: 1 });
  expect(answer).toBe(0);
  expect(asked).toBe(3);
});

test('waitFor names what it waited for when time is over', async () => {
  await expect(
    waitFor('the moon', () => undefined, { timeoutMs: 5, everyMs: 1 }),
  ).rejects.toMatchObject({ code: 'deadline.passed', message: 'the moon: not within 5 ms' });
});

test('waitFor lets the probe’s own errors through', async () => {
  const probe = (): never => {
    throw new TypeError('a defect');
  };
  await expect(waitFor('x', probe, { timeoutMs: 1000 })).rejects.toThrow(TypeError);
});

test('waitFor ends with its signal', async () => {
  const signal = AbortSignal.timeout(5);
  await expect(
    waitFor('x', () => undefined, { timeoutMs: 60_000, everyMs: 60_000, signal }),
  ).rejects.toThrow();
});

test('within passes results and errors on, and ends what is late', async () => {
  await expect(within('work', 1000, Promise.resolve(7))).resolves.toBe(7);
  await expect(within('work', 1000, Promise.reject(new TypeError('no')))).rejects.toThrow('no');
  await expect(within('work', 5, new Promise(() => {}))).rejects.toMatchObject({
    code: 'deadline.passed',
  });
});
