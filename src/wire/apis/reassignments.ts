/** AlterPartitionReassignments and ListPartitionReassignments. */
import { defineApi } from '../api.ts';
import { array, int16, int32, nullableArray, nullableString, string, struct } from '../schema.ts';

export const alterPartitionReassignments = defineApi({
  key: 45,
  name: 'AlterPartitionReassignments',
  min: 0,
  max: 0,
  flexible: 0,
  request: struct({
    timeoutMs: int32,
    topics: array(
      struct({
        name: string,
        /** `replicas` null: gives up what is under way. */
        partitions: array(struct({ partition: int32, replicas: nullableArray(int32) })),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    responses: array(
      struct({
        name: string,
        partitions: array(
          struct({ partition: int32, errorCode: int16, errorMessage: nullableString }),
        ),
      }),
    ),
  }),
});

export const listPartitionReassignments = defineApi({
  key: 46,
  name: 'ListPartitionReassignments',
  min: 0,
  max: 0,
  flexible: 0,
  request: struct({
    timeoutMs: int32,
    /** null: every partition. */
    topics: nullableArray(struct({ name: string, partitions: array(int32) })),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            replicas: array(int32),
            adding: array(int32),
            removing: array(int32),
          }),
        ),
      }),
    ),
  }),
});
