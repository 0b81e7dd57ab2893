/**
 * The timeline of what faults changed through Kafka's admin calls. Nobody sees the moment of a change itself: from
 * the asking on the new may be in force, and until a second after it was seen the old may be (brokers learn it one
 * after another). So over a stretch of time a setting may have several values, and promised is what the weakest of
 * them promises: whatever that allows may have happened.
 *
 * A record is judged by its own window. `min.insync.replicas` matters from its intent to its acknowledgement: that is
 * when Kafka counts replicas. All else (unclean elections, compaction, flushing, retention) matters from its intent
 * to the end of the run, since it may take the record at any later time; what was over before its intent may not.
 */
import type { AdminChange } from '../evidence/admin-change.ts';
import type { RunEvent } from '../evidence/events.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { topicNameOf, topicSetting } from '../scenario/topic-setting.ts';
import type { Findings } from './findings.ts';

/** Microseconds since t0 of a record's intent and its acknowledgement. */
export type RecordWindow = { readonly sentUs: number; readonly acknowledgedUs: number };

/** Of what belongs to no moment. */
export const WHOLE_RUN: RecordWindow = { sentUs: -Infinity, acknowledgedUs: Infinity };

/** Why nothing that is found of groups on a topic which was made anew breaks a promise. */
export const MADE_ANEW =
  'the topic was deleted and made again, and offsets of the former one mean nothing in it';

const SPREADS_WITHIN_US = 1_000_000;

type Dated<C> = C & {
  readonly askedUs: number;
  /** Infinity: nobody saw it. */
  readonly seenUs: number;
};
type DatedOf<K extends AdminChange['kind']> = Dated<Extract<AdminChange, { kind: K }>>;

/** The value may have been in force in [fromUs, toUs]. Undefined is Kafka's default. */
type Stretch = {
  readonly fromUs: number;
  readonly toUs: number;
  readonly value: string | undefined;
};

export class Changes {
  readonly #scenario: Scenario;
  readonly #all: readonly Dated<AdminChange>[];
  readonly #views = new Map<string, Scenario>();

  constructor(scenario: Scenario, events: readonly RunEvent[]) {
    this.#scenario = scenario;
    this.#all = dated(events);
  }

  /**
   * The scenario by which to judge records of the topic that were sent and acknowledged then: of each setting that
   * was changed, the weakest value that may have been in force. The scenario itself where nothing was changed.
   */
  inForce(topic: string, window: RecordWindow): Scenario {
    // It is asked for every acknowledgement.
    if (this.#all.length === 0) return this.#scenario;
    const names = this.#changedSettings(topic);
    if (names.size === 0) return this.#scenario;
    const config: Record<string, string> = {};
    for (const name of names) {
      const value = this.#weakest(topic, name, window);
      if (value !== undefined) config[name] = value;
    }
    return this.#view(topic, config);
  }

  /**
   * From when on the topic is the one that the audit reads: what was sent, seen or handed over before may belong to a
   * former one, which was deleted. -Infinity: there was no other. Infinity: nobody saw it made anew.
   */
  bornUs(topic: string): number {
    const seen = this.#of('recreation', topic).map(({ seenUs }) => seenUs + SPREADS_WITHIN_US);
    return Math.max(-Infinity, ...seen);
  }

  /** What is found of groups on the topic is collected here. */
  aboutGroups(topic: string, findings: Findings): Findings {
    return this.bornUs(topic) > -Infinity ? findings.excused(MADE_ANEW) : findings;
  }

  /** Whether what was sent then may have gone to a former topic of the name. */
  isOfFormer(topic: string, timeUs: number): boolean {
    if (this.#all.length === 0) return false;
    const bornUs = this.bornUs(topic);
    return bornUs > -Infinity && timeUs <= bornUs;
  }

  /** Below this offset records may have been deleted by order; 0 when none were. */
  deletedBefore(topic: string, partition: number): number {
    const mine = this.#of('deletion', topic).filter((change) => change.partition === partition);
    return Math.max(0, ...mine.map(({ before }) => before));
  }

  /** Changes of this kind that concern the topic: its own, and those of all brokers. */
  #of<K extends AdminChange['kind']>(kind: K, topic: string): readonly DatedOf<K>[] {
    return this.#all.filter(
      (change): change is DatedOf<K> =>
        change.kind === kind && (change.topic === topic || change.topic === null),
    );
  }

