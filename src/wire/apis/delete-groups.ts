/** DeleteGroups: of groups without members, with all they have committed. */
import { defineApi } from '../api.ts';
import { array, defaulted, int16, int32, string, struct } from '../schema.ts';

export const deleteGroups = defineApi({
  key: 42,
  name: 'DeleteGroups',
  min: 0,
  max: 2,
  flexible: 2,
  request: struct({ groupsNames: array(string) }),
  response: struct({
    throttleTimeMs: defaulted(int32, 0),
    results: array(struct({ groupId: string, errorCode: int16 })),
  }),
});
