/** Where loads write to. */
import type { LoadSpec } from './scenario.ts';

/** The topic that a load writes to; null when it reads alone. */
export const writtenTopic = (load: LoadSpec): string | null =>
  load.kind === 'produce' ? load.topic : (load.relay?.to ?? null);

/** Whether what it writes is in transactions. */
export const writesTransactions = (load: LoadSpec): boolean =>
  load.kind === 'produce' ? load.transaction !== undefined : load.relay?.transactional === true;
