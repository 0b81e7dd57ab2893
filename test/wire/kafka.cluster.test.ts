/**
 * Our protocol against Kafka's own: admin calls on a real broker, batches that Java wrote and we read, and batches
 * that we wrote and Kafka's DumpLogSegments reads.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningCluster } from '../../src/cluster/cluster.ts';
import { findJava } from '../../src/host/java.ts';
import { kafkaFolder } from '../../src/host/kafka-jars.ts';
import { formatAddress } from '../../src/lib/address.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { type Admin, openAdmin } from '../../src/wire/admin.ts';
import { fetch } from '../../src/wire/apis/fetch.ts';
import { produce } from '../../src/wire/apis/produce.ts';
import { isTransactional } from '../../src/wire/batch.ts';
import { CODECS, type CodecName, codecName, loadCompressor } from '../../src/wire/compression.ts';
import { type Connection, openConnection } from '../../src/wire/connection.ts';
import { assembleBatch, encodeBatch, encodeRecords } from '../../src/wire/encode-batch.ts';
import { codeOf, errorName } from '../../src/wire/errors.ts';
import { compressOpen } from '../../src/wire/open-frames.ts';
import { decodeSegment } from '../../src/wire/segment.ts';
import { providers } from '../cluster/built.ts';
import { contextIn, hostWith, scenarioWith } from '../cluster/scenarios.ts';

const run = promisify(execFile);
/** Machines that run tests may be busy. */
const patient = { timeoutMs: 30_000 };
const ALL = Object.keys(CODECS) as CodecName[];
const COMPRESSORS = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
const host = hostWith();
const runFolder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
let cluster: RunningCluster;
let admin: Admin;
let connection: Connection;

beforeAll(async () => {
  const scenario = scenarioWith({ brokers: 1 });
  const plan = { scenario, proxied: [] };
  cluster = await (await providers.providerOf('local', host)).start(plan, contextIn(runFolder));
  const { harness, connection: properties } = cluster;
  admin = await openAdmin({ bootstrap: harness, connection: properties, clientId: 'test' });
  const [address] = harness;
  if (address === undefined) throw new Error('no broker');
  connection = await openConnection(address, {
    connection: properties,
    clientId: 'test',
    timeoutMs: 30_000,
  });
});

afterAll(async () => {
  connection.close();
  admin.close();
  await cluster[Symbol.asyncDispose]();
  rmSync(runFolder, { recursive: true });
});

async function createTopic(name: string, partitions = 1): Promise<void> {
  const [answer] = await admin.createTopics([{ name, partitions, replicas: 1, config: {} }]);
  expect(errorName(answer?.errorCode ?? -1)).toBe('NONE');
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition }));
  const ready = async () =>
    (await admin.listOffsets(places.map((place) => ({ ...place, at: 'latest' as const })))).every(
      ({ errorCode }) => errorCode === 0,
    );
  await waitFor('the partitions', ready, patient);
}

