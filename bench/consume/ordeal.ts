/** Ordeal's own load with one of its clients: the worker process as a run has it, ledger and histograms included. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HISTOGRAM_LOG_HEADER } from '../../src/evidence/histograms.ts';
import type { LoadSecond } from '../../src/evidence/series.ts';
import { createStreamTable } from '../../src/evidence/streams.ts';
import { monotonicNs } from '../../src/lib/clock.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { NO_ROUTES } from '../../src/lib/route.ts';
import { startLoad } from '../../src/load/workers.ts';
import { OWN_NAMES } from '../../src/scenario/kafka-names.ts';
import type { ClientName } from '../../src/scenario/scenario.ts';
import { consumeLoad, produceLoad } from '../../test/load/fake-client.ts';
import type { Arm, Round, Sample } from './arm.ts';

/** `most`: records that are enough to tell what one costs. */
export const ordealArm = (client: ClientName, most: number): Arm => ({
  name: client,
  missing: () => null,
  run: (round) => run(client, { ...round, records: Math.min(round.records, most) }),
});

async function run(client: ClientName, round: Round): Promise<Sample> {
  const { topic, number, records } = round;
  const folder = join(round.folder, `read-${number}`);
  for (const name of ['logs', 'ledger']) mkdirSync(join(folder, name), { recursive: true });
  const log = join(folder, 'histograms.hlog');
  writeFileSync(log, HISTOGRAM_LOG_HEADER);
  const seconds: LoadSecond[] = [];
  const load = consumeLoad({
    ...{ client, topic, group: `bench-${number}` },
    config: { 'auto.offset.reset': 'earliest', 'fetch.min.bytes': '1' },
  });
  const t0Ns = monotonicNs();
  await using running = startLoad(
    {
      loads: [load],
      // The numbers of the run that wrote it, so that every stamp is looked at as in a run.
      streams: createStreamTable(1, { [topic]: { partitions: round.partitions } }, [
        produceLoad({ name: 'bench', topic }),
      ]),
      ...{ bootstrap: round.bootstrap, routes: NO_ROUTES, connection: {}, names: OWN_NAMES },
      ...{ seed: 1, t0Ns: String(t0Ns), runFolder: folder },
    },
    {
      onEvent: () => {},
      onSecond: (second) => seconds.push(second),
      onHistogram: (line) => appendFileSync(log, `${line}\n`),
      onFailure: (error) => {
        throw error;
      },
    },
    new AbortController().signal,
  );
  await running.ready;
  running.begin({ warmupUs: 0, measureUs: 0, endUs: Number.MAX_SAFE_INTEGER });
  const received = (): number => running.status().reduce((sum, one) => sum + one.received, 0);
  await waitFor('the records', () => received() >= records, { timeoutMs: 600_000, everyMs: 50 });
  await running.stop(10_000);
  return sampleOf(seconds);
}

/** Of the seconds between the first and the last one with records: in those the group was joined, or all was read. */
function sampleOf(seconds: readonly LoadSecond[]): Sample {
  const bySecond = new Map<number, { received: number; cpuMicros: number }>();
  for (const { second, received = 0, cpuMicros = 0 } of seconds) {
    const sum = bySecond.get(second) ?? { received: 0, cpuMicros: 0 };
    bySecond.set(second, {
      received: sum.received + received,
      cpuMicros: sum.cpuMicros + cpuMicros,
    });
  }
  const busy = [...bySecond].filter(([, { received }]) => received > 0).map(([second]) => second);
  const counted = [...bySecond].filter(
    ([second]) => second > Math.min(...busy) && second < Math.max(...busy),
  );
  if (counted.length === 0) throw new Error('it was read within two seconds: fill it more');
  const sum = (key: 'received' | 'cpuMicros'): number =>
    counted.reduce((total, [, counts]) => total + counts[key], 0);
  return {
    cpuSecondsPerMillion: sum('cpuMicros') / sum('received'),
    ratePerSecond: sum('received') / counted.length,
  };
}
