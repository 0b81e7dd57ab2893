/** What `ORDEAL_CHECKER_MEMORY` may say. */
import { expect, test } from 'vitest';
import { checkerMemory } from '../../src/cli/checker-memory.ts';
import { DEFAULT_LIMIT_BYTES } from '../../src/verify/checker-memory.ts';

test('a size, or nothing', () => {
  expect(checkerMemory({ ORDEAL_CHECKER_MEMORY: '64MiB' })).toBe(2 ** 26);
  expect(checkerMemory({})).toBe(DEFAULT_LIMIT_BYTES);
  expect(checkerMemory({ ORDEAL_CHECKER_MEMORY: '' })).toBe(DEFAULT_LIMIT_BYTES);
});

test('anything else is named', () => {
  expect(() => checkerMemory({ ORDEAL_CHECKER_MEMORY: '64' })).toThrow(
    'ORDEAL_CHECKER_MEMORY: a size needs a unit',
  );
});
