/** A client's consumer at a lying broker, and what it was handed, committed, assigned. */
import type { ConsumedBatch, ConsumerClient } from '../../src/clients/client.ts';
import { loadClient } from '../../src/clients/registry.ts';
import { resolveConfig } from '../../src/clients/resolve.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { readStamp, type Stamp } from '../../src/payload/stamp.ts';
import type { ClientName } from '../../src/scenario/scenario.ts';
import { consumeLoad } from '../load/fake-client.ts';
import type { LyingBroker } from '../lying-broker/lying-broker.ts';

/** What would take seconds otherwise. */
const QUICK = {
  'retry.backoff.ms': '20',
  'retry.backoff.max.ms': '20',
  'fetch.max.wait.ms': '50',
  'request.timeout.ms': '1000',
  'session.timeout.ms': '3000',
  'heartbeat.interval.ms': '50',
  'auto.commit.interval.ms': '20',
};

export class Reader {
  readonly client: ConsumerClient;
  /** `partition/sequence`, in the order in which they came. */
  readonly read: string[] = [];
  readonly offsets: number[] = [];
  /** By partition, every commit that was accepted. */
  readonly committed: number[][] = [];
  readonly problems: string[] = [];
  assigned: number[] = [];
  /** How often something was taken from it. */
  revocations = 0;
  /** Whatever is handed over waits for it. */
  held: Promise<void> = Promise.resolve();

  private constructor(create: (reader: Reader) => ConsumerClient) {
    this.client = create(this);
  }

  static async make(
    broker: LyingBroker,
    library: ClientName,
    config: Readonly<Record<string, string>> = {},
    recordsAtOnce?: number,
  ): Promise<Reader> {
    const { createConsumer } = await loadClient(library);
    if (createConsumer === undefined) throw new Error(`${library} has no consumer`);
    const load = consumeLoad({ client: library, config: { ...QUICK, ...config } });
    return new Reader((reader) =>
      createConsumer({
        bootstrap: broker.addresses,
        route: (host, port) => ({ host, port }),
        connection: {},
        config: resolveConfig(load),
        clientId: 'test',
        topic: 'orders',
        group: 'billing',
        recordsAtOnce,
        clock: createClock(monotonicNs()),
        onProblem: (code, message) => reader.problems.push(`${code}: ${message}`),
        handlers: {
          onBatch: (batch) => reader.#handedOver(batch),
          onCommitted: (partition, next) => {
            reader.committed[partition] = [...(reader.committed[partition] ?? []), next];
          },
          onAssigned: (partitions) => {
            reader.assigned = [...partitions].sort();
          },
          onRevoked: () => {
            reader.assigned = [];
            reader.revocations += 1;
          },
        },
      }),
    );
  }

  /** Sorted, each once: on a busy machine the sender of a test may repeat itself, and a client may join anew. */
  get all(): string[] {
    return [...new Set(this.read)].sort();
  }

  async #handedOver(batch: ConsumedBatch): Promise<void> {
    const stamp: Stamp = { runId: 0, stream: 0, sequence: 0, intendedUs: 0, valueBytes: 0 };
    for (let i = 0; i < batch.count; i++) {
      const value = batch.valueAt(i) as Buffer;
      readStamp(value, 0, value.length, stamp);
      this.read.push(`${batch.partition}/${String(stamp.sequence).padStart(4, '0')}`);
      this.offsets.push(batch.offsetAt(i));
    }
    await this.held;
  }
}
