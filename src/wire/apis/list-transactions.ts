/** ListTransactions: those one coordinator knows. */
import { defineApi } from '../api.ts';
import { array, int16, int32, int64, since, string, struct } from '../schema.ts';

export const listTransactions = defineApi({
  key: 66,
  name: 'ListTransactions',
  min: 0,
  max: 1,
  flexible: 0,
  request: struct({
    stateFilters: array(string),
    producerIdFilters: array(int64),
    durationFilterMs: since(1, int64, -1),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    unknownStateFilters: array(string),
    transactions: array(struct({ transactionalId: string, producerId: int64, state: string })),
  }),
});
