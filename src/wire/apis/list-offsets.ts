/** ListOffsets: a partition's first, last or last stable offset. */
import { defineApi } from '../api.ts';
import { array, defaulted, int8, int16, int32, int64, since, string, struct } from '../schema.ts';

export const LATEST = -1;
export const EARLIEST = -2;

export const listOffsets = defineApi({
  key: 2,
  name: 'ListOffsets',
  min: 1,
  max: 7,
  flexible: 6,
  request: struct({
    replicaId: defaulted(int32, -1),
    /** 0: read_uncommitted, 1: read_committed. */
    isolationLevel: since(2, int8, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({ partition: int32, currentLeaderEpoch: since(4, int32, -1), timestamp: int64 }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            timestamp: int64,
            offset: int64,
            leaderEpoch: since(4, int32, -1),
          }),
        ),
      }),
    ),
  }),
});
