/** DescribeConfigs and IncrementalAlterConfigs. */
import { defineApi } from '../api.ts';
import {
  array,
  bool,
  defaulted,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
} from '../schema.ts';

export const TOPIC_RESOURCE = 2;
export const BROKER_RESOURCE = 4;

export const describeConfigs = defineApi({
  key: 32,
  name: 'DescribeConfigs',
  min: 1,
  max: 4,
  flexible: 4,
  request: struct({
    resources: array(struct({ type: int8, name: string, keys: nullableArray(string) })),
    includeSynonyms: defaulted(bool, false),
    includeDocumentation: since(3, bool, false),
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(
      struct({
        errorCode: int16,
        errorMessage: nullableString,
        type: int8,
        name: string,
        configs: array(
          struct({
            name: string,
            value: nullableString,
            readOnly: bool,
            /** 1 topic, 2 dynamic broker, 3 dynamic default, 4 static broker, 5 Kafka's default. */
            source: int8,
            sensitive: bool,
            synonyms: array(struct({ name: string, value: nullableString, source: int8 })),
            type: since(3, int8, 0),
            documentation: since(3, nullableString, null),
          }),
        ),
      }),
    ),
  }),
});

export const SET = 0;
export const DELETE = 1;

export const incrementalAlterConfigs = defineApi({
  key: 44,
  name: 'IncrementalAlterConfigs',
  min: 0,
  max: 1,
  flexible: 1,
  request: struct({
    resources: array(
      struct({
        type: int8,
        name: string,
        configs: array(struct({ name: string, operation: int8, value: nullableString })),
      }),
    ),
    validateOnly: defaulted(bool, false),
  }),
  response: struct({
    throttleTimeMs: int32,
    responses: array(
      struct({ errorCode: int16, errorMessage: nullableString, type: int8, name: string }),
    ),
  }),
});
