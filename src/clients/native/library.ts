/** Our own client behind the client interface. It has no transactions yet. */
import type { ClientLibrary } from '../client.ts';
import { createNativeConsumer } from './consumer.ts';
import { createNativeProducer } from './producer.ts';

export const native: ClientLibrary = {
  createProducer: (context) => createNativeProducer(context),
  createConsumer: createNativeConsumer,
  oncePerLinger: true,
};
