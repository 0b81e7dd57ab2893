/** Faults on processes of brokers and of the load, as the rest of the program sees them. */
import type { BrokerWhere, FaultCommon } from './scenario.ts';

/** Worker processes of a load: one, numbered from 0 as in ledgers and events, or all of them (null). */
export type LoadWhere = {
  readonly kind: 'load';
  readonly load: string;
  readonly worker: number | null;
};

/** Whoever has a process. */
export type ProcessWhere = BrokerWhere | LoadWhere;

type ProcessFault<K extends string> = FaultCommon & {
  readonly kind: K;
  readonly where: ProcessWhere;
};
export type KillFault = ProcessFault<'kill'>;
export type PauseFault = ProcessFault<'pause'>;

type LoadFault<K extends string> = FaultCommon & {
  readonly kind: K;
  readonly where: LoadWhere;
};

/** Workers take this much longer: for each batch in a consumer, for each look at what is due in a producer. */
export type SlowFault = LoadFault<'slow'> & { readonly delayMs: number };
/** Members leave their group and join it again, every so often. */
export type RebalanceStormFault = LoadFault<'rebalance-storm'> & { readonly everyMs: number };

export type WorkerFault = SlowFault | RebalanceStormFault;
