/** How much a produce load sends, and under which keys. Rates are records per second. */
export type Rate =
  | { readonly kind: 'constant'; readonly perSecond: number }
  | {
      readonly kind: 'stages';
      readonly fromPerSecond: number;
      readonly stages: readonly { readonly toPerSecond: number; readonly overMs: number }[];
    }
  /** As fast as it goes: no intended time, so no response latency either. */
  | { readonly kind: 'max' };

export type KeyModel =
  /** No key; records go round robin over the partitions. */
  | { readonly kind: 'none' }
  /** `count` distinct keys, drawn uniformly or by Zipf's law with the exponent; murmur2 picks the partition. */
  | { readonly kind: 'uniform'; readonly count: number }
  | { readonly kind: 'zipf'; readonly count: number; readonly exponent: number };
