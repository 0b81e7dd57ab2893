/**
 * Collects what the guarantees find: a count per kind of anomaly and load, and the first examples of each. Whether
 * a finding breaks a promise is decided afterwards, when all is counted.
 */
import type { FaultMeasures } from '../measure/measures.ts';
import type { AnomalyExample, AnomalyKind } from './result.ts';

export const MAX_EXAMPLES = 20;

/** An example before its moment is known in terms of the run. */
export type RawExample = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number | null;
  readonly producer: string | null;
  readonly sequence: number | null;
  /** Microseconds since t0; null when it is not known when it happened. */
  readonly timeUs: number | null;
  readonly note: string;
};

export type Finding = {
  readonly kind: AnomalyKind;
  /** The load whose promise it may break; null for what no load's settings excuse. */
  readonly load: string | null;
  readonly topic: string;
  /** Why it is no violation whatever is promised, or null. */
  readonly excuse: string | null;
};

export type Tally = Finding & { count: number; readonly examples: RawExample[] };

export class Findings {
  readonly #tallies = new Map<string, Tally>();

  get all(): readonly Tally[] {
    return [...this.#tallies.values()];
  }

  /** `example` is only asked for while there is room for it. */
  add(finding: Finding, count: number, example: () => RawExample): void {
    const key = JSON.stringify([finding.kind, finding.load, finding.topic, finding.excuse]);
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      tally = { ...finding, count: 0, examples: [] };
      this.#tallies.set(key, tally);
    }
    tally.count += count;
    if (tally.examples.length < MAX_EXAMPLES) tally.examples.push(example());
  }

  count(kind: AnomalyKind): number {
    return this.all.reduce((sum, tally) => sum + (tally.kind === kind ? tally.count : 0), 0);
  }
}

/** Names of the faults in force at a moment, in milliseconds from the start of `measure`. */
export const faultsAt = (faults: readonly FaultMeasures[], atMs: number | null): string[] =>
  atMs === null
    ? []
    : faults
        .filter(
          ({ injectedAtMs, healedAtMs }) =>
            injectedAtMs !== null && injectedAtMs <= atMs && (healedAtMs ?? Infinity) >= atMs,
        )
        .map(({ name }) => name);

export function toExample(
  raw: RawExample,
  measureUs: number,
  faults: readonly FaultMeasures[],
): AnomalyExample {
  const { timeUs, ...rest } = raw;
  const atMs = timeUs === null ? null : (timeUs - measureUs) / 1000;
  return { ...rest, atMs, faults: faultsAt(faults, atMs) };
}
