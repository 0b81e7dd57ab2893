/**
 * How many brokers may be harmed at once. A fault with a budget waits until the cluster can take it, for as long as
 * it would have lasted, and is left out after that: so a campaign never asks more than the configuration promises.
 */
import { waitFor } from '../lib/deadline.ts';
import { messageOf } from '../lib/errors.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import type { Arena } from './arena.ts';

export type Spent =
  /** `release` is to be called when the fault has healed. */
  | { readonly granted: true; readonly release: () => void }
  | { readonly granted: false; readonly reason: string };

const EVERY_MS = 500;
/** A restart takes no time by itself; so long may the cluster take to be ready for it. */
const INSTANT_MS = 10_000;
const NOTHING_SPENT: Spent = { granted: true, release: () => {} };

export class Budget {
  readonly #arena: Arena;
  #inForce = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Rejects when the run is interrupted. */
  async spend({ name, budget, forMs }: FaultSpec): Promise<Spent> {
    if (budget === undefined) return NOTHING_SPENT;
    let reason = '';
    const ready = async (): Promise<boolean> => {
      reason = await this.#whyNot(budget);
      return reason === '';
    };
    const { signal } = this.#arena;
    try {
      const timeoutMs = forMs ?? INSTANT_MS;
      await waitFor(`${name} within its budget`, ready, { timeoutMs, everyMs: EVERY_MS, signal });
    } catch {
      signal.throwIfAborted();
      return { granted: false, reason };
    }
    return this.#grant();
  }

  #grant(): Spent {
    this.#inForce++;
    let released = false;
    return {
      granted: true,
      release: () => {
        if (!released) this.#inForce--;
        released = true;
      },
    };
  }

  /**
   * Empty when there is room. What a fault in force has just done is perhaps not to be seen yet, so it counts beside
   * what is seen, even where both are the same broker: rather one fault less than one too many.
   */
  async #whyNot(budget: number): Promise<string> {
    const harmed = await harmedBrokers(this.#arena).catch((error: unknown) => messageOf(error));
    if (typeof harmed === 'string') return `nobody could say which brokers are in sync: ${harmed}`;
    if (harmed.length + this.#inForce < budget) return '';
    const others = this.#inForce === 0 ? [] : [`${this.#inForce} such faults in force`];
    const brokers = harmed.length === 0 ? [] : [`broker ${harmed.join(', ')} down or out of sync`];
    return [...brokers, ...others].join(', ');
  }
}

/** Ids of brokers that do not run, or are missing from the ISR of a partition whose replica they are. */
async function harmedBrokers({ nodes, admin }: Arena): Promise<readonly number[]> {
  const down = [...nodes.values()].filter(({ state }) => state !== 'running').map(({ id }) => id);
  const { topics } = await admin.metadata();
  const lagging = topics.flatMap(({ partitions }) =>
    partitions.flatMap(({ replicas, isr }) => replicas.filter((id) => !isr.includes(id))),
  );
  return [...new Set([...down, ...lagging])].sort((a, b) => a - b);
}
