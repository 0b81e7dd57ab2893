/** JoinGroup: becoming a member of a group by the classic protocol. The answer comes when its next generation begins. */
import { defineApi } from '../api.ts';
import {
  array,
  bool,
  bytes,
  int16,
  int32,
  nullableString,
  since,
  string,
  struct,
} from '../schema.ts';

export const joinGroup = defineApi({
  key: 11,
  name: 'JoinGroup',
  min: 0,
  max: 9,
  flexible: 6,
  request: struct({
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: since(1, int32, -1),
    /** Empty for a newcomer; from version 4 on it is then told its id and has to join again with it. */
    memberId: string,
    groupInstanceId: since(5, nullableString, null),
    protocolType: string,
    protocols: array(struct({ name: string, metadata: bytes })),
    reason: since(8, nullableString, null),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    errorCode: int16,
    generationId: int32,
    protocolType: since(7, nullableString, null),
    /** Null, from version 7 on, in an answer that is an error. */
    protocolName: nullableString,
    leader: string,
    skipAssignment: since(9, bool, false),
    memberId: string,
    /** For the leader alone. */
    members: array(
      struct({
        memberId: string,
        groupInstanceId: since(5, nullableString, null),
        metadata: bytes,
      }),
    ),
  }),
});
