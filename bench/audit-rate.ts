/**
 * How fast is the audit? Writes stamped records of 100 bytes to one local broker and reads them back from its page
 * cache with the audit itself. Prints records per CPU-second of this process (fetching, checking, writing the
 * ledger), which other work on the machine disturbs less than wall time, and memory. Takes the number of records.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

async function auditOnce(bootstrap: readonly Address[], folder: string, n: number): Promise<void> {
  using admin = await openAdmin({ bootstrap, connection: {}, clientId: 'bench' });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 100);
  let complete = 0;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await auditLog({
    admin,
    connection: {},
    names: OWN_NAMES,
    streams: createStreamTable(RUN_ID, { [TOPIC]: { partitions: PARTITIONS } }, [
      { name: 'load', topic: TOPIC, producers: 1 },
    ]),
    transactional: new Set(),
    from: Array.from({ length: PARTITIONS }, () => 0),
    to: Array.from({ length: PARTITIONS }, () => each),
    ledgerPath: join(folder, `audit-${n}.ledger`),
    nowUs: () => 0,
    onEvent: (event) => {
      if (event.type === 'audit' && event.complete) complete++;
    },
    progress: silent,
    signal: new AbortController().signal,
    deadlineMs: 600_000,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  clearInterval(watch);
  if (complete !== PARTITIONS) throw new Error(`${complete} partitions were read to the end`);
  const cpu = (user + system) / 1e6;
  const perCpu = (each * PARTITIONS) / cpu / 1e6;
  const perSecond = (each * PARTITIONS) / seconds / 1e6;
  console.log(
    `${perCpu.toFixed(2)} M records per CPU-second, ${perSecond.toFixed(2)} M/s by the clock, ` +
      `${Math.round(peak / 2 ** 20)} MiB`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'ordeal-bench-'));
try {
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
  for (let n = 0; n < 4; n++) await auditOnce(cluster.harness, folder, n);
} finally {
  rmSync(folder, { recursive: true });
}
