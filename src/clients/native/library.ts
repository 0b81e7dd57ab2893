/** Our own client behind the client interface. It produces; it does not consume yet. */
import type { ClientLibrary } from '../client.ts';
import { createNativeProducer } from './producer.ts';

export const native: ClientLibrary = {
  createProducer: (context) => createNativeProducer(context),
  oncePerLinger: true,
};
