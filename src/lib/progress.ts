/** How long work tells what it is doing. The cli folds these events into a view; nothing else prints. */

export type ProgressEvent = {
  /** What is being done, such as `Kafka 4.3.1 jars`; the same text for every event of one task. */
  readonly task: string;
  readonly state: 'started' | 'advanced' | 'done' | 'failed';
  readonly done?: number;
  readonly total?: number;
  readonly unit?: 'bytes' | 'files' | 'records' | 'brokers' | 'seconds';
  readonly detail?: string;
};

export type Progress = (event: ProgressEvent) => void;

/** For callers that do not care, such as tests. */
export const silent: Progress = () => {};
