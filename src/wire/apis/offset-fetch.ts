/** OffsetFetch: what a group has committed. */
import { defineApi } from '../api.ts';
import {
  array,
  between,
  bool,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  until,
} from '../schema.ts';

const wanted = nullableArray(struct({ name: string, partitions: array(int32) }));
const found = array(
  struct({
    name: string,
    partitions: array(
      struct({
        partition: int32,
        committedOffset: int64,
        committedLeaderEpoch: since(5, int32, -1),
        metadata: nullableString,
        errorCode: int16,
      }),
    ),
  }),
);

export const offsetFetch = defineApi({
  key: 9,
  name: 'OffsetFetch',
  min: 1,
  max: 8,
  flexible: 6,
  request: struct({
    groupId: until(7, string, ''),
    topics: until(7, wanted, null),
    groups: since(8, array(struct({ groupId: string, topics: wanted })), []),
    requireStable: since(7, bool, false),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: until(7, found, []),
    errorCode: between(2, 7, int16, 0),
    groups: since(8, array(struct({ groupId: string, topics: found, errorCode: int16 })), []),
  }),
});
