/** ElectLeaders: preferred or unclean, for some partitions or all. */
import { defineApi } from '../api.ts';
import {
  array,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
} from '../schema.ts';

export const PREFERRED = 0;
export const UNCLEAN = 1;

export const electLeaders = defineApi({
  key: 43,
  name: 'ElectLeaders',
  min: 0,
  max: 2,
  flexible: 2,
  request: struct({
    electionType: since(1, int8, PREFERRED),
    /** null: every partition. */
    topics: nullableArray(struct({ topic: string, partitions: array(int32) })),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: since(1, int16, 0),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({ partition: int32, errorCode: int16, errorMessage: nullableString }),
        ),
      }),
    ),
  }),
});