/** One of the programs that come with Kafka. */
async function java(main: string, ...args: string[]): Promise<string> {
  const { path } = await findJava(host);
  const classpath = join(kafkaFolder(host, '4.3.1'), 'jars', '*');
  const { stdout } = await run(path, ['-cp', classpath, '-Xmx256m', main, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

describe('the admin', () => {
  test('knows the cluster', async () => {
    const { clusterId, brokers } = await admin.metadata([]);
    expect(clusterId).toBe(cluster.facts.clusterId);
    expect(brokers.map(({ id }) => id)).toEqual([1]);
    expect(await admin.quorum()).toMatchObject({ leaderId: 1, voters: [{ id: 1 }] });
    expect(await admin.features()).toEqual(cluster.facts.finalizedFeatures);
  });

  test('creates topics, reads and changes their settings, elects, deletes', async () => {
    const wanted = [
      { name: 'bad', partitions: 1, replicas: 3, config: {} },
      { name: 'good', partitions: 2, replicas: 1, config: { 'retention.ms': '60000' } },
    ];
    const refused = await admin.createTopics(wanted, patient);
    expect(refused.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
      ['bad', 'INVALID_REPLICATION_FACTOR'],
      ['good', 'NONE'],
    ]);
    expect(refused[0]?.message).toContain('replication factor');
    const setting = async (name: string) => {
      const [answer] = await admin.describeConfigs([{ kind: 'topic', name: 'good' }], patient);
      return answer?.entries.find((entry) => entry.name === name);
    };
    expect(await setting('retention.ms')).toMatchObject({ value: '60000', isDefault: false });
    await admin.incrementalAlterConfigs(
      [
        {
          kind: 'topic',
          name: 'good',
          set: { 'segment.bytes': '2000000' },
          unset: ['retention.ms'],
        },
      ],
      patient,
    );
    const changed = async () => (await setting('segment.bytes'))?.value === '2000000';
    await waitFor('the change', changed, patient);
    const [wrong] = await admin.incrementalAlterConfigs(
      [{ kind: 'topic', name: 'good', set: { 'no.such': 'x' } }],
      patient,
    );
    expect(errorName(wrong?.errorCode ?? 0)).toBe('INVALID_CONFIG');
    const [broker] = await admin.describeConfigs([{ kind: 'broker', name: '1' }], patient);
    expect(broker?.entries.find(({ name }) => name === 'node.id')?.value).toBe('1');
    const elected = await admin.electLeaders('preferred', [{ topic: 'good', partition: 0 }]);
    expect(elected.map(({ errorCode }) => errorCode)).toEqual([codeOf('ELECTION_NOT_NEEDED')]);
    expect((await admin.deleteTopics(['good']))[0]).toMatchObject({ name: 'good', errorCode: 0 });
    const [again] = await admin.deleteTopics(['good'], { timeoutMs: 3000 });
    expect(errorName(again?.errorCode ?? 0)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  test('adds partitions, deletes records, and is told of what cannot be moved', async () => {
    await createTopic('grown');
    const place = { topic: 'grown', partition: 0 };
    expect(await admin.createPartitions('grown', 3, patient)).toMatchObject({ errorCode: 0 });
    const grown = async () => (await admin.metadata(['grown'])).topics[0]?.partitions.length === 3;
    await waitFor('three partitions', grown, patient);
    expect(errorName((await admin.createPartitions('grown', 2, patient)).errorCode)).toBe(
      'INVALID_PARTITIONS',
    );
    const batch = await encodeBatch({ records, codec: 'none', baseTimestamp: 1_700_000_000_000 });
    const topics = [{ topic: 'grown', partitions: [{ partition: 0, records: batch }] }];
    await connection.send(produce, { acks: -1, timeoutMs: 5000, topics });
    const first = async () =>
      (await admin.listOffsets([{ ...place, at: 'earliest' }], patient))[0]?.offset;
    expect(await admin.deleteRecords(place, 40, patient)).toMatchObject({
      ...{ errorCode: 0, lowWatermark: 40 },
    });
    expect(await first()).toBe(40);
    const beyond = await admin.deleteRecords(place, 101, patient);
    expect(errorName(beyond.errorCode)).toBe('OFFSET_OUT_OF_RANGE');
    const [moved] = await admin.alterReassignments([{ ...place, replicas: [9] }], patient);
    expect(errorName(moved?.errorCode ?? 0)).toBe('INVALID_REPLICA_ASSIGNMENT');
    const [same] = await admin.alterReassignments([{ ...place, replicas: [1] }], patient);
    expect(same).toMatchObject({ ...place, errorCode: 0 });
    expect(await admin.listReassignments(patient)).toEqual([]);
  });

  test('finds coordinators and what they know', async () => {
    await createTopic('grouped');
    expect(await admin.findCoordinator('group', 'g', patient)).toBe(1);
    expect(await admin.findCoordinator('transaction', 't', patient)).toBe(1);
    expect(await admin.committedOffsets('g', 'grouped', [0])).toEqual([
      { partition: 0, offset: -1, errorCode: 0 },
    ]);
    const [group] = await admin.describeGroups(['g']);
    expect(['Dead', 'Empty']).toContain(group?.state);
    expect(await admin.listTransactions()).toEqual([]);
  });

  test('says which partitions there are not', async () => {
    const [answer] = await admin.listOffsets([{ topic: 'none', partition: 0, at: 'latest' }], {
      timeoutMs: 3000,
    });
    expect(errorName(answer?.errorCode ?? 0)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });
});

async function fetchAt(topic: string, fetchOffset: number): Promise<Buffer> {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }];
  const answer = await connection.send(fetch, {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 1 << 20,
    isolationLevel: 1,
    topics: [{ topic, partitions }],
  });
  return answer.topics[0]?.partitions[0]?.records ?? Buffer.alloc(0);
}

const records = Array.from({ length: 100 }, (_, i) => ({
  key: Buffer.from(`key-${i}`),
  value: Buffer.from(`value ${i} `.repeat(20)),
  timestamp: 1_700_000_000_000 + i,
  headers: i % 10 === 0 ? [{ key: 'h', value: Buffer.from(String(i)) }] : [],
}));

describe('batches', () => {
  test('that we wrote are what DumpLogSegments reads, and the segment is what we read', async () => {
    await createTopic('ours');
    const about = { records, baseTimestamp: 1_700_000_000_000 };
    const batches = await Promise.all([
      ...ALL.map((codec) => encodeBatch({ ...about, codec })),
      ...COMPRESSORS.map(async (codec) => {
        const body = encodeRecords(records, about.baseTimestamp);
        const frame = compressOpen(await loadCompressor(codec), body, 40);
        frame.seal(frame.bytes, 0);
        return assembleBatch({ ...about, codec }, frame.bytes);
      }),
    ]);
    for (const batch of batches) {
      const topics = [{ topic: 'ours', partitions: [{ partition: 0, records: batch }] }];
      const answer = await connection.send(produce, { acks: -1, timeoutMs: 5000, topics });
      expect(errorName(answer.topics[0]?.partitions[0]?.errorCode ?? -1)).toBe('NONE');
    }
    const folder = join(cluster.nodes.get(1)?.dataDir ?? '', 'ours-0');
    const file = readdirSync(folder).find((name) => name.endsWith('.log')) ?? '';
    const dump = await java(
      'org.apache.kafka.tools.DumpLogSegments',
      '--print-data-log',
      '--files',
      join(folder, file),
    );
    const theirs = {
      codecs: [...dump.matchAll(/compresscodec: (\w+)/g)].map(([, codec]) => codec),
      crcs: [...dump.matchAll(/ crc: (\d+)/g)].map(([, crc]) => Number(crc)),
      valid: [...dump.matchAll(/isvalid: (\w+)/g)].map(([, valid]) => valid),
      records: [
        ...dump.matchAll(/^\| offset: (\d+) CreateTime: (\d+) .*key: (\S+) payload: (.*)$/gm),
      ].map(([, offset, time, key, value]) => `${offset} ${time} ${key} ${value}`),
    };
    const mine = { codecs: [] as unknown[], crcs: [] as number[], records: [] as string[] };
    for (const batch of decodeSegment(readFileSync(join(folder, file)))) {
      expect(batch.crcMatches).toBe(true);
      mine.codecs.push(codecName(batch.header.attributes & 7));
      mine.crcs.push(batch.header.crc);
      await batch.visit(({ body, offset, timestamp, keyAt, keyLength, valueAt, valueLength }) => {
        const key = body.toString('utf8', keyAt, keyAt + keyLength);
        const value = body.toString('utf8', valueAt, valueAt + valueLength);
        mine.records.push(`${offset} ${timestamp} ${key} ${value}`);
      });
    }
    expect(mine.codecs).toEqual([...ALL, ...COMPRESSORS]);
    expect(mine).toEqual({ codecs: theirs.codecs, crcs: theirs.crcs, records: theirs.records });
    expect(theirs.records).toHaveLength(900);
    expect(new Set(theirs.valid)).toEqual(new Set(['true']));
  });

  test.each(ALL)('that Java wrote with %s, in transactions, are what we read', async (codec) => {
    const topic = `java-${codec}`;
    await createTopic(topic);
    await java(
      'org.apache.kafka.tools.ProducerPerformance',
      ...['--topic', topic, '--num-records', '3000', '--record-size', '200', '--throughput', '-1'],
      ...['--transactional-id', topic, '--transaction-duration-ms', '50'],
      ...[
        '--producer-props',
        `bootstrap.servers=${formatAddress(cluster.bootstrap[0] ?? { host: '', port: 0 })}`,
      ],
      ...[`compression.type=${codec}`, 'batch.size=8192', 'linger.ms=5'],
    );
    const [end] = await admin.listOffsets([{ topic, partition: 0, at: 'latest' }]);
    const seen = { position: 0, found: 0, markers: 0 };
    while (seen.position < (end?.offset ?? 0)) {
      const bytes = await fetchAt(topic, seen.position);
      for (const batch of decodeSegment(bytes)) {
        expect(batch.crcMatches).toBe(true);
        expect(isTransactional(batch.header)).toBe(true);
        if (batch.control) seen.markers++;
        else {
          expect(codecName(batch.header.attributes & 7)).toBe(codec);
          await batch.visit(({ offset, valueLength }) => {
            expect([offset, valueLength]).toEqual([seen.position, 200]);
            seen.position++;
            seen.found++;
          });
        }
        seen.position = batch.header.baseOffset + batch.header.lastOffsetDelta + 1;
      }
    }
    expect(seen.found).toBe(3000);
    expect(seen.markers).toBeGreaterThan(0);
  });
});
