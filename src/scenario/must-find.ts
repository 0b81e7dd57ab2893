/** What a control scenario may demand that the checker finds: kinds of anomalies by their names. */
export const MUST_FIND = [
  'acknowledged-loss',
  'duplicate',
  'reorder',
  'aborted-read',
  'truncation',
  'retention-gap',
  'skipped-delivery',
  'relay-duplicate',
] as const;

export type MustFind = (typeof MUST_FIND)[number];