  #changedSettings(topic: string): ReadonlySet<string> {
    const changed = this.#of('settings', topic).flatMap((change) =>
      Object.keys(this.#valuesFor(topic, change)),
    );
    const unclean = this.#uncleanElections(topic).length > 0 ? [UNCLEAN] : [];
    return new Set([...changed, ...unclean]);
  }

  /** As if they had been allowed for the moment. */
  #uncleanElections(topic: string): readonly Stretch[] {
    return this.#of('election', topic)
      .filter(({ election }) => election === 'unclean')
      .map(({ askedUs, seenUs }) => ({
        fromUs: askedUs,
        toUs: seenUs + SPREADS_WITHIN_US,
        value: 'true',
      }));
  }

  #weakest(topic: string, name: string, { sentUs, acknowledgedUs }: RecordWindow) {
    const untilUs = name === MIN_ISR ? acknowledgedUs : Infinity;
    const values = this.#stretches(topic, name)
      .filter(({ fromUs, toUs }) => fromUs <= untilUs && toUs >= sentUs)
      .map(({ value }) => value);
    return values.reduce((worst, next) => weaker(name, worst, next));
  }

  #stretches(topic: string, name: string): readonly Stretch[] {
    const changes = this.#of('settings', topic).flatMap((change) => {
      const value = this.#valuesFor(topic, change)[name];
      return value === undefined ? [] : [{ ...change, value }];
    });
    const former = topicSetting(this.#scenario, topic, name);
    const initial = { askedUs: -Infinity, value: former };
    const own = [initial, ...changes].map(({ askedUs, value }, i) => ({
      fromUs: askedUs,
      // Of two changes at once (`next` is asked for before this one is seen) both may hold: that is as it is read.
      toUs: (changes[i]?.seenUs ?? Infinity) + SPREADS_WITHIN_US,
      value,
    }));
    return name === UNCLEAN ? [...own, ...this.#uncleanElections(topic)] : own;
  }

  /** By the names of topics. What a topic has of its own hides what the brokers have for all. */
  #valuesFor(topic: string, change: DatedOf<'settings'>): Readonly<Record<string, string>> {
    if (change.topic !== null) return change.config;
    const own = this.#scenario.topics[topic]?.config ?? {};
    return Object.fromEntries(
      Object.entries(change.config)
        .map(([name, value]) => [topicNameOf(name), value] as const)
        .filter(([name]) => own[name] === undefined),
    );
  }

  #view(topic: string, config: Readonly<Record<string, string>>): Scenario {
    const key = JSON.stringify([topic, config]);
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const { topics } = this.#scenario;
    const spec = topics[topic];
    const view =
      spec === undefined
        ? this.#scenario
        : {
            ...this.#scenario,
            topics: { ...topics, [topic]: { ...spec, config: { ...spec.config, ...config } } },
          };
    this.#views.set(key, view);
    return view;
  }
}

const MIN_ISR = 'min.insync.replicas';
const UNCLEAN = 'unclean.leader.election.enable';

/** Which of two values promises less; of those that promise the same, the later. */
function weaker(
  name: string,
  one: string | undefined,
  other: string | undefined,
): string | undefined {
  switch (name) {
    case MIN_ISR:
      return Number(one ?? 1) <= Number(other ?? 1) ? one : other;
    case UNCLEAN:
      return one === 'true' ? one : other;
    case 'cleanup.policy':
      return [...new Set([...policies(one), ...policies(other)])].join();
    case 'retention.ms':
    case 'retention.bytes':
      return limitOf(one) <= limitOf(other) ? one : other;
    default:
      return other;
  }
}

/** Either may have removed records. */
const policies = (value = 'delete'): string[] => value.split(',').map((one) => one.trim());

/** Negative: as long, or as much, as there is. Without a value it is far more than a run. */
const limitOf = (value: string | undefined): number =>
  value === undefined || Number(value) < 0 ? Infinity : Number(value);

/** Every change that was asked for, with the moment at which it was seen. */
function dated(events: readonly RunEvent[]): readonly Dated<AdminChange>[] {
  return events.flatMap((event, i) => {
    if (event.type !== 'change-asked') return [];
    const { fault, change } = event;
    const wanted = JSON.stringify([fault, change]);
    const seen = events
      .slice(i + 1)
      .find(
        (later) =>
          later.type === 'change-seen' && JSON.stringify([later.fault, later.change]) === wanted,
      );
    return [{ ...change, askedUs: event.t, seenUs: seen?.t ?? Infinity }];
  });
}
