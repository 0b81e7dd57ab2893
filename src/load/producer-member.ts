/** One producer of a load in its worker: its client, its streams, and its transactions if it sends in any. */
import type { ClientLibrary, PayloadSource, ProducerClient } from '../clients/client.ts';
import { createRandom } from '../lib/random.ts';
import { transactionInKafka } from '../scenario/kafka-names.ts';
import type { ProduceLoad } from '../scenario/scenario.ts';
import { clientContext } from './client-context.ts';
import { ProducerTransactions } from './producer-transactions.ts';
import type { WorkerPlan } from './protocol.ts';
import type { RecordQueue } from './record-queue.ts';
import { StreamState } from './stream-state.ts';
import type { BodyContext } from './worker-body.ts';

export type ProducerMember = {
  readonly client: ProducerClient;
  /** By partition. */
  readonly streams: readonly StreamState[];
  readonly transactions: ProducerTransactions | null;
};

export type MemberSurroundings = {
  readonly plan: WorkerPlan;
  readonly load: ProduceLoad;
  readonly library: ClientLibrary;
  readonly context: BodyContext;
  readonly source: PayloadSource;
  readonly partitions: number;
  /** For a stream that begins with the sequence. */
  readonly newQueue: (first: number) => RecordQueue;
  readonly onProblem: (code: string, message: string) => void;
  /** The producer's transactions take records again. */
  readonly onRoom: (streams: readonly StreamState[]) => void;
};

/** `member` is the producer's number within its load. */
export function createProducerMember(around: MemberSurroundings, member: number): ProducerMember {
  const { plan, load, library, source, context, partitions, newQueue, onProblem, onRoom } = around;
  const { transaction: spec } = load;
  const firstStream = plan.firstStream + member * partitions;
  const begun = new Map(plan.begun.map((one) => [one.stream, one]));
  const streamsOf = (client: ProducerClient): StreamState[] =>
    Array.from({ length: partitions }, (_, partition) => {
      const stream = firstStream + partition;
      return new StreamState(stream, partition, client, newQueue(begun.get(stream)?.next ?? 0));
    });
  if (spec === undefined) {
    const client = library.createProducer({
      ...clientContext(around, member),
      source,
      sends: load.sends,
      afterGivingUp: load.afterGivingUp,
    });
    return { client, streams: streamsOf(client), transactions: null };
  }
  const client = library.createTransactionalProducer?.({
    ...clientContext(around, member),
    source,
    transactionalId: transactionInKafka(plan.names, `${load.name}-${member}`),
  });
  if (client === undefined) throw new Error(`${load.client} has no transactions`);
  const streams = streamsOf(client);
  const transactions = new ProducerTransactions({
    client,
    spec,
    streams,
    first: Math.max(0, ...streams.map(({ stream }) => begun.get(stream)?.nextTransaction ?? 0)),
    random: createRandom(plan.seed, `transactions ${load.name} ${member}`),
    context,
    onRoom: () => onRoom(streams),
    onProblem,
  });
  return { client, streams, transactions };
}
