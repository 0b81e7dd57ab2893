/** FindCoordinator: which broker looks after a group or a transactional id. */
import { defineApi } from '../api.ts';
import {
  array,
  between,
  int8,
  int16,
  int32,
  nullableString,
  since,
  string,
  struct,
  until,
} from '../schema.ts';

export const GROUP_KEY = 0;
export const TRANSACTION_KEY = 1;

export const findCoordinator = defineApi({
  key: 10,
  name: 'FindCoordinator',
  min: 0,
  max: 4,
  flexible: 3,
  request: struct({
    key: until(3, string, ''),
    keyType: since(1, int8, 0),
    coordinatorKeys: since(4, array(string), []),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: until(3, int16, 0),
    errorMessage: between(1, 3, nullableString, null),
    nodeId: until(3, int32, -1),
    host: until(3, string, ''),
    port: until(3, int32, -1),
    coordinators: since(
      4,
      array(
        struct({
          key: string,
          nodeId: int32,
          host: string,
          port: int32,
          errorCode: int16,
          errorMessage: nullableString,
        }),
      ),
      [],
    ),
  }),
});
