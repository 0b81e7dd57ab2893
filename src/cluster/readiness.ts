/** When a cluster is up: every broker unfenced, a controller elected, and group coordinators that work. */
import type { Address } from '../lib/address.ts';
import { waitFor } from '../lib/deadline.ts';
import { environmentError, messageOf } from '../lib/errors.ts';
import { type Admin, openAdmin } from '../wire/admin.ts';

export type ReadinessOptions = {
  readonly harness: readonly Address[];
  readonly brokers: number;
  readonly signal: AbortSignal;
};

const TIMEOUT_MS = 60_000;
const OFFSETS_TOPIC = '__consumer_offsets';

/** Resolves to the finalized features. Throws `cluster.not-ready` with what was still missing. */
export async function awaitReady(
  options: ReadinessOptions,
): Promise<Readonly<Record<string, number>>> {
  const { harness, signal } = options;
  const admin = await openAdmin({
    bootstrap: harness,
    connection: {},
    clientId: 'ordeal-readiness',
    signal,
  });
  let missing = 'an answer';
  try {
    await waitFor(
      'the cluster to be ready',
      async () => {
        missing = await stillMissing(admin, options.brokers);
        return missing === '';
      },
      { timeoutMs: TIMEOUT_MS, everyMs: 50, signal },
    );
    return await admin.features();
  } catch (cause) {
    signal.throwIfAborted();
    throw environmentError(
      'cluster.not-ready',
      `the cluster did not become ready: still missing ${missing} (${messageOf(cause)})`,
      { hint: 'see logs/broker-*.log in the run folder', cause },
    );
  } finally {
    admin.close();
  }
}

async function stillMissing(admin: Admin, brokers: number): Promise<string> {
  const metadata = await admin.metadata([OFFSETS_TOPIC]);
  const registered = metadata.brokers.length;
  if (registered < brokers) return `${brokers - registered} of ${brokers} brokers`;
  if ((await admin.quorum()).leaderId < 0) return 'a controller';
  const [offsets] = metadata.topics;
  const led = offsets?.partitions.filter(({ leader }) => leader >= 0).length ?? 0;
  // Asking for a coordinator makes Kafka create the topic.
  if (led === 0) return (await coordinator(admin)) ? 'leaders of group offsets' : 'a coordinator';
  return led < (offsets?.partitions.length ?? 0) ? 'leaders of group offsets' : '';
}

const coordinator = async (admin: Admin): Promise<boolean> =>
  (await admin.findCoordinator('group', 'ordeal')) >= 0;
