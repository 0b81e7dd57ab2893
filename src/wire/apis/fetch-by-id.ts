/** Fetch by topic id, without sessions: who is not the leader says who is, and where (KIP-951). */
import { defineApi } from '../api.ts';
import {
  array,
  defaulted,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableBytes,
  nullableString,
  string,
  struct,
  tagged,
  until,
  uuid,
} from '../schema.ts';

const epochEnd = struct({ epoch: int32, endOffset: int64 });
const leader = struct({ leaderId: int32, leaderEpoch: int32 });

export const fetchById = defineApi({
  key: 1,
  name: 'Fetch',
  min: 13,
  max: 17,
  flexible: 12,
  request: struct({
    replicaId: until(14, int32, -1),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32,
    /** 0: read_uncommitted, 1: read_committed. */
    isolationLevel: int8,
    sessionId: defaulted(int32, 0),
    sessionEpoch: defaulted(int32, -1),
    topics: array(
      struct({
        topicId: uuid,
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: defaulted(int32, -1),
            fetchOffset: int64,
            lastFetchedEpoch: defaulted(int32, -1),
            logStartOffset: defaulted(int64, -1),
            partitionMaxBytes: int32,
          }),
        ),
      }),
    ),
    forgottenTopics: defaulted(array(struct({ topicId: uuid, partitions: array(int32) })), []),
    rackId: defaulted(string, ''),
  }),
  response: struct({
    throttleTimeMs: defaulted(int32, 0),
    errorCode: defaulted(int16, 0),
    sessionId: defaulted(int32, 0),
    topics: array(
      struct({
        topicId: uuid,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            highWatermark: int64,
            lastStableOffset: defaulted(int64, -1),
            logStartOffset: defaulted(int64, -1),
            divergingEpoch: tagged(0, 12, epochEnd, { epoch: -1, endOffset: -1 }),
            currentLeader: tagged(1, 12, leader, { leaderId: -1, leaderEpoch: -1 }),
            abortedTransactions: defaulted(
              nullableArray(struct({ producerId: int64, firstOffset: int64 })),
              null,
            ),
            preferredReadReplica: defaulted(int32, -1),
            /** Whole batches, the last of which may be cut off. */
            records: nullableBytes,
          }),
        ),
      }),
    ),
    nodeEndpoints: tagged(
      0,
      16,
      array(struct({ nodeId: int32, host: string, port: int32, rack: nullableString })),
      [],
    ),
  }),
});
