/** kafkajs behind the client interface. */
import type { ClientLibrary } from '../client.ts';
import { registerCodecs } from './compression.ts';
import { createKafkajsConsumer } from './consumer.ts';
import { createKafkajsProducer } from './producer.ts';
import { createKafkajsRelay } from './relay.ts';
import { createKafkajsTransactionalProducer } from './transactional-producer.ts';

registerCodecs();

export const kafkajs: ClientLibrary = {
  createProducer: createKafkajsProducer,
  createTransactionalProducer: createKafkajsTransactionalProducer,
  createRelay: createKafkajsRelay,
  createConsumer: createKafkajsConsumer,
};
