/** One member of a load's group: a consumer, or a relay with its producers. */
import type {
  ClientContext,
  ClientLibrary,
  ConsumerClient,
  ConsumerContext,
  ConsumerHandlers,
} from '../clients/client.ts';
import { groupInKafka, topicInKafka, transactionInKafka } from '../scenario/kafka-names.ts';
import type { ConsumeLoad } from '../scenario/scenario.ts';
import { clientContext } from './client-context.ts';
import type { WorkerPlan } from './protocol.ts';
import { Relaying } from './relaying.ts';
import { recordsAtOnce } from './work.ts';
import type { BodyContext } from './worker-body.ts';

type Surroundings = {
  readonly plan: WorkerPlan;
  readonly load: ConsumeLoad;
  readonly library: ClientLibrary;
  readonly context: Pick<BodyContext, 'clock'>;
  readonly onProblem: (code: string, message: string) => void;
};

/** `member` is its number within the load; `handlers` are told of everything that it is handed, relay or not. */
export function createGroupMember(
  around: Surroundings,
  member: number,
  handlers: ConsumerHandlers,
): ConsumerClient {
  const { load, plan, library } = around;
  const context = clientContext(around, member);
  const group = groupInKafka(plan.names, load.group);
  if (load.relay === undefined) {
    const { processingMs } = load;
    const atOnce = processingMs === undefined ? undefined : recordsAtOnce(processingMs);
    return createConsumer(library, { ...context, group, handlers, recordsAtOnce: atOnce });
  }
  const relaying = new Relaying(plan, load.relay, {
    onTaken: handlers.onBatch,
    onCommitted: handlers.onCommitted,
    onProblem: around.onProblem,
  });
  const to = topicInKafka(plan.names, load.relay.to);
  return load.relay.transactional
    ? createTransactionalRelay(around, { ...context, group, to }, relaying, handlers)
    : createPlainRelay(around, { ...context, group, to }, relaying, handlers);
}

/** Planning refuses a load whose library has no consumer. */
function createConsumer(library: ClientLibrary, context: ConsumerContext): ConsumerClient {
  if (library.createConsumer === undefined) throw new Error('the client cannot consume');
  return library.createConsumer(context);
}

type RelayContext = ClientContext & { readonly group: string; readonly to: string };

function createTransactionalRelay(
  { load, plan, library }: Surroundings,
  context: RelayContext,
  relaying: Relaying,
  handlers: ConsumerHandlers,
): ConsumerClient {
  const relay = library.createRelay?.({
    ...context,
    source: relaying.source,
    transactionalIdOf: (partition) => transactionInKafka(plan.names, `${load.name}-${partition}`),
    handlers: {
      ...handlers,
      onBatch: (batch, output) => relaying.inTransactions(batch, output),
    },
  });
  if (relay === undefined) throw new Error(`${load.client} cannot relay`);
  return relay;
}

/** A consumer and a producer that know nothing of each other: at least once. */
function createPlainRelay(
  { library }: Surroundings,
  { group, to, ...context }: RelayContext,
  relaying: Relaying,
  handlers: ConsumerHandlers,
): ConsumerClient {
  const producer = library.createProducer({
    ...context,
    topic: to,
    source: relaying.source,
    sends: 'one-partition',
    afterGivingUp: 'renew',
  });
  const onBatch: ConsumerHandlers['onBatch'] = (batch) => relaying.plainly(batch, producer);
  const consumer = createConsumer(library, {
    ...context,
    group,
    handlers: { ...handlers, onBatch },
  });
  return {
    start: async () => {
      await producer.connect();
      await consumer.start();
    },
    rejoin: () => consumer.rejoin(),
    close: async (deadlineMs) => {
      relaying.close();
      await consumer.close(deadlineMs / 2);
      await producer.close(deadlineMs / 2);
    },
  };
}
