/** DescribeQuorum: who leads the metadata log, and how far its voters and observers are. */
import { defineApi } from '../api.ts';
import {
  array,
  int16,
  int32,
  int64,
  NO_UUID,
  nullableString,
  since,
  string,
  struct,
  uint16,
  uuid,
} from '../schema.ts';

const replica = struct({
  replicaId: int32,
  directoryId: since(2, uuid, NO_UUID),
  logEndOffset: int64,
  lastFetchTimestamp: since(1, int64, -1),
  lastCaughtUpTimestamp: since(1, int64, -1),
});

export const describeQuorum = defineApi({
  key: 55,
  name: 'DescribeQuorum',
  min: 0,
  max: 2,
  flexible: 0,
  request: struct({
    topics: array(struct({ topic: string, partitions: array(struct({ partition: int32 })) })),
  }),
  response: struct({
    errorCode: int16,
    errorMessage: since(2, nullableString, null),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            errorMessage: since(2, nullableString, null),
            leaderId: int32,
            leaderEpoch: int32,
            highWatermark: int64,
            currentVoters: array(replica),
            observers: array(replica),
          }),
        ),
      }),
    ),
    nodes: since(
      2,
      array(
        struct({
          nodeId: int32,
          listeners: array(struct({ name: string, host: string, port: uint16 })),
        }),
      ),
      [],
    ),
  }),
});
