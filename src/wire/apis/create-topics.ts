/** CreateTopics. */
import { defineApi } from '../api.ts';
import {
  array,
  bool,
  defaulted,
  int8,
  int16,
  int32,
  NO_UUID,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  tagged,
  uuid,
} from '../schema.ts';

export const createTopics = defineApi({
  key: 19,
  name: 'CreateTopics',
  min: 2,
  max: 7,
  flexible: 5,
  request: struct({
    topics: array(
      struct({
        name: string,
        numPartitions: int32,
        replicationFactor: int16,
        assignments: defaulted(array(struct({ partition: int32, brokerIds: array(int32) })), []),
        configs: array(struct({ name: string, value: nullableString })),
      }),
    ),
    timeoutMs: int32,
    validateOnly: defaulted(bool, false),
  }),
  response: struct({
    throttleTimeMs: defaulted(int32, 0),
    topics: array(
      struct({
        name: string,
        topicId: since(7, uuid, NO_UUID),
        errorCode: int16,
        errorMessage: defaulted(nullableString, null),
        topicConfigErrorCode: tagged(0, 5, int16, 0),
        numPartitions: since(5, int32, -1),
        replicationFactor: since(5, int16, -1),
        configs: since(
          5,
          nullableArray(
            struct({
              name: string,
              value: nullableString,
              readOnly: bool,
              configSource: int8,
              isSensitive: bool,
            }),
          ),
          null,
        ),
      }),
    ),
  }),
});
