/** CreatePartitions: more of them for topics that exist. */
import { defineApi } from '../api.ts';
import {
  array,
  bool,
  defaulted,
  int16,
  int32,
  nullableArray,
  nullableString,
  string,
  struct,
} from '../schema.ts';

export const createPartitions = defineApi({
  key: 37,
  name: 'CreatePartitions',
  min: 0,
  max: 3,
  flexible: 2,
  request: struct({
    topics: array(
      struct({
        name: string,
        /** How many there are to be in all. */
        count: int32,
        /** null: where Kafka likes. */
        assignments: defaulted(nullableArray(struct({ brokerIds: array(int32) })), null),
      }),
    ),
    timeoutMs: int32,
    validateOnly: defaulted(bool, false),
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(struct({ name: string, errorCode: int16, errorMessage: nullableString })),
  }),
});
