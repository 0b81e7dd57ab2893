/** What became of a transaction, by what kafkajs was told when it asked for its end. */
import { expect, test } from 'vitest';
import { endOutcomeOf, isEndTxn } from '../../src/clients/kafkajs/transaction-outcome.ts';

test.each([
  ['never transmitted', -2, 0, 'failed'],
  ['never transmitted, whatever the code', 7, 0, 'failed'],
  ['fenced by a newer producer', 90, 1, 'failed'],
  ['epoch of a producer that was fenced', 47, 1, 'failed'],
  ['transactional id forgotten', 49, 1, 'failed'],
  ['not allowed', 53, 1, 'failed'],
  ['refused, but another request may have got through', 47, 2, 'unknown'],
  ['connection lost, or no answer in time', -2, 1, 'unknown'],
  ['request timed out', 7, 1, 'unknown'],
  ['coordinator loading', 14, 1, 'unknown'],
  ['coordinator not available', 15, 1, 'unknown'],
  ['not coordinator', 16, 1, 'unknown'],
  ['invalid state: committed or rolled back already', 48, 1, 'unknown'],
  ['another end under way', 51, 1, 'unknown'],
  ['unknown server error', -1, 1, 'unknown'],
  ['disk error', 56, 1, 'unknown'],
] as const)('a commit: %s', (_, code, transmissions, expected) => {
  expect(endOutcomeOf('commit', code, transmissions)).toBe(expected);
});

test.each([-2, -1, 7, 14, 15, 16, 47, 48, 51, 90])(
  'an abort that was answered by %i: it is not committed, and nobody else may commit',
  (code) => {
    expect(endOutcomeOf('abort', code, 1)).toBe('failed');
  },
);

test('an EndTxn is told from other requests', () => {
  const request = (key: number) => Buffer.from([0, 0, 0, 4, 0, key, 0, 1]);
  expect(isEndTxn(request(26))).toBe(true);
  expect(isEndTxn(request(0))).toBe(false);
  expect(isEndTxn(Buffer.alloc(3))).toBe(false);
});
