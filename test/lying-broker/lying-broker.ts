/**
 * A broker in this process that can be told to lie: it speaks enough of the protocol for kafkajs producers and group
 * consumers and for our own admin and audit, and it knows what it did to every batch and when it answered.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '../../src/lib/address.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { decodeRequest, decodeRequestHeader, encodeResponse } from '../../src/wire/api.ts';
import { FrameCutter } from '../../src/wire/frames.ts';
import { Groups } from './groups.ts';
import { type Asked, HANDLERS, type Node } from './handlers.ts';
import type { Lie } from './lies.ts';
import { type ProducedBatch, Store } from './store.ts';
import { type EndLie, Transactions } from './transactions.ts';

export type LyingBrokerOptions = {
  /** Partitions per topic. */
  readonly topics: Readonly<Record<string, number>>;
  readonly lies?: readonly Lie[];
  /** About ends of transactions. */
  readonly ends?: readonly EndLie[];
  /** Readers at read_committed are shown records of open transactions. */
  readonly showsOpen?: boolean;
  /** Refuses what an idempotent producer sends out of its order, as Kafka does. */
  readonly checksSequences?: boolean;
  /** Of the first node; the others and 0 mean any free one. */
  readonly port?: number;
  /** How many nodes it pretends to be; partition p is led by node 1 + p mod nodes. */
  readonly nodes?: number;
  /** The run's clock, so that its times compare with the ledger's. */
  readonly nowUs?: () => number;
};

export type LyingBroker = AsyncDisposable & {
  /** One address per node. */
  readonly addresses: readonly Address[];
  /** `host:port` of every node, as kafkajs takes them. */
  readonly brokers: string[];
  /** Every batch that was produced, in the order of arrival. */
  readonly log: readonly ProducedBatch[];
  readonly lie: (lie: Lie) => void;
  /** From now on. */
  readonly tellTheTruth: () => void;
  /** Stops answering anything for so long, from now on. */
  readonly stall: (ms: number) => void;
  readonly endOffset: (topic: string, partition: number) => number;
  /** As retention does. */
  readonly deleteBefore: (topic: string, partition: number, offset: number) => void;
  /** Metadata knows the topic no more. */
  readonly forget: (topic: string) => void;
  /** From now on nobody leads the partition. */
  readonly behead: (topic: string, partition: number) => void;
  /** From now on the node leads the partition. */
  readonly move: (topic: string, partition: number, node: number) => void;
  /** Closes one node's port and connections, as if it had been killed. */
  readonly kill: (id: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const HOST = '127.0.0.1';

export async function startLyingBroker(options: LyingBrokerOptions): Promise<LyingBroker> {
  const { topics, lies = [], showsOpen, checksSequences } = options;
  const store = new Store(topics, lies, showsOpen, checksSequences);
  const groups = new Groups();
  const transactions = new Transactions(store, groups, options.ends ?? []);
  const nowUs = options.nowUs ?? createClock(monotonicNs()).nowUs;
  const nodes: Node[] = [];
  const closing = new AbortController();
  const shared = { store, groups, transactions, nodes, nowUs, signal: closing.signal };
  const listeners = await Promise.all(
    Array.from({ length: options.nodes ?? 1 }, (_, i) =>
      listen(i + 1, i === 0 ? (options.port ?? 0) : 0, shared),
    ),
  );
  nodes.push(...listeners.map(({ node }) => node));
  const stop = async (): Promise<void> => {
    closing.abort();
    groups.stop();
    await Promise.all(listeners.map(({ close }) => close()));
  };
  return {
    addresses: nodes.map(({ host, port }) => ({ host, port })),
    brokers: nodes.map(({ host, port }) => `${host}:${port}`),
    log: store.produced,
    lie: (lie) => store.lies.push(lie),
    tellTheTruth: () => {
      store.lies.length = 0;
    },
    stall: (ms) => store.stall(ms),
    endOffset: (topic, partition) => store.find(topic, partition)?.end ?? -1,
    deleteBefore: (topic, partition, offset) => store.find(topic, partition)?.deleteBefore(offset),
    forget: (topic) => {
      store.topics.delete(topic);
    },
    behead: (topic, partition) => {
      store.headless.add(`${topic}/${partition}`);
    },
    move: (topic, partition, node) => {
      store.moved.set(`${topic}/${partition}`, node);
      const log = store.find(topic, partition);
      if (log !== undefined) log.leaderEpoch += 1;
    },
    kill: async (id) => listeners.find(({ node }) => node.id === id)?.close(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type Shared = Pick<Asked, 'store' | 'groups' | 'transactions' | 'nodes' | 'signal'> & {
  readonly nowUs: () => number;
};

async function listen(
  id: number,
  port: number,
  shared: Shared,
): Promise<{ readonly node: Node; readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  let node: Node = { id, host: HOST, port };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, () => node, shared);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const address = server.address();
  if (address !== null && typeof address === 'object') node = { ...node, port: address.port };
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { node, close };
}

/** As Kafka does: one request of a connection after the other. */
function serve(socket: Socket, self: () => Node, shared: Shared): void {
  const cutter = new FrameCutter();
  let turn: Promise<void> = Promise.resolve();
  socket.on('error', () => {}); // Clients may vanish; that is theirs to do.
  socket.on('data', (chunk: Buffer) => {
    cutter.push(chunk, (frame) => {
      const receivedUs = shared.nowUs();
      turn = turn
        .then(() => answer(socket, frame, receivedUs, self(), shared))
        .catch((error: unknown) => {
          socket.destroy(error instanceof Error ? error : undefined);
        });
    });
  });
}

async function answer(
  socket: Socket,
  frame: Buffer,
  receivedUs: number,
  self: Node,
  shared: Shared,
): Promise<void> {
  const { nowUs, ...rest } = shared;
  await shared.store.ready();
  const { header, reader } = decodeRequestHeader(frame);
  const { key, version, correlationId } = header;
  const found = HANDLERS.find(
    ({ api }) => api.key === key && version >= api.min && version <= api.max,
  );
  if (found === undefined) {
    throw new Error(`the lying broker does not speak API ${key} v${version}`);
  }
  const request = decodeRequest(found.api, version, reader) as never;
  const clientId = header.clientId ?? '';
  const asked = { ...rest, self, clientId, version, receivedUs, connection: socket };
  const { response, delayMs = 0, produced = [] } = await found.handle(request, asked);
  if (delayMs > 0) await sleep(delayMs, undefined, { ref: false });
  await shared.store.ready();
  if (response === null) return;
  socket.write(encodeResponse(found.api, version, correlationId, response as never));
  for (const entry of produced) entry.answeredUs = nowUs();
}
