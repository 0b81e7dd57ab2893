/** A client library whose answers the test gives, and a worker's surroundings without a process. */
import type {
  ClientLibrary,
  ConsumerContext,
  EndResult,
  ProducerContext,
  SendResult,
  Slice,
  TransactionalContext,
} from '../../src/clients/client.ts';
import { resolveConfig } from '../../src/clients/resolve.ts';
import type { LedgerEntry } from '../../src/evidence/ledger.ts';
import { createStreamTable } from '../../src/evidence/streams.ts';
import { NO_ROUTES } from '../../src/lib/route.ts';
import type { FromWorker, WorkerPlan } from '../../src/load/protocol.ts';
import type { LedgerSink } from '../../src/load/worker-body.ts';
import { OWN_NAMES } from '../../src/scenario/kafka-names.ts';
import type { ConsumeLoad, LoadSpec, ProduceLoad } from '../../src/scenario/scenario.ts';

export type Sent = { readonly slice: Slice; readonly done: (result: SendResult) => void };

export type Ended = {
  readonly kind: 'commit' | 'abort';
  readonly resolve: (result: EndResult) => void;
};

export class FakeClient implements ClientLibrary {
  readonly sent: Sent[] = [];
  readonly producers: ProducerContext[] = [];
  readonly consumers: ConsumerContext[] = [];
  /** Client ids, in order. */
  readonly rejoins: string[] = [];
  maxOutstanding = 1;
  /** A consumer is told to join its group. */
  onStart = (): void => {};
  readonly transactional: TransactionalContext[] = [];
  /** What transactional producers asked for, oldest first. */
  readonly ends: Ended[] = [];

  createTransactionalProducer(context: TransactionalContext) {
    this.transactional.push(context);
    const end = (kind: Ended['kind']) =>
      new Promise<EndResult>((resolve) => {
        this.ends.push({ kind, resolve });
      });
    return {
      ...this.createProducer({ ...context, sends: 'one-partition', afterGivingUp: 'renew' }),
      begin: async () => true,
      commit: () => end('commit'),
      abort: () => end('abort'),
    };
  }

  createProducer(context: ProducerContext) {
    this.producers.push(context);
    return {
      maxOutstanding: this.maxOutstanding,
      connect: async () => {},
      send: (slice: Slice, done: (result: SendResult) => void) => {
        this.sent.push({ slice, done });
      },
      close: async () => {},
    };
  }

  createConsumer(context: ConsumerContext) {
    this.consumers.push(context);
    return {
      start: async () => this.onStart(),
      rejoin: async () => {
        this.rejoins.push(context.clientId);
      },
      close: async () => {},
    };
  }
}

export class FakeClock {
  us = 0;
  readonly nowUs = (): number => this.us;
}

export class FakeSurroundings {
  readonly clock = new FakeClock();
  readonly entries: LedgerEntry[] = [];
  readonly messages: FromWorker[] = [];
  broken = false;
  readonly port = { send: (message: FromWorker): void => void this.messages.push(message) };
  /** How many entries had left the process at the last flush. */
  flushed = 0;
  readonly ledger: LedgerSink;

  constructor() {
    const outer = this;
    this.ledger = {
      get broken() {
        return outer.broken;
      },
      append: (entry) => void this.entries.push(entry),
      intent: (stream, first, count, transaction, timeUs) => {
        const entry = { kind: 'intent', stream, first, count, timeUs } as const;
        this.entries.push(transaction < 0 ? entry : { ...entry, transaction });
      },
      outcome: ({ stream, firstSequence: first, count }, transaction, result, timeUs) => {
        const { outcome, attempts, errorCode, baseOffset } = result;
        const entry = { kind: 'outcome', stream, first, count, outcome, attempts } as const;
        const whole = { ...entry, errorCode, baseOffset, timeUs };
        this.entries.push(transaction < 0 ? whole : { ...whole, transaction });
      },
      flush: () => {
        this.flushed = this.entries.length;
      },
    };
  }
}

export const produceLoad = (changes: Partial<ProduceLoad> = {}): ProduceLoad => ({
  kind: 'produce',
  name: 'checkout',
  topic: 'orders',
  client: 'kafkajs',
  producers: 1,
  workers: 1,
  rate: { kind: 'constant', perSecond: 1000 },
  arrival: 'constant',
  size: [{ bytes: 100, weight: 1 }],
  keys: { kind: 'none' },
  headers: {},
  compressibility: 0,
  sends: 'one-partition',
  afterGivingUp: 'renew',
  config: { 'linger.ms': '0' },
  ...changes,
});

export const consumeLoad = (changes: Partial<ConsumeLoad> = {}): ConsumeLoad => ({
  kind: 'consume',
  name: 'billing',
  topic: 'orders',
  client: 'kafkajs',
  consumers: 1,
  workers: 1,
  group: 'billing',
  config: {},
  ...changes,
});

/** Topic `orders` lies behind another one, so that places and partitions differ. */
export function workerPlan(load: LoadSpec, partitions = 2): WorkerPlan {
  const producers = load.kind === 'produce' ? load.producers : 0;
  const topics = { other: { partitions: 1 }, orders: { partitions } };
  const table = createStreamTable(7, topics, [
    { name: 'elsewhere', topic: 'other', producers: 3 },
    { name: load.name, topic: load.topic, producers },
  ]);
  const count = load.kind === 'produce' ? load.producers : load.consumers;
  return {
    load,
    worker: 0,
    incarnation: 0,
    begun: [],
    members: Array.from({ length: count }, (_, member) => member),
    runId: table.runId,
    seed: 1,
    t0Ns: '0',
    bootstrap: [{ host: 'localhost', port: 1 }],
    routes: NO_ROUTES,
    names: OWN_NAMES,
    connection: {},
    config: resolveConfig(load),
    places: table.partitions,
    relayed: [],
    firstStream: table.streams.findIndex((stream) => stream.load === load.name),
  };
}

export const acknowledged = (baseOffset: number, writtenUs: number, attempts = 1): SendResult => ({
  ...{ outcome: 'acknowledged', errorCode: 0, error: null, baseOffset, attempts, writtenUs },
});
