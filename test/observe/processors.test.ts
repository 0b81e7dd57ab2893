/** Who used the processors: this process is known to use some, and what cannot be seen is not claimed. */
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import type { ClusterSample } from '../../src/evidence/series.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { watchProcessors } from '../../src/observe/processors.ts';

type Sample = Extract<ClusterSample, { type: 'processors' }>;

async function sampled(pids: ReadonlyMap<number, number>, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  using _watch = watchProcessors({
    clock: createClock(monotonicNs()),
    pids: () => pids,
    onSample: (sample) => samples.push(sample as Sample),
  });
  await expect.poll(() => samples.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
  return samples;
}

test.runIf(process.platform === 'linux')(
  'a broker that burns is seen, another is not',
  async () => {
    // Its command line says what it is taken for.
    const burn = ['-e', 'for (;;) {}', 'kafka.Kafka'];
    const broker = spawn(process.execPath, burn, { stdio: 'ignore' });
    try {
      const [sample] = await sampled(
        new Map([
          [1, broker.pid ?? 0],
          [2, process.pid],
        ]),
        1,
      );
      expect(sample?.nodes).toBe(2);
      expect(Object.keys(sample?.brokersMs ?? {})).toEqual(['1']);
      expect(sample?.brokersMs[1]).toBeGreaterThan(0);
      expect(sample?.busyMs).toBeGreaterThan(0);
      expect(sample?.harnessMs).toBeGreaterThan(0);
    } finally {
      broker.kill('SIGKILL');
    }
  },
);

test('a process that has gone is not claimed', async () => {
  const [sample] = await sampled(new Map([[1, 2 ** 30]]), 1);
  expect(sample).toMatchObject({ nodes: 1, brokersMs: {} });
});
