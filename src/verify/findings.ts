/**
 * Collects what the guarantees find: a count per kind of anomaly and load, and the first examples of each. Whether
 * a finding breaks a promise is decided afterwards, when all is counted.
 */
import type { FaultMeasures } from '../measure/measures.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { EpochsSeen } from './epochs-seen.ts';
import type { LogEnds } from './log-ends.ts';
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
  timeUs: number | null;
  /** The stream of the record, where the moment it was sent will do if nothing better is known. */
  readonly stream?: number;
  /** The load whose group was handed it, or went past it, and the moment it did so will do. */
  readonly reader?: string | null;
  /** Of the batch the record stands in. */
  readonly leaderEpoch?: number;
  readonly note: string;
};

export type Finding = {
  readonly kind: AnomalyKind;
  /** The load whose promise it may break; null for what no load's settings excuse. */
  readonly load: string | null;
  readonly topic: string;
  /** Why it is no violation whatever is promised, or null. */
  readonly excuse: string | null;
  /** Why it is a violation whatever the load's settings promise, or absent. */
  readonly charge?: string | null;
};

export type Tally = Finding & {
  count: number;
  readonly examples: RawExample[];
  /** The scenario by which it is judged, where faults had changed settings; else null. */
  readonly under: Scenario | null;
};

export class Findings {
  readonly #tallies: Map<string, Tally>;
  readonly #under: Scenario | null;
  readonly #excuse: string | null;

  constructor(
    tallies = new Map<string, Tally>(),
    under: Scenario | null = null,
    excuse: string | null = null,
  ) {
    this.#tallies = tallies;
    this.#under = under;
    this.#excuse = excuse;
  }

  /** The same collection, to which things are added that are judged by this scenario. */
  under(scenario: Scenario): Findings {
    return new Findings(this.#tallies, scenario, this.#excuse);
  }

  /** The same collection, to which things are added that have this excuse, or one of their own. */
  excused(why: string): Findings {
    return new Findings(this.#tallies, this.#under, why);
  }

  get all(): readonly Tally[] {
    return [...this.#tallies.values()];
  }

  /** `example` is only asked for while there is room for it. */
  add(finding: Finding, count: number, example: () => RawExample): void {
    const { kind, load, topic, charge = null } = finding;
    const excuse = finding.excuse ?? this.#excuse;
    const settings = this.#under?.topics[topic]?.config ?? null;
    const key = JSON.stringify([kind, load, topic, excuse, charge, settings]);
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      tally = { ...finding, excuse, count: 0, examples: [], under: this.#under };
      this.#tallies.set(key, tally);
    }
    tally.count += count;
    if (tally.examples.length < MAX_EXAMPLES) tally.examples.push(example());
  }

  count(kind: AnomalyKind): number {
    return this.all.reduce((sum, tally) => sum + (tally.kind === kind ? tally.count : 0), 0);
  }

  /** Examples of which nobody saw when they happened. */
  get undated(): readonly RawExample[] {
    return this.all.flatMap(({ examples }) => examples.filter(({ timeUs }) => timeUs === null));
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

/** What was seen of the run beside its records. */
export type Surroundings = {
  readonly measureUs: number;
  readonly faults: readonly FaultMeasures[];
  readonly epochs: EpochsSeen;
  readonly ends: LogEnds;
};

export function toExample(
  raw: RawExample,
  { measureUs, faults, epochs, ends }: Surroundings,
): AnomalyExample {
  const { timeUs: seenUs, stream: _, reader: _r, leaderEpoch, ...rest } = raw;
  // Of what stands in the log it is known when that had grown so far.
  const timeUs = seenUs ?? ends.passedUs(raw);
  const atMs = timeUs === null ? null : (timeUs - measureUs) / 1000;
  return {
    ...rest,
    atMs,
    faults: faultsAt(faults, atMs),
    leaderEpoch: leaderEpoch ?? epochs.at(raw.topic, raw.partition, timeUs),
  };
}
