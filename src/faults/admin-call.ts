/** What the faults share that are Kafka's own admin calls. */
import type { AdminChange } from '../evidence/admin-change.ts';
import type { Admin, PartitionMetadata } from '../wire/admin.ts';
import { errorName } from '../wire/errors.ts';
import type { Arena, Effect, Injection } from './arena.ts';

/** Generous: a broker may be busy with the traffic. */
export const CALL = { timeoutMs: 20_000 } as const;
/** How long what was accepted may take to be seen. */
export const SEEN = { timeoutMs: 25_000, everyMs: 100 } as const;

/** What such a call needs of the arena; without a signal it is not ended by an interruption. */
export type Changing = Pick<Arena, 'admin' | 'onChange'> & {
  readonly signal: AbortSignal | undefined;
};

/** Throws what Kafka said instead of doing it. */
export function accept(
  what: string,
  answer: { readonly errorCode: number; readonly message?: string | null } | undefined,
): void {
  if (answer?.errorCode === 0) return;
  const said = answer === undefined ? 'nothing' : errorName(answer.errorCode);
  const more = answer?.message ? `, ${answer.message}` : '';
  throw new Error(`Kafka refused to ${what}: ${said}${more}`);
}

/** Null when nobody tells of it. */
export async function stateOf(
  admin: Admin,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): Promise<PartitionMetadata | null> {
  const { topics } = await admin.metadata([topic]);
  const places = topics.find(({ name }) => name === topic)?.partitions ?? [];
  return places.find((one) => one.partition === partition) ?? null;
}

/** Tells the checker what is asked for, and that it was seen once `work` says so. */
export async function changing<T>(
  { onChange }: Changing,
  fault: string,
  change: AdminChange,
  work: () => Promise<T>,
): Promise<T> {
  onChange({ step: 'asked', fault, change });
  const done = await work();
  onChange({ step: 'seen', fault, change });
  return done;
}

/** What happens once and stays. It is in force at once, and over when it is done. */
export function onceDone(target: string, work: Promise<Effect>): Injection {
  work.catch(() => {}); // The probe tells it; a rejection before that is not unhandled.
  return {
    target,
    probe: () => work,
    heal: async () => {},
    ends: work.then(
      () => {},
      () => {},
    ),
  };
}
