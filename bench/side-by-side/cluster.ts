/** The warm local cluster that contestants share: three brokers that keep a little of what a bench writes. */
import { localProvider } from '../../src/cluster/local/provider.ts';
import { ensureKafkaJars, type KafkaJars } from '../../src/host/kafka-jars.ts';
import type { Address } from '../../src/lib/address.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { silent } from '../../src/lib/progress.ts';
import { type Admin, openAdmin } from '../../src/wire/admin.ts';
import { contextIn, hostWith, scenarioWith } from '../../test/cluster/scenarios.ts';

const KAFKA = '4.3.1';

export type WarmCluster = {
  readonly bootstrap: readonly Address[];
  readonly jars: KafkaJars;
  /** With three replicas and, when this resolves, its leaders. */
  createTopic(name: string, partitions: number): Promise<void>;
  deleteTopic(name: string): Promise<void>;
};

/** `keptBytes`: about, of each partition. */
export async function withWarmCluster(
  folder: string,
  keptBytes: number,
  work: (cluster: WarmCluster) => Promise<void>,
): Promise<void> {
  const host = hostWith();
  const signal = new AbortController().signal;
  const jars = await ensureKafkaJars(host, KAFKA, { progress: silent, signal });
  const scenario = scenarioWith({
    ...{ brokers: 3, heapBytes: 512 * 2 ** 20, jvm: 'full', kafka: KAFKA },
    config: {
      'socket.receive.buffer.bytes': '-1',
      'socket.send.buffer.bytes': '-1',
      'log.retention.bytes': String(keptBytes),
      'log.segment.bytes': '67108864',
      'log.retention.check.interval.ms': '5000',
    },
  });
  await using cluster = await localProvider(host).start(
    { scenario, proxied: [] },
    contextIn(folder),
  );
  const { bootstrap } = cluster;
  using admin = await openAdmin({ bootstrap, connection: {}, clientId: 'bench' });
  await work({
    bootstrap,
    jars,
    createTopic: async (name, partitions) => {
      await admin.createTopics([{ name, partitions, replicas: 3, config: {} }]);
      const led = (): Promise<boolean> => isLed(admin, name, partitions);
      await waitFor('leaders', led, { timeoutMs: 30_000 });
    },
    deleteTopic: async (name) => {
      await admin.deleteTopics([name]);
    },
  });
}

async function isLed(admin: Admin, topic: string, partitions: number): Promise<boolean> {
  const { topics } = await admin.metadata([topic]);
  const found = topics.find(({ name }) => name === topic);
  return found?.partitions.filter(({ leader }) => leader >= 0).length === partitions;
}
