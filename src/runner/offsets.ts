/** Where the audit starts and ends: end offsets before the first send, and after the cluster has settled. */
import type { Place, StreamTable } from '../evidence/streams.ts';
import { pause, waitFor } from '../lib/deadline.ts';
import { environmentError, type OrdealError } from '../lib/errors.ts';
import type { Admin } from '../wire/admin.ts';
import { codeOf, errorName } from '../wire/errors.ts';

/** Where a partition ends; or that nobody could say, and what was said instead. */
export type EndOffset =
  | { readonly offset: number }
  | { readonly offset: null; readonly reason: string };

/**
 * End offset per place of the stream table. Asked again for a while where one is not known: on a busy machine not every
 * broker knows at once of a topic that was just made. Throws `offsets.unknown` when one stays unknown.
 */
export async function endOffsets(
  admin: Admin,
  streams: StreamTable,
  timeoutMs = ASK_MS,
): Promise<readonly number[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const ends = await askEnds(admin, streams);
    const known = ends.flatMap(({ offset }) => (offset === null ? [] : [offset]));
    if (known.length === ends.length) return known;
    if (performance.now() >= deadline) throw unknownEnd(ends, streams);
    await pause(AGAIN_MS);
  }
}

function unknownEnd(ends: readonly EndOffset[], { partitions }: StreamTable): OrdealError {
  const place = ends.findIndex(({ offset }) => offset === null);
  const { topic, partition } = partitions[place] as Place;
  const end = ends[place];
  const reason = end?.offset === null ? end.reason : 'nobody answered';
  return environmentError('offsets.unknown', `no end offset for ${topic}/${partition}: ${reason}`, {
    hint: 'the partition has no leader; see logs/ in the run folder',
  });
}

async function askEnds(
  admin: Admin,
  streams: StreamTable,
  timeoutMs?: number,
): Promise<readonly EndOffset[]> {
  const answers = await admin.listOffsets(
    streams.partitions.map((place) => ({ ...place, at: 'latest' as const })),
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  return streams.partitions.map((_, i): EndOffset => {
    const answer = answers[i];
    if (answer?.errorCode === 0) return { offset: answer.offset };
    const code = answer?.errorCode ?? LEADER_NOT_AVAILABLE;
    const leaderless = code === LEADER_NOT_AVAILABLE;
    const reason = leaderless ? 'nobody leads it' : `Kafka answered ${errorName(code)}`;
    return { offset: null, reason };
  });
}

const LEADER_NOT_AVAILABLE = codeOf('LEADER_NOT_AVAILABLE');
/** After the wait for the ISR: a partition that nobody speaks for by then is left out. */
const ASK_MS = 10_000;
const AGAIN_MS = 200;
/** A follower's fetch waits up to half a second, so a high watermark that held for longer has settled. */
const STILL_MS = 1000;

/**
 * Waits until every partition is led and in full ISR, then until its high watermark stands still, and returns
 * the end offsets. Without full ISR in time it goes on with what there is: a partition that nobody leads has no end,
 * and the audit says what it could read of the others.
 */
export async function settledOffsets(
  admin: Admin,
  streams: StreamTable,
  options: {
    readonly timeoutMs: number;
    readonly askMs?: number;
    readonly onUnsettled: (message: string) => void;
  },
): Promise<readonly EndOffset[]> {
  try {
    await waitFor('every replica back in the ISR', () => inFullIsr(admin, streams), {
      timeoutMs: options.timeoutMs,
      everyMs: 200,
    });
  } catch (error) {
    options.onUnsettled(error instanceof Error ? error.message : String(error));
  }
  const end = performance.now() + options.timeoutMs;
  const ask = () => askEnds(admin, streams, options.askMs ?? ASK_MS);
  for (let last = await ask(); ; ) {
    await pause(STILL_MS);
    const now = await ask();
    if (now.every(({ offset }, i) => offset === last[i]?.offset)) return now;
    last = now;
    if (performance.now() > end) {
      options.onUnsettled('high watermarks still move: somebody else writes to these topics');
      return last;
    }
  }
}

/** A partition whose last stable offset is below its high watermark: a transaction is open on it. */
export type OpenPartition = Place & {
  readonly lastStableOffset: number;
  readonly highWatermark: number;
};

/**
 * Waits until no transaction is open on any partition of these topics, and returns those on which one still is; what
 * nobody answers for is not among them. Coordinators abort what nobody ends, after its `transaction.timeout.ms`.
 */
export async function openTransactions(
  admin: Admin,
  { partitions }: StreamTable,
  topics: ReadonlySet<string>,
  timeoutMs: number,
): Promise<readonly OpenPartition[]> {
  const places = partitions.filter(({ topic }) => topics.has(topic));
  const end = performance.now() + timeoutMs;
  for (;;) {
    const open = await findOpen(admin, places);
    if (open.length === 0 || performance.now() >= end) return open;
    await pause(AGAIN_MS);
  }
}

async function findOpen(admin: Admin, places: readonly Place[]): Promise<readonly OpenPartition[]> {
  const ask = (isolation: 'read_uncommitted' | 'read_committed') =>
    admin.listOffsets(
      places.map((place) => ({ ...place, at: 'latest' as const, isolation })),
      { timeoutMs: ASK_MS },
    );
  // First the last stable offset: what is written between the two questions then looks open, never closed.
  const stable = await ask('read_committed');
  const high = await ask('read_uncommitted');
  return places.flatMap((place, i) => {
    const [lastStableOffset, highWatermark] = [stable[i]?.offset ?? -1, high[i]?.offset ?? -1];
    const known = lastStableOffset >= 0 && highWatermark >= 0;
    return known && lastStableOffset < highWatermark
      ? [{ topic: place.topic, partition: place.partition, lastStableOffset, highWatermark }]
      : [];
  });
}

async function inFullIsr(admin: Admin, streams: StreamTable): Promise<boolean> {
  const names = [...new Set(streams.partitions.map(({ topic }) => topic))];
  const { topics } = await admin.metadata(names);
  return (
    topics.length === names.length &&
    topics.every(({ partitions }) =>
      partitions.every(
        ({ leader, isr, replicas }) => leader >= 0 && isr.length === replicas.length,
      ),
    )
  );
}
