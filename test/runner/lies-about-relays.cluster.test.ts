/** The whole pipeline against a broker that lies about what a relay writes: every lie is named, and an honest one passes. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '../../src/verify/result.ts';
import { ordeal, resultOf, scratch } from '../cli/ordeal.ts';
import { type LyingBrokerOptions, startLyingBroker } from '../lying-broker/lying-broker.ts';

const folder = scratch();
let runs = 0;

async function trial(
  lies: Pick<LyingBrokerOptions, 'lies' | 'ends'>,
): Promise<{ readonly code: number | null; readonly result: Result }> {
  await using broker = await startLyingBroker({ topics: {}, ...lies });
  const out = join(folder, `run-${++runs}`);
  const args = ['--bootstrap', broker.brokers.join(','), '--out', out];
  const file = 'test/scenarios/lied-to-relay.yaml';
  const { code, stderr } = await ordeal(['run', file, ...args]);
  expect(code, stderr).toBeOneOf([0, 1, 3]);
  return { code, result: resultOf(out) };
}

/** Of the outputs in one partition, by the number of the batch they came in. */
const book = (partition: number, from: number) => ({ topic: 'book', partition, from });

/** Kind, how it is judged, and the topic of the first example. */
const told = ({ delivery }: Result): string[] =>
  delivery.anomalies
    .map(({ kind, judgement, examples }) => `${kind} ${judgement} in ${examples[0]?.topic}`)
    .sort();

test.concurrent('an honest broker passes, and every record has its output', async () => {
  const { code, result } = await trial({});
  // A busy machine may make the harness late, which is `unknown`.
  expect(result.reasons.filter(({ code: why }) => why !== 'generator-bound')).toEqual([]);
  expect(code).toBe(result.reasons.length === 0 ? 0 : 3);
  expect(result.delivery.anomalies).toEqual([]);
  const relay = result.delivery.relays['bank'];
  expect(relay).toMatchObject({ inputs: 200, outputs: 200, lost: 0, duplicated: 0 });
});

test.concurrent('what it swallows, repeats and invents of the outputs is told apart', async () => {
  const { code, result } = await trial({
    lies: [
      { ...book(0, 1), kind: 'lose' },
      { ...book(0, 3), kind: 'duplicate' },
      { ...book(1, 2), kind: 'forge' },
    ],
  });
  expect(told(result)).toEqual([
    'relay-duplicate violation in book',
    'relay-loss violation in transfers',
    'relay-phantom violation in book',
  ]);
  expect(result.verdict).toBe('fail');
  expect(code).toBe(1);
});

test.concurrent('a commit of the relay that is acknowledged, and done as an abort, is a loss', async () => {
  const { code, result } = await trial({
    ends: [{ end: 2, applied: true, reversed: 'all', code: 0 }],
  });
  expect(told(result)).toEqual(['relay-loss violation in transfers']);
  expect(code).toBe(1);
});
