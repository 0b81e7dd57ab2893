/** InitProducerId: the number and epoch by which brokers know an idempotent or transactional producer. */
import { defineApi } from '../api.ts';
import { defaulted, int16, int32, int64, nullableString, since, struct } from '../schema.ts';

export const initProducerId = defineApi({
  key: 22,
  name: 'InitProducerId',
  min: 0,
  max: 4,
  flexible: 2,
  request: struct({
    transactionalId: nullableString,
    transactionTimeoutMs: int32,
    /** What it was, for a higher epoch of the same; -1 for a new one. */
    producerId: since(3, int64, -1),
    producerEpoch: since(3, int16, -1),
  }),
  response: struct({
    throttleTimeMs: defaulted(int32, 0),
    errorCode: int16,
    producerId: int64,
    producerEpoch: int16,
  }),
});
