/** SaslHandshake and SaslAuthenticate. */
import { defineApi } from '../api.ts';
import { array, bytes, int16, int64, nullableString, since, string, struct } from '../schema.ts';

export const saslHandshake = defineApi({
  key: 17,
  name: 'SaslHandshake',
  min: 1,
  max: 1,
  flexible: Number.POSITIVE_INFINITY,
  request: struct({ mechanism: string }),
  response: struct({ errorCode: int16, mechanisms: array(string) }),
});

export const saslAuthenticate = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  min: 0,
  max: 2,
  flexible: 2,
  request: struct({ authBytes: bytes }),
  response: struct({
    errorCode: int16,
    errorMessage: nullableString,
    authBytes: bytes,
    sessionLifetimeMs: since(1, int64, 0),
  }),
});
