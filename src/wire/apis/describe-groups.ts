/** DescribeGroups: state and members of classic consumer groups. */
import { defineApi } from '../api.ts';
import {
  array,
  bool,
  bytes,
  int16,
  int32,
  nullableString,
  since,
  string,
  struct,
} from '../schema.ts';

export const describeGroups = defineApi({
  key: 15,
  name: 'DescribeGroups',
  min: 0,
  max: 5,
  flexible: 5,
  request: struct({
    groups: array(string),
    includeAuthorizedOperations: since(3, bool, false),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    groups: array(
      struct({
        errorCode: int16,
        groupId: string,
        state: string,
        protocolType: string,
        protocol: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: since(4, nullableString, null),
            clientId: string,
            clientHost: string,
            metadata: bytes,
            assignment: bytes,
          }),
        ),
        authorizedOperations: since(3, int32, -2147483648),
      }),
    ),
  }),
});
