/** DeleteTopics, by name. */
import { defineApi } from '../api.ts';
import {
  array,
  defaulted,
  int16,
  int32,
  NO_UUID,
  nullableString,
  since,
  string,
  struct,
  until,
  uuid,
} from '../schema.ts';

export const deleteTopics = defineApi({
  key: 20,
  name: 'DeleteTopics',
  min: 1,
  max: 6,
  flexible: 4,
  request: struct({
    topics: since(
      6,
      array(struct({ name: nullableString, topicId: defaulted(uuid, NO_UUID) })),
      [],
    ),
    topicNames: until(5, array(string), []),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: defaulted(int32, 0),
    responses: array(
      struct({
        name: nullableString,
        topicId: since(6, uuid, NO_UUID),
        errorCode: int16,
        errorMessage: since(5, nullableString, null),
      }),
    ),
  }),
});
