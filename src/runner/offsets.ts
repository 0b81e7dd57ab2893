/** Where the audit starts and ends: end offsets before the first send, and after the cluster has settled. */
import type { StreamTable } from '../evidence/streams.ts';
import { pause, waitFor } from '../lib/deadline.ts';
import { environmentError } from '../lib/errors.ts';
import type { Admin } from '../wire/admin.ts';

/** End offset per place of the stream table. */
export async function endOffsets(admin: Admin, streams: StreamTable): Promise<readonly number[]> {
  const answers = await admin.listOffsets(
    streams.partitions.map((place) => ({ ...place, at: 'latest' as const })),
  );
  return streams.partitions.map(({ topic, partition }, i) => {
    const answer = answers[i];
    if (answer === undefined || answer.errorCode !== 0) {
      throw environmentError(
        'offsets.unknown',
        `no end offset for ${topic}/${partition}: error ${answer?.errorCode ?? 'none'}`,
        { hint: 'the partition has no leader; see logs/ in the run folder' },
      );
    }
    return answer.offset;
  });
}

/** A follower's fetch waits up to half a second, so a high watermark that held for longer has settled. */
const STILL_MS = 1000;

/**
 * Waits until every partition is led and in full ISR, then until its high watermark stands still, and returns
 * the end offsets. Without full ISR in time it goes on with what there is: the audit says what it could read.
 */
export async function settledOffsets(
  admin: Admin,
  streams: StreamTable,
  options: { readonly timeoutMs: number; readonly onUnsettled: (message: string) => void },
): Promise<readonly number[]> {
  try {
    await waitFor('every replica back in the ISR', () => inFullIsr(admin, streams), {
      timeoutMs: options.timeoutMs,
      everyMs: 200,
    });
  } catch (error) {
    options.onUnsettled(error instanceof Error ? error.message : String(error));
  }
  const end = performance.now() + options.timeoutMs;
  for (let last = await endOffsets(admin, streams); ; ) {
    await pause(STILL_MS);
    const now = await endOffsets(admin, streams);
    if (now.every((offset, i) => offset === last[i])) return now;
    last = now;
    if (performance.now() > end) {
      options.onUnsettled('high watermarks still move: somebody else writes to these topics');
      return last;
    }
  }
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
