/**
 * The audit: after healing, the whole log is read back with our own fetcher, never with the client under test, and
 * every record found is written down. What it could not read it says; it judges nothing.
 */
import type { RunEvent } from '../evidence/events.ts';
import { LedgerWriter } from '../evidence/ledger.ts';
import { FILES } from '../evidence/run-folder.ts';
import type { StreamTable } from '../evidence/streams.ts';
import { environmentError, messageOf } from '../lib/errors.ts';
import type { Progress } from '../lib/progress.ts';
import { type KafkaNames, topicInKafka } from '../scenario/kafka-names.ts';
import type { Admin } from '../wire/admin.ts';
import { Brokers } from '../wire/brokers.ts';
import type { KafkaConfig } from '../wire/security.ts';
import { Leaders } from './leaders.ts';
import { type PartitionReading, type Reach, readPartition } from './read-partition.ts';
import { type Isolation, RunWriter } from './run-writer.ts';

/** Partitions read at once; each holds one fetch of a mebibyte or its largest batch. */
const AT_ONCE = 8;
const PROGRESS_MS = 200;
const TASK = 'audit';

export type AuditOptions = {
  /** Over HARNESS, so that no fault blinds the judge; the fetcher dials the same addresses. */
  readonly admin: Admin;
  readonly connection: KafkaConfig;
  /** The admin knows them already; the fetcher asks Kafka itself. */
  readonly names: KafkaNames;
  readonly streams: StreamTable;
  /** Per place of the stream table: end offsets before the first send. */
  readonly from: readonly number[];
  /** Per place: end offsets after healing; null for a partition that is not to be read. */
  readonly to: readonly (number | null)[];
  /** Topics that transactions write to: they are read a second time, at isolation read_committed. */
  readonly transactional: ReadonlySet<string>;
  readonly ledgerPath: string;
  readonly nowUs: () => number;
  readonly onEvent: (event: RunEvent) => void;
  readonly progress: Progress;
  /** Ends the audit early; what was read until then is kept, and the partitions are told as incomplete. */
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
};

/** Appends to the ledger and emits one `audit` event per partition and reading. Throws only when the disk or we are at fault. */
export async function auditLog(options: AuditOptions): Promise<void> {
  const { admin, streams, signal } = options;
  const brokers = new Brokers({ ...options, bootstrap: [], clientId: 'ordeal-audit' });
  const topics = [...new Set(streams.partitions.map(({ topic }) => topic))];
  const leaders = new Leaders(admin, brokers, topics);
  const end = performance.now() + options.deadlineMs;
  const ledger = new LedgerWriter(options.ledgerPath);
  try {
    await leaders.refresh();
    const reach = { admin, brokers, leaders, signal, end };
    const meter = createMeter(options);
    meter.start();
    await readPlaces(options, 'read_uncommitted', reach, { ledger, meter });
    await readPlaces(options, 'read_committed', reach, { ledger, meter });
    meter.done();
    const file = FILES.auditLedger;
    options.onEvent({ t: options.nowUs(), type: 'ledger-ended', file, ...ledger.close() });
  } catch (error) {
    options.progress({ task: TASK, state: 'failed', detail: messageOf(error) });
    throw isDiskError(error) ? unwritable(options.ledgerPath, error) : error;
  } finally {
    brokers.close();
  }
}

type Book = { readonly ledger: LedgerWriter; readonly meter: Meter };

/** One reading: of every place, or of the transactional ones. */
async function readPlaces(
  options: AuditOptions,
  isolation: Isolation,
  reach: Reach,
  { ledger, meter }: Book,
): Promise<void> {
  const { streams, names, from, to, nowUs, onEvent } = options;
  const places = streams.partitions.entries();
  const worker = async (): Promise<void> => {
    // The workers share the iterator: each takes the next place that nobody has begun.
    for (const [place, { topic, partition }] of places) {
      const begin = from[place] ?? 0;
      const goal = to[place] ?? null;
      if (goal === null || !isRead(options, isolation, topic)) continue;
      const reading = await readPartition(
        {
          topic,
          inKafka: topicInKafka(names, topic),
          partition,
          from: begin,
          to: goal,
          runId: streams.runId,
          isolation,
          writer: new RunWriter(ledger, place, isolation),
          nowUs,
          onPosition: (position) => meter.at(isolation, place, position - begin),
        },
        reach,
      );
      ledger.flush();
      const about = { t: nowUs(), topic, partition, from: begin, to: goal };
      onEvent(eventOf(isolation, about, reading));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const isRead = ({ transactional }: AuditOptions, isolation: Isolation, topic: string): boolean =>
  isolation === 'read_uncommitted' || transactional.has(topic);

const eventOf = (
  isolation: Isolation,
  about: { t: number; topic: string; partition: number; from: number; to: number },
  { position, logStart, reason }: PartitionReading,
): RunEvent => ({
  ...about,
  type: isolation === 'read_committed' ? 'audit-committed' : 'audit',
  position,
  logStart,
  complete: position >= about.to,
  reason,
});

type Meter = ReturnType<typeof createMeter>;

function createMeter(options: AuditOptions): {
  readonly start: () => void;
  readonly at: (isolation: Isolation, place: number, read: number) => void;
  readonly done: () => void;
} {
  const { from, to, progress } = options;
  const read = new Map<string, number>();
  const total = options.streams.partitions.reduce((sum, { topic }, place) => {
    const records = Math.max(0, (to[place] ?? 0) - (from[place] ?? 0));
    return sum + records * (isRead(options, 'read_committed', topic) ? 2 : 1);
  }, 0);
  const sum = (): number => [...read.values()].reduce((all, one) => all + one, 0);
  let next = 0;
  return {
    start: () => progress({ task: TASK, state: 'started', done: 0, total, unit: 'records' }),
    at: (isolation, place, count) => {
      read.set(`${isolation} ${place}`, count);
      if (performance.now() < next) return;
      next = performance.now() + PROGRESS_MS;
      progress({ task: TASK, state: 'advanced', done: sum(), total, unit: 'records' });
    },
    done: () => progress({ task: TASK, state: 'done', done: sum(), total, unit: 'records' }),
  };
}

const isDiskError = (error: unknown): boolean =>
  error instanceof Error &&
  'syscall' in error &&
  ['write', 'fsync'].includes(String(error.syscall));

const unwritable = (path: string, error: unknown): Error =>
  environmentError('out.unwritable', `cannot write ${path}: ${messageOf(error)}`, {
    hint: 'free space, or choose another place with --out',
    cause: error,
  });
