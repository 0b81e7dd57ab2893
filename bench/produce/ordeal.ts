/** Ordeal's own load with one of its clients: the worker process as a run has it, ledger and histograms included. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveConfig } from '../../src/clients/resolve.ts';
import {
  createHistogram,
  HISTOGRAM_LOG_HEADER,
  readHistograms,
  summarize,
} from '../../src/evidence/histograms.ts';
import type { LoadSecond } from '../../src/evidence/series.ts';
import { createStreamTable } from '../../src/evidence/streams.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { NO_ROUTES } from '../../src/lib/route.ts';
import { startLoad } from '../../src/load/workers.ts';
import { OWN_NAMES } from '../../src/scenario/kafka-names.ts';
import type { ClientName, ProduceLoad } from '../../src/scenario/scenario.ts';
import { produceLoad } from '../../test/load/fake-client.ts';
import type { Arm, Round, Sample } from './arm.ts';

const LOAD = 'bench';

/** `most`: records a second that one process of the client carries. */
export const ordealArm = (client: ClientName, most: number): Arm => ({
  name: client,
  missing: () => null,
  run: (round) =>
    run(
      client,
      round.rate === Number.POSITIVE_INFINITY
        ? round
        : { ...round, rate: Math.min(round.rate, most) },
    ),
});

const rateOf = (perSecond: number): ProduceLoad['rate'] =>
  perSecond === Number.POSITIVE_INFINITY ? { kind: 'max' } : { kind: 'constant', perSecond };

const loadOf = (client: ClientName, { topic, rate, recordBytes, config }: Round): ProduceLoad => {
  const known = Object.keys(resolveConfig(produceLoad({ client, config: {} })));
  return produceLoad({
    ...{ name: LOAD, client, topic, rate: rateOf(rate) },
    size: [{ bytes: recordBytes, weight: 1 }],
    config: Object.fromEntries(Object.entries(config).filter(([name]) => known.includes(name))),
  });
};

async function run(client: ClientName, round: Round): Promise<Sample> {
  const folder = join(round.folder, round.topic);
  for (const name of ['logs', 'ledger']) mkdirSync(join(folder, name), { recursive: true });
  const log = join(folder, 'histograms.hlog');
  writeFileSync(log, HISTOGRAM_LOG_HEADER);
  const seconds: LoadSecond[] = [];
  const load = loadOf(client, round);
  const t0Ns = monotonicNs();
  const clock = createClock(t0Ns);
  await using running = startLoad(
    {
      loads: [load],
      streams: createStreamTable(1, { [round.topic]: { partitions: round.partitions } }, [load]),
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
  const warmupUs = clock.nowUs();
  const measureUs = warmupUs + round.warmupS * 1_000_000;
  const endUs = measureUs + round.measureS * 1_000_000;
  running.begin({ warmupUs, measureUs, endUs });
  await waitFor('the load', () => clock.nowUs() > endUs + 1_500_000, {
    ...{ timeoutMs: 600_000, everyMs: 200 },
  });
  await running.stop(10_000);
  return sampleOf(seconds, log, round);
}

function sampleOf(seconds: readonly LoadSecond[], log: string, { measureS }: Round): Sample {
  const counted = seconds.filter(({ second }) => second >= 0 && second < measureS);
  const sum = (key: 'ackedNow' | 'cpuMicros'): number =>
    counted.reduce((total, second) => total + (second[key] ?? 0), 0);
  const ack = createHistogram();
  readHistograms(log, (_, metric, second, histogram) => {
    if (metric === 'ack' && second >= 0 && second < measureS) ack.add(histogram);
  });
  return {
    cpuSecondsPerMillion: sum('cpuMicros') / sum('ackedNow'),
    ratePerSecond: sum('ackedNow') / measureS,
    p99Ms: summarize(ack)?.p99 ?? null,
  };
}
