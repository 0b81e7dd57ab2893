/**
 * What every client owes whoever sends through it, against a broker that knows what it did: each answer once, what it
 * says is true of the log, and `failed` only of records that are not in it. Where clients differ by what their
 * protocols can know, the table says why.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { ProducerClient, SendResult, Slice } from '../../src/clients/client.ts';
import { loadClient } from '../../src/clients/registry.ts';
import { resolveConfig } from '../../src/clients/resolve.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import type { ClientName } from '../../src/scenario/scenario.ts';
import { produceLoad } from '../load/fake-client.ts';
import type { Lie } from '../lying-broker/lies.ts';
import {
  type LyingBroker,
  type LyingBrokerOptions,
  startLyingBroker,
} from '../lying-broker/lying-broker.ts';
import { audit, oneProducer, RUN_ID, stamped } from '../lying-broker/traffic.ts';

const CLIENTS: readonly ClientName[] = ['kafkajs', 'native'];
const IDEMPOTENT = { 'enable.idempotence': 'true' };
const QUICK = { 'retry.backoff.ms': '20', 'retry.backoff.max.ms': '20' };
/** Times out soon, and tries no longer than that. */
const IMPATIENT = { 'request.timeout.ms': '300', 'delivery.timeout.ms': '900' };

const fixed = {
  runId: RUN_ID,
  bytes: 100,
  sample: (i: number) => stamped(0, i),
  intendedUs: () => 0,
  intendedInto: () => {},
  spacingUs: () => null,
};

let open: ProducerClient[] = [];
afterEach(async () => {
  await Promise.all(open.map((producer) => producer.close(500)));
  open = [];
});

class Sender {
  readonly producer: ProducerClient;
  readonly problems: string[] = [];
  readonly #next: number[] = [];

  private constructor(producer: ProducerClient) {
    this.producer = producer;
  }

  static async to(broker: LyingBroker, client: ClientName, config = {}): Promise<Sender> {
    const library = await loadClient(client);
    const load = produceLoad({ client, config: { ...QUICK, ...config } });
    let sender: Sender | null = null;
    const producer = library.createProducer({
      bootstrap: broker.addresses,
      route: (host, port) => ({ host, port }),
      connection: {},
      config: resolveConfig(load),
      clientId: 'test',
      topic: 'orders',
      clock: createClock(monotonicNs()),
      onProblem: (_, message) => sender?.problems.push(message),
      source: { headers: {}, keyOf: () => null, valueOf: stamped, fixed },
      sends: 'one-partition',
      afterGivingUp: 'renew',
    });
    open.push(producer);
    await producer.connect();
    sender = new Sender(producer);
    return sender;
  }

  /** The next `count` records of the partition as one slice. */
  send(partition = 0, count = 10): Promise<SendResult> {
    const firstSequence = this.#next[partition] ?? 0;
    this.#next[partition] = firstSequence + count;
    const slice: Slice = { stream: partition, partition, firstSequence, count };
    return new Promise((resolve, reject) => {
      let answers = 0;
      this.producer.send(slice, (result) => {
        answers += 1;
        if (answers > 1) reject(new Error('answered twice'));
        else resolve(result);
      });
    });
  }
}

const broker = (options: Partial<LyingBrokerOptions> = {}): Promise<LyingBroker> =>
  startLyingBroker({ topics: { orders: 2 }, checksSequences: true, ...options });

