/** A kafkajs consumer by Kafka's settings, as consumers and relays are; it starts again whatever it crashed of. */
import { type Consumer, PartitionAssigners } from 'kafkajs';
import type { ConsumerContext } from '../client.ts';
import type { Connection } from './connect.ts';

export function createMember(
  { kafka, retry }: Connection,
  { group, config }: Pick<ConsumerContext, 'group' | 'config'>,
): Consumer {
  const number = (name: string): number => Number(config[name]);
  return kafka.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    partitionAssigners: [PartitionAssigners.roundRobin],
    metadataMaxAge: number('metadata.max.age.ms'),
    sessionTimeout: number('session.timeout.ms'),
    heartbeatInterval: number('heartbeat.interval.ms'),
    maxBytesPerPartition: number('max.partition.fetch.bytes'),
    minBytes: number('fetch.min.bytes'),
    maxBytes: number('fetch.max.bytes'),
    maxWaitTimeInMs: number('fetch.max.wait.ms'),
    readUncommitted: config['isolation.level'] === 'read_uncommitted',
    retry: { ...retry, restartOnFailure: async () => true },
  });
}
