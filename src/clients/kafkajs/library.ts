/** kafkajs behind the client interface. */
import type { ClientLibrary } from '../client.ts';
import { createKafkajsConsumer } from './consumer.ts';
import { createKafkajsProducer } from './producer.ts';

export const kafkajs: ClientLibrary = {
  createProducer: createKafkajsProducer,
  createConsumer: createKafkajsConsumer,
};
