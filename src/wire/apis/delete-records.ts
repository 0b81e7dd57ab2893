/** DeleteRecords: moves the start of partitions' logs up; asked of their leaders. */
import { defineApi } from '../api.ts';
import { array, int16, int32, int64, string, struct } from '../schema.ts';

/** As an offset: up to the high watermark. */
export const ALL_RECORDS = -1;

export const deleteRecords = defineApi({
  key: 21,
  name: 'DeleteRecords',
  min: 0,
  max: 2,
  flexible: 2,
  request: struct({
    topics: array(
      struct({
        name: string,
        /** Records below `offset` go. */
        partitions: array(struct({ partition: int32, offset: int64 })),
      }),
    ),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, lowWatermark: int64, errorCode: int16 })),
      }),
    ),
  }),
});
