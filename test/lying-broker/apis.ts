/** The APIs that only a broker needs a table for: transactions. */
import { defineApi } from '../../src/wire/api.ts';
import {
  array,
  bool,
  defaulted,
  int16,
  int32,
  int64,
  nullableString,
  string,
  struct,
} from '../../src/wire/schema.ts';

const ofProducer = { transactionalId: string, producerId: int64, producerEpoch: int16 };

export const addPartitionsToTxn = defineApi({
  key: 24,
  name: 'AddPartitionsToTxn',
  min: 0,
  max: 1,
  flexible: 3,
  request: struct({
    ...ofProducer,
    topics: array(struct({ name: string, partitions: array(int32) })),
  }),
  response: struct({
    throttleTimeMs: defaulted(int32, 0),
    results: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, errorCode: int16 })),
      }),
    ),
  }),
});

export const endTxn = defineApi({
  key: 26,
  name: 'EndTxn',
  min: 0,
  max: 1,
  flexible: 3,
  request: struct({ ...ofProducer, committed: bool }),
  response: struct({ throttleTimeMs: defaulted(int32, 0), errorCode: int16 }),
});

export const addOffsetsToTxn = defineApi({
  key: 25,
  name: 'AddOffsetsToTxn',
  min: 0,
  max: 1,
  flexible: 3,
  request: struct({ ...ofProducer, groupId: string }),
  response: struct({ throttleTimeMs: defaulted(int32, 0), errorCode: int16 }),
});

export const txnOffsetCommit = defineApi({
  key: 28,
  name: 'TxnOffsetCommit',
  min: 0,
  max: 1,
  flexible: 3,
  request: struct({
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, offset: int64, metadata: nullableString })),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: defaulted(int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, errorCode: int16 })),
      }),
    ),
  }),
});
