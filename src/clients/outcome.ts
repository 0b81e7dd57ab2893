/**
 * What an answer to a Produce request means for its records, as far as all client libraries agree: `failed` only when
 * they are certainly not in the log and never will be.
 */

/**
 * Codes with which a broker refuses before it appends anything, and which only a Produce request is answered with.
 * NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION and KAFKA_STORAGE_ERROR are not among them: whoever waits for
 * acks=all gets them also after its records were appended, when the partition has moved or gone meanwhile.
 */
export const REFUSED_BEFORE_APPEND: ReadonlySet<number> = new Set([
  2, // CORRUPT_MESSAGE
  10, // MESSAGE_TOO_LARGE
  18, // RECORD_LIST_TOO_LARGE
  19, // NOT_ENOUGH_REPLICAS
  21, // INVALID_REQUIRED_ACKS
  32, // INVALID_TIMESTAMP
  43, // UNSUPPORTED_FOR_MESSAGE_FORMAT
  45, // OUT_OF_ORDER_SEQUENCE_NUMBER
  47, // INVALID_PRODUCER_EPOCH
  87, // INVALID_RECORD
  90, // PRODUCER_FENCED
]);

/** Not one of Kafka's codes. */
export const NOT_KAFKAS = -2;
