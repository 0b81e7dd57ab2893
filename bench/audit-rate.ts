/**
 * How fast is the audit? Writes stamped records of 100 bytes to one local broker and reads them back from its page
 * cache with the audit itself. Prints records per CPU-second of this process (fetching, checking, writing the
 * ledger), which other work on the machine disturbs less than wall time, and memory. Takes the number of records.
 *
 * Would it pay to share the partitions out to threads? Every other round two of them read half the partitions each,
 * into a ledger each; the last line compares the medians.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { auditLog } from '../src/audit/audit.ts';
import { localProvider } from '../src/cluster/local/provider.ts';
import { createStreamTable } from '../src/evidence/streams.ts';
import type { Address } from '../src/lib/address.ts';
import { waitFor } from '../src/lib/deadline.ts';
import { silent } from '../src/lib/progress.ts';
import { OWN_NAMES } from '../src/scenario/kafka-names.ts';
import { openAdmin } from '../src/wire/admin.ts';
import { produce } from '../src/wire/apis/produce.ts';
import { openConnection } from '../src/wire/connection.ts';
import { encodeBatch } from '../src/wire/encode-batch.ts';
import { contextIn, hostWith, scenarioWith } from '../test/cluster/scenarios.ts';
import { RUN_ID, stamped } from '../test/lying-broker/traffic.ts';

const total = Number(process.argv[2] ?? 3_000_000);
const TOPIC = 'audited';
const PARTITIONS = 6;
const BATCH = 1000;
const ROUNDS = 5;
const each = Math.floor(total / PARTITIONS / BATCH) * BATCH;

/** One stream to each partition, as an idempotent producer would have left it. */
async function fill(address: Address): Promise<void> {
  const connection = await openConnection(address, {
    connection: {},
    clientId: 'bench',
    timeoutMs: 10_000,
  });
  for (let first = 0; first < each; first += BATCH) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const values = Array.from({ length: BATCH }, (_, i) => ({
        value: stamped(partition, first + i),
      }));
      const records = await encodeBatch({ records: values, baseTimestamp: Date.now() });
      const topics = [{ topic: TOPIC, partitions: [{ partition, records }] }];
      const answer = await connection.send(produce, { acks: -1, timeoutMs: 10_000, topics });
      const code = answer.topics[0]?.partitions[0]?.errorCode;
      if (code !== 0) throw new Error(`the broker answered ${code}`);
    }
  }
  connection.close();
}

type Shard = {
  readonly bootstrap: readonly Address[];
  readonly ledgerPath: string;
  /** Which of how many. */
  readonly shard: number;
  readonly shards: number;
};

/** Reads every `shards`-th partition. */
async function auditShard({ bootstrap, ledgerPath, shard, shards }: Shard): Promise<void> {
  using admin = await openAdmin({ bootstrap, connection: {}, clientId: 'bench' });
  let complete = 0;
  await auditLog({
    admin,
    connection: {},
    names: OWN_NAMES,
    streams: createStreamTable(RUN_ID, { [TOPIC]: { partitions: PARTITIONS } }, [
      { name: 'load', topic: TOPIC, producers: 1 },
    ]),
    transactional: new Set(),
    from: Array.from({ length: PARTITIONS }, () => 0),
    to: Array.from({ length: PARTITIONS }, (_, place) => (place % shards === shard ? each : null)),
    ledgerPath,
    nowUs: () => 0,
    onEvent: (event) => {
      if (event.type === 'audit' && event.complete) complete++;
    },
    progress: silent,
    signal: new AbortController().signal,
    deadlineMs: 600_000,
  });
  if (complete !== PARTITIONS / shards) throw new Error(`${complete} were read to the end`);
}

function auditInThread(shard: Shard): Promise<void> {
  const thread = new Worker(fileURLToPath(import.meta.url), {
    workerData: shard,
    argv: process.argv.slice(2),
  });
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
  });
}

/** Returns seconds by the clock. */
async function auditOnce(path: string, bootstrap: readonly Address[], shards: number) {
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 100);
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const shardsOf = Array.from({ length: shards }, (_, shard) => ({
    ...{ bootstrap, shard, shards },
    ledgerPath: `${path}-${shard}.ledger`,
  }));
  await Promise.all(shardsOf.map((one) => (shards === 1 ? auditShard(one) : auditInThread(one))));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  clearInterval(watch);
  const perCpu = (each * PARTITIONS) / (user + system);
  const perSecond = (each * PARTITIONS) / seconds / 1e6;
  console.log(
    `${shards} at once: ${perCpu.toFixed(2)} M records per CPU-second, ${perSecond.toFixed(2)} M/s by the clock, ` +
      `${Math.round(peak / 2 ** 20)} MiB`,
  );
  return seconds;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

async function compare(folder: string, bootstrap: readonly Address[]): Promise<void> {
  const seconds: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const i of [0, 1] as const) {
      seconds[i].push(await auditOnce(join(folder, `audit-${round}`), bootstrap, i + 1));
    }
  }
  const [one, two] = seconds.map(median) as [number, number];
  console.log(`two threads take ${(two / one).toFixed(2)} of the time of one`);
}

async function main(folder: string): Promise<void> {
  const scenario = scenarioWith({ brokers: 1, heapBytes: 512 * 2 ** 20 });
  const context = contextIn(folder);
  await using cluster = await localProvider(hostWith()).start({ scenario, proxied: [] }, context);
  {
    using admin = await openAdmin({
      bootstrap: cluster.harness,
      connection: {},
      clientId: 'bench',
    });
    await admin.createTopics([{ name: TOPIC, partitions: PARTITIONS, replicas: 1, config: {} }]);
    const led = async (): Promise<boolean> => {
      const { topics } = await admin.metadata([TOPIC]);
      const partitions = topics[0]?.partitions ?? [];
      return partitions.length === PARTITIONS && partitions.every(({ leader }) => leader >= 0);
    };
    await waitFor('a leader of every partition', led, { timeoutMs: 10_000 });
  }
  await fill(cluster.harness[0] as Address);
  console.log(`${each * PARTITIONS} records of 100 bytes in ${PARTITIONS} partitions`);
  await compare(folder, cluster.harness);
}

if (isMainThread) {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-bench-'));
  try {
    await main(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
} else await auditShard(workerData as Shard);
