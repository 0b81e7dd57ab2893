/** Metadata: brokers as this listener advertises them, topics, leaders, replicas. */
import { defineApi } from '../api.ts';
import {
  array,
  between,
  bool,
  int16,
  int32,
  NO_UUID,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  uuid,
} from '../schema.ts';

export const metadata = defineApi({
  key: 3,
  name: 'Metadata',
  min: 1,
  max: 12,
  flexible: 9,
  request: struct({
    /** null: every topic. */
    topics: nullableArray(struct({ topicId: since(10, uuid, NO_UUID), name: nullableString })),
    allowAutoTopicCreation: since(4, bool, false),
    includeClusterAuthorizedOperations: between(8, 10, bool, false),
    includeTopicAuthorizedOperations: since(8, bool, false),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    brokers: array(
      struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullableString, null) }),
    ),
    clusterId: since(2, nullableString, null),
    /** With KRaft: some broker, not the controller. */
    controllerId: int32,
    topics: array(
      struct({
        errorCode: int16,
        name: nullableString,
        topicId: since(10, uuid, NO_UUID),
        isInternal: since(1, bool, false),
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leader: int32,
            leaderEpoch: since(7, int32, -1),
            replicas: array(int32),
            isr: array(int32),
            offlineReplicas: since(5, array(int32), []),
          }),
        ),
        authorizedOperations: since(8, int32, -2147483648),
      }),
    ),
    clusterAuthorizedOperations: between(8, 10, int32, -2147483648),
  }),
});
