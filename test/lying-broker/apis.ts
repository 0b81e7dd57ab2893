/** The APIs that only a broker needs a table for: groups, commits, producer ids. */
import { defineApi } from '../../src/wire/api.ts';
import {
  array,
  bool,
  bytes,
  defaulted,
  int16,
  int32,
  int64,
  nullableString,
  since,
  string,
  struct,
  until,
} from '../../src/wire/schema.ts';

export const joinGroup = defineApi({
  key: 11,
  name: 'JoinGroup',
  min: 0,
  max: 5,
  flexible: 6,
  request: struct({
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: since(1, int32, -1),
    memberId: string,
    groupInstanceId: since(5, nullableString, null),
    protocolType: string,
    protocols: array(struct({ name: string, metadata: bytes })),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    errorCode: int16,
    generationId: int32,
    protocolName: string,
    leader: string,
    memberId: string,
    members: array(
      struct({
        memberId: string,
        groupInstanceId: since(5, nullableString, null),
        metadata: bytes,
      }),
    ),
  }),
});

export const syncGroup = defineApi({
  key: 14,
  name: 'SyncGroup',
  min: 0,
  max: 3,
  flexible: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
    assignments: array(struct({ memberId: string, assignment: bytes })),
  }),
  response: struct({ throttleTimeMs: since(1, int32, 0), errorCode: int16, assignment: bytes }),
});

export const heartbeat = defineApi({
  key: 12,
  name: 'Heartbeat',
  min: 0,
  max: 3,
  flexible: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
  }),
  response: struct({ throttleTimeMs: since(1, int32, 0), errorCode: int16 }),
});

const member = struct({ memberId: string, groupInstanceId: nullableString });

export const leaveGroup = defineApi({
  key: 13,
  name: 'LeaveGroup',
  min: 0,
  max: 3,
  flexible: 4,
  request: struct({
    groupId: string,
    memberId: until(2, string, ''),
    members: since(3, array(member), []),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    members: since(
      3,
      array(struct({ memberId: string, groupInstanceId: nullableString, errorCode: int16 })),
      [],
    ),
  }),
});

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
