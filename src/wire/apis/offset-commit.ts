/** OffsetCommit: where a group goes on reading. Generation -1 speaks for a group without members. */
import { defineApi } from '../api.ts';
import {
  array,
  between,
  int16,
  int32,
  int64,
  nullableString,
  since,
  string,
  struct,
} from '../schema.ts';

export const NO_GENERATION = -1;

export const offsetCommit = defineApi({
  key: 8,
  name: 'OffsetCommit',
  min: 2,
  max: 8,
  flexible: 8,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(7, nullableString, null),
    retentionTimeMs: between(2, 4, int64, -1),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            committedOffset: int64,
            committedLeaderEpoch: since(6, int32, -1),
            metadata: nullableString,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, errorCode: int16 })),
      }),
    ),
  }),
});
