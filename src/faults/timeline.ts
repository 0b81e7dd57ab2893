/**
 * Runs the scenario's faults by the clock: inject at `at`, look at the effect while it is in force, heal after
 * `for` or at the end of `measure`. Whatever happens, everything injected is healed before it resolves.
 */
import type { Clock } from '../lib/clock.ts';
import { pause, within } from '../lib/deadline.ts';
import { messageOf } from '../lib/errors.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import type { Arena, Injection } from './arena.ts';
import { Budget, type Spent } from './budget.ts';
import { inject } from './registry.ts';

/** What the timeline tells; the runner turns it into run events. */
export type FaultEvent =
  | { readonly type: 'fault-injecting'; readonly fault: string; readonly kind: string }
  /** Its budget was used up for as long as it would have lasted. */
  | { readonly type: 'fault-skipped'; readonly fault: string; readonly reason: string }
  | {
      readonly type: 'fault-injected';
      readonly fault: string;
      readonly kind: string;
      readonly where: string;
      readonly target: string;
    }
  | {
      readonly type: 'fault-probed';
      readonly fault: string;
      readonly proven: boolean;
      readonly evidence: string;
    }
  | { readonly type: 'fault-healing'; readonly fault: string }
  | { readonly type: 'fault-healed'; readonly fault: string }
  | {
      readonly type: 'fault-failed';
      readonly fault: string;
      readonly step: 'inject' | 'probe' | 'heal';
      readonly message: string;
    };

export type TimelineOptions = {
  readonly faults: readonly FaultSpec[];
  readonly arena: Arena;
  readonly clock: Clock;
  /** Start and end of `measure`, microseconds since t0. */
  readonly measureUs: number;
  readonly endUs: number;
  readonly onEvent: (event: FaultEvent) => void;
};

/** Limits of one step; a broker on a busy machine may take long to come back. */
const INJECT_MS = 60_000;
const PROBE_MS = 30_000;
const HEAL_MS = 90_000;

export async function runTimeline(options: TimelineOptions): Promise<void> {
  const budget = new Budget(options.arena);
  await Promise.all(options.faults.map((fault) => awaitFault(fault, options, budget)));
}

async function awaitFault(
  fault: FaultSpec,
  options: TimelineOptions,
  budget: Budget,
): Promise<void> {
  let spent: Spent;
  try {
    await until(options.measureUs + fault.atMs * 1000, options);
    spent = await budget.spend(fault);
  } catch {
    return; // Interrupted before it fired: nothing to heal.
  }
  if (!spent.granted) {
    options.onEvent({ type: 'fault-skipped', fault: fault.name, reason: spent.reason });
    return;
  }
  try {
    await runFault(fault, options);
  } finally {
    spent.release();
  }
}

const until = (us: number, { clock, arena }: TimelineOptions): Promise<void> =>
  pause(Math.max(0, (us - clock.nowUs()) / 1000), arena.signal);

async function runFault(fault: FaultSpec, options: TimelineOptions): Promise<void> {
  const { arena, clock, onEvent } = options;
  onEvent({ type: 'fault-injecting', fault: fault.name, kind: fault.kind });
  const injection = await attempt('inject', fault, options, () =>
    within(`injecting ${fault.name}`, INJECT_MS, inject(fault, arena)),
  );
  if (injection === undefined) return;
  const { name, kind, whereText } = fault;
  const injectedUs = clock.nowUs();
  onEvent({
    type: 'fault-injected',
    fault: name,
    kind,
    where: whereText,
    target: injection.target,
  });
  const healUs = healTime(fault, injectedUs, options.endUs);
  const probed = probeEffect(fault, injection, options);
  // An interruption only ends the waiting; healing follows all the same.
  await (injection.ends ?? until(healUs, options)).catch(() => {});
  await probed;
  onEvent({ type: 'fault-healing', fault: name });
  const healed = await attempt('heal', fault, options, () =>
    within(`healing ${name}`, HEAL_MS, injection.heal()).then(() => true),
  );
  if (healed) onEvent({ type: 'fault-healed', fault: name });
}

/** A fault that had to wait for its budget may have come late, and traffic ends with `measure`. */
function healTime({ forMs, budget }: FaultSpec, injectedUs: number, endUs: number): number {
  if (forMs === null) return endUs;
  const healUs = injectedUs + forMs * 1000;
  return budget === undefined ? healUs : Math.min(healUs, endUs);
}

async function probeEffect(
  fault: FaultSpec,
  injection: Injection,
  options: TimelineOptions,
): Promise<void> {
  const limitMs = injection.ends === undefined ? PROBE_MS : options.faults.length * HEAL_MS * 3;
  const effect = await attempt('probe', fault, options, () =>
    within(`probing ${fault.name}`, limitMs, injection.probe()),
  );
  if (effect !== undefined) options.onEvent({ type: 'fault-probed', fault: fault.name, ...effect });
}

async function attempt<T>(
  step: 'inject' | 'probe' | 'heal',
  fault: FaultSpec,
  options: TimelineOptions,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    options.onEvent({ type: 'fault-failed', fault: fault.name, step, message: messageOf(error) });
    return undefined;
  }
}
