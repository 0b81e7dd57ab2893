/** Produce by topic name. */
import { defineApi } from '../api.ts';
import {
  array,
  defaulted,
  int16,
  int32,
  int64,
  nullableBytes,
  nullableString,
  since,
  string,
  struct,
  tagged,
} from '../schema.ts';

export const produce = defineApi({
  key: 0,
  name: 'Produce',
  min: 3,
  max: 11,
  flexible: 9,
  request: struct({
    transactionalId: defaulted(nullableString, null),
    acks: int16,
    timeoutMs: int32,
    topics: array(
      struct({
        topic: string,
        partitions: array(struct({ partition: int32, records: nullableBytes })),
      }),
    ),
  }),
  response: struct({
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            baseOffset: int64,
            logAppendTimeMs: defaulted(int64, -1),
            logStartOffset: since(5, int64, -1),
            recordErrors: since(
              8,
              array(struct({ batchIndex: int32, message: nullableString })),
              [],
            ),
            errorMessage: since(8, nullableString, null),
            currentLeader: tagged(0, 10, struct({ leaderId: int32, leaderEpoch: int32 }), {
              leaderId: -1,
              leaderEpoch: -1,
            }),
          }),
        ),
      }),
    ),
    throttleTimeMs: defaulted(int32, 0),
  }),
});
