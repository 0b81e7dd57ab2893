/** ApiVersions: what a broker speaks, and the cluster's finalized features. */
import { API_VERSIONS_KEY, defineApi } from '../api.ts';
import { array, int16, int32, int64, since, string, struct, tagged } from '../schema.ts';

export const apiVersions = defineApi({
  key: API_VERSIONS_KEY,
  name: 'ApiVersions',
  min: 0,
  max: 3,
  flexible: 3,
  request: struct({
    clientSoftwareName: since(3, string, ''),
    clientSoftwareVersion: since(3, string, ''),
  }),
  response: struct({
    errorCode: int16,
    apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
    throttleTimeMs: since(1, int32, 0),
    supportedFeatures: tagged(
      0,
      3,
      array(struct({ name: string, minVersion: int16, maxVersion: int16 })),
      [],
    ),
    finalizedFeaturesEpoch: tagged(1, 3, int64, -1),
    finalizedFeatures: tagged(
      2,
      3,
      array(struct({ name: string, maxVersionLevel: int16, minVersionLevel: int16 })),
      [],
    ),
  }),
});

/** How we introduce ourselves to brokers. */
export const CLIENT_SOFTWARE = {
  clientSoftwareName: 'ordeal',
  clientSoftwareVersion: '1',
} as const;
