/** Stamped traffic through a real kafkajs producer, and what our audit finds of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { auditLog } from '../../src/audit/audit.ts';
import type { EventOf, RunEvent } from '../../src/evidence/events.ts';
import { type RawEntry, readLedger } from '../../src/evidence/ledger.ts';
import { createStreamTable, type StreamTable } from '../../src/evidence/streams.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { silent } from '../../src/lib/progress.ts';
import { STAMP_BYTES, writeStamp } from '../../src/payload/stamp.ts';
import { OWN_NAMES } from '../../src/scenario/kafka-names.ts';
import { openAdmin } from '../../src/wire/admin.ts';
import type { LyingBroker } from './lying-broker.ts';

export const RUN_ID = 0xfeed_beef;

export const oneProducer = (topic: string, partitions: number): StreamTable =>
  createStreamTable(RUN_ID, { [topic]: { partitions } }, [{ name: 'load', topic, producers: 1 }]);

export function stamped(stream: number, sequence: number, bytes = 100): Buffer {
  const value = Buffer.alloc(bytes, 0x2e);
  writeStamp(value, 0, { runId: RUN_ID, stream, sequence, intendedUs: 0, valueBytes: bytes });
  return value;
}
export const MIN_BYTES = STAMP_BYTES;

export const client = (broker: LyingBroker, overrides = {}): Kafka =>
  new Kafka({
    clientId: 'test',
    brokers: broker.brokers,
    logLevel: logLevel.NOTHING,
    requestTimeout: 500,
    retry: { initialRetryTime: 20, retries: 5 },
    ...overrides,
  });

/** Sends sequences [first, first + count) of a stream as one batch. */
export const sendBatch = (
  producer: Producer,
  topic: string,
  partition: number,
  stream: number,
  first: number,
  count: number,
) =>
  producer.send({
    topic,
    acks: -1,
    messages: Array.from({ length: count }, (_, i) => ({
      partition,
      key: null,
      value: stamped(stream, first + i),
    })),
  });

/** Sends `batches` batches of ten records to stream 0, in order. */
export async function sendTen(broker: LyingBroker, topic: string, batches: number): Promise<void> {
  const producer = client(broker).producer();
  await producer.connect();
  for (let i = 0; i < batches; i++) await sendBatch(producer, topic, 0, 0, i * 10, 10);
  await producer.disconnect();
}

export type Found = {
  readonly entries: readonly RawEntry[];
  readonly audits: readonly EventOf<'audit'>[];
  /** Sequences of stream 0 in the order of the log. */
  readonly sequences: readonly number[];
};

/** Reads everything the broker holds, from its first offset on, and what the ledger then says. */
export async function audit(
  broker: LyingBroker,
  streams: StreamTable,
  overrides: Partial<Parameters<typeof auditLog>[0]> = {},
): Promise<Found> {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-audit-'));
  const ledgerPath = join(folder, 'audit.ledger');
  const events: RunEvent[] = [];
  const admin = await openAdmin({ bootstrap: broker.addresses, connection: {}, clientId: 'audit' });
  try {
    await auditLog({
      admin,
      connection: {},
      names: OWN_NAMES,
      streams,
      from: streams.partitions.map(() => 0),
      to: streams.partitions.map(({ topic, partition }) => broker.endOffset(topic, partition)),
      transactional: new Set<string>(),
      ledgerPath,
      nowUs: createClock(monotonicNs()).nowUs,
      onEvent: (event) => events.push(event),
      progress: silent,
      signal: new AbortController().signal,
      deadlineMs: 10_000,
      ...overrides,
    });
    const entries: RawEntry[] = [];
    readLedger(ledgerPath, (entry) => entries.push({ ...entry }));
    return {
      entries,
      audits: events.filter((event) => event.type === 'audit'),
      sequences: entries
        .filter(({ kind, stream }) => kind === 'read' && stream === 0)
        .sort((a, b) => a.baseOffset - b.baseOffset)
        .flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i)),
    };
  } finally {
    admin.close();
    rmSync(folder, { recursive: true });
  }
}
