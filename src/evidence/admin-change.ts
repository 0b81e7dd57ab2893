/**
 * What faults change through Kafka's own admin calls, as the checker must know it: a promise is judged by what was in
 * force when a record was sent and acknowledged, and what was deleted on purpose is not lost.
 */
export type AdminChange =
  /** Effective values, by Kafka's names; `topic` null: settings of brokers, which hold where a topic has no own. */
  | {
      readonly kind: 'settings';
      readonly topic: string | null;
      readonly config: Readonly<Record<string, string>>;
    }
  /** Deleted and made again: everything that was sent before that was seen is gone by order. */
  | { readonly kind: 'recreation'; readonly topic: string }
  /** Everything below `before` is gone by order. */
  | {
      readonly kind: 'deletion';
      readonly topic: string;
      readonly partition: number;
      readonly before: number;
    }
  /** The topic has so many partitions now. */
  | { readonly kind: 'partitions'; readonly topic: string; readonly partitions: number }
  | {
      readonly kind: 'reassignment';
      readonly topic: string;
      readonly partition: number;
      readonly replicas: readonly number[];
    }
  /** An unclean one may give the lead to a replica that lacks what was acknowledged before. */
  | {
      readonly kind: 'election';
      readonly topic: string;
      readonly partition: number;
      readonly election: 'preferred' | 'unclean';
    };
