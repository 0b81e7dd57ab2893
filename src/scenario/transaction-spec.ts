/** How producers send in transactions. */
export type TransactionSpec = {
  /** In each transaction, over all partitions; the last one of a producer may have fewer. */
  readonly records: number;
  /** The share (0 to 1) of transactions that are aborted at their end on purpose, drawn from the seed. */
  readonly abort: number;
};
