/** Heartbeat: a member is alive, and hears whether its group rebalances. */
import { defineApi } from '../api.ts';
import { int16, int32, nullableString, since, string, struct } from '../schema.ts';

export const heartbeat = defineApi({
  key: 12,
  name: 'Heartbeat',
  min: 0,
  max: 4,
  flexible: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
  }),
  response: struct({ throttleTimeMs: since(1, int32, 0), errorCode: int16 }),
});
