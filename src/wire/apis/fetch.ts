/** Fetch by topic name, without sessions. */
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
  since,
  string,
  struct,
  tagged,
} from '../schema.ts';

const epochEnd = struct({ epoch: int32, endOffset: int64 });
const leader = struct({ leaderId: int32, leaderEpoch: int32 });

export const fetch = defineApi({
  key: 1,
  name: 'Fetch',
  min: 4,
  max: 12,
  flexible: 12,
  request: struct({
    replicaId: defaulted(int32, -1),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32,
    /** 0: read_uncommitted, 1: read_committed. */
    isolationLevel: int8,
    sessionId: since(7, int32, 0),
    sessionEpoch: since(7, int32, -1),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: since(9, int32, -1),
            fetchOffset: int64,
            lastFetchedEpoch: since(12, int32, -1),
            logStartOffset: since(5, int64, -1),
            partitionMaxBytes: int32,
          }),
        ),
      }),
    ),
    forgottenTopics: since(7, array(struct({ topic: string, partitions: array(int32) })), []),
    rackId: since(11, string, ''),
  }),
  response: struct({
    throttleTimeMs: defaulted(int32, 0),
    errorCode: since(7, int16, 0),
    sessionId: since(7, int32, 0),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            highWatermark: int64,
            lastStableOffset: defaulted(int64, -1),
            logStartOffset: since(5, int64, -1),
            divergingEpoch: tagged(0, 12, epochEnd, { epoch: -1, endOffset: -1 }),
            currentLeader: tagged(1, 12, leader, { leaderId: -1, leaderEpoch: -1 }),
            abortedTransactions: defaulted(
              nullableArray(struct({ producerId: int64, firstOffset: int64 })),
              null,
            ),
            preferredReadReplica: since(11, int32, -1),
            /** Whole batches, the last of which may be cut off. */
            records: nullableBytes,
          }),
        ),
      }),
    ),
  }),
});