describe.each(CLIENTS)('%s', { timeout: 60_000 }, (client) => {
  test('acknowledges with the offset, once the broker has', async () => {
    await using at = await broker({ nodes: 2 });
    const sender = await Sender.to(at, client);
    const [first, other] = await Promise.all([sender.send(0), sender.send(1)]);
    expect(first).toMatchObject({ outcome: 'acknowledged', baseOffset: 0, attempts: 1 });
    expect(other).toMatchObject({ outcome: 'acknowledged', baseOffset: 0, attempts: 1 });
    expect(first.writtenUs).toBeGreaterThan(0);
    expect(await sender.send(0, 5)).toMatchObject({ outcome: 'acknowledged', baseOffset: 10 });
    expect(at.endOffset('orders', 0)).toBe(15);
  });

  test.each(['0', '1'])('acks=%s', async (acks) => {
    await using at = await broker();
    const sender = await Sender.to(at, client, { acks });
    const result = await sender.send();
    // Nobody says that it arrived.
    expect(result.outcome).toBe(acks === '0' ? 'unknown' : 'acknowledged');
    await expect.poll(() => at.endOffset('orders', 0)).toBe(10);
  });

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])('compresses by %s', async (codec) => {
    await using at = await broker();
    const sender = await Sender.to(at, client, { ...IDEMPOTENT, 'compression.type': codec });
    const results = [await sender.send(0, 200), await sender.send(0, 1)];
    expect(results.map(({ baseOffset }) => baseOffset)).toEqual([0, 200]);
    const { sequences } = await audit(at, oneProducer('orders', 2));
    expect(sequences).toEqual(Array.from({ length: 201 }, (_, i) => i));
  });

  describe.each([
    ['once and for all', [10, 18, 87], 'failed'],
    ['in words that leave doubt', [-1], 'unknown'],
  ] as const)('an answer %s', (_, codes, outcome) => {
    test.each(codes)('%i', async (code) => {
      await using at = await broker({ lies: [{ kind: 'error', code, count: 9 }] });
      const sender = await Sender.to(at, client, { ...IMPATIENT, retries: '0' });
      expect(await sender.send()).toMatchObject({ outcome, errorCode: code, attempts: 1 });
    });
  });

  test.each([6, 7, 19, 20])('tries again after %i', async (code) => {
    await using at = await broker({ lies: [{ kind: 'error', code }] });
    const sender = await Sender.to(at, client);
    expect(await sender.send()).toMatchObject({ outcome: 'acknowledged', attempts: 2 });
    expect(at.endOffset('orders', 0)).toBe(10);
  });

  test.each([6, 7, 20])('is in doubt where %i is the last word', async (code) => {
    const lie: Lie = { kind: 'error', code, appended: true, count: 9 };
    await using at = await broker({ lies: [lie] });
    const sender = await Sender.to(at, client, { retries: '0' });
    expect((await sender.send()).outcome).toBe('unknown');
    expect(at.endOffset('orders', 0)).toBe(10);
  });

  test('is in doubt where a later attempt is refused', async () => {
    const lies: Lie[] = [
      { kind: 'error', code: 7, appended: true },
      { kind: 'error', code: 10, from: 1, count: 9 },
    ];
    await using at = await broker({ lies });
    const sender = await Sender.to(at, client);
    const result = await sender.send();
    expect(result).toMatchObject({ outcome: 'unknown', errorCode: 10, attempts: 2 });
  });

  test('that was never answered is in doubt', async () => {
    await using at = await broker({ lies: [{ kind: 'swallow-ack', count: 99 }] });
    const sender = await Sender.to(at, client, IMPATIENT);
    const result = await sender.send();
    expect(result.outcome).toBe('unknown');
    expect(result.attempts).toBeGreaterThan(0);
  });

  test('without a leader waits for one, and fails at its time', async () => {
    await using at = await broker();
    const sender = await Sender.to(at, client, IMPATIENT);
    at.behead('orders', 0);
    at.lie({ kind: 'error', code: 6, count: 99 });
    const result = await sender.send();
    expect(result.outcome).not.toBe('acknowledged');
    expect(at.endOffset('orders', 0)).toBe(0);
  });

  test('survives a connection that is cut in the middle of a request', async () => {
    await using at = await broker({ lies: [{ kind: 'cut' }] });
    const sender = await Sender.to(at, client, IDEMPOTENT);
    expect(await sender.send()).toMatchObject({ outcome: 'acknowledged', attempts: 2 });
    expect(at.endOffset('orders', 0)).toBe(10);
  });

  test('does not write twice what was appended before the connection was cut', async () => {
    await using at = await broker({ lies: [{ kind: 'cut', appended: true }] });
    const sender = await Sender.to(at, client, IDEMPOTENT);
    expect(await sender.send()).toMatchObject({ outcome: 'acknowledged', attempts: 2 });
    expect(at.endOffset('orders', 0)).toBe(10);
  });

  test('follows the leader', async () => {
    await using at = await broker({ nodes: 2 });
    const sender = await Sender.to(at, client, IDEMPOTENT);
    await sender.send(0);
    at.move('orders', 0, 2);
    expect(await sender.send(0)).toMatchObject({ outcome: 'acknowledged', baseOffset: 10 });
    expect(await sender.send(0)).toMatchObject({ outcome: 'acknowledged', baseOffset: 20 });
  });

  test('goes on after a send that was given up, and loses nothing by it', async () => {
    await using at = await broker({ lies: [{ kind: 'swallow-ack', count: 99 }] });
    const sender = await Sender.to(at, client, { ...IDEMPOTENT, ...IMPATIENT });
    expect((await sender.send()).outcome).toBe('unknown');
    at.tellTheTruth();
    expect(await sender.send()).toMatchObject({ outcome: 'acknowledged', baseOffset: 10 });
    expect(at.endOffset('orders', 0)).toBe(20);
  });

  test('says nothing more once it is closed', async () => {
    await using at = await broker({ lies: [{ kind: 'swallow-ack', count: 99 }] });
    const sender = await Sender.to(at, client);
    let answered = false;
    void sender.send().then(() => {
      answered = true;
    });
    await expect.poll(() => at.endOffset('orders', 0)).toBe(10);
    await sender.producer.close(100);
    expect(answered).toBe(false);
  });
});
