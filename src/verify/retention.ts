/**
 * What may move the start of a log: `retention.ms`, `retention.bytes`, or an order to delete records. Kafka removes whole
 * segments, so each removed record must be older than the retention, or the log larger than it may be. Only what is
 * certain is held against it: sizes are taken as large as they can be, and clocks may differ.
 */
import type { EventOf } from '../evidence/events.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { topicSetting } from '../scenario/topic-setting.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Changes } from './changes.ts';

const DEFAULT_RETENTION_MS = 7 * 24 * 3_600_000;
/** Brokers compare the client's clock with their own: on this machine they are one. */
const CLOCKS_MS = { own: 1000, external: 60_000 } as const;
/** A record is larger than its value: key, headers' names, offsets, and its share of the batch. */
const OVERHEAD_BYTES = 256;

/** Where the log began when somebody looked. */
type Seen = Pick<EventOf<'audit'>, 't' | 'topic' | 'partition' | 'logStart'>;

type Move = { readonly start: number; readonly seenUs: number };

export class Retention {
  readonly #scenario: Scenario;
  readonly #changes: Changes;
  readonly #moves = new Map<string, Move[]>();

  constructor(scenario: Scenario, { samples, events }: RunEvidence, changes: Changes) {
    this.#scenario = scenario;
    this.#changes = changes;
    for (const sample of samples) {
      if (sample.type === 'offsets') this.#sampled(sample);
    }
    // Where no sample saw it go, the audit did.
    for (const event of events) {
      if (event.type === 'audit') this.#sampled(event);
    }
  }

  #sampled({ topic, partition, logStart, t }: Seen): void {
    const key = `${topic}/${partition}`;
    const known = this.#moves.get(key) ?? [];
    this.#moves.set(key, known);
    if (logStart > (known.at(-1)?.start ?? -1)) known.push({ start: logStart, seenUs: t });
  }

  /**
   * When the log was first seen to begin behind the offset, in microseconds since t0; null when nobody looked. It
   * did not begin there any later.
   */
  goneUs({ topic, partition }: PlaceIndex, offset: number): number | null {
    const moves = this.#moves.get(`${topic}/${partition}`) ?? [];
    return moves.find(({ start }) => start > offset)?.seenUs ?? null;
  }

  /** Whether a record that was sent then may have been removed by then. */
  explains(place: PlaceIndex, offset: number, sentUs: number, goneUs: number): boolean {
    const { topic, partition } = place;
    if (offset < this.#changes.deletedBefore(topic, partition)) return true;
    const inForce = this.#changes.inForce(topic, { sentUs, acknowledgedUs: Infinity });
    const ageMs = (goneUs - sentUs) / 1000;
    return [this.#scenario, inForce].some(
      (scenario) =>
        isDeleted(scenario, topic) &&
        (isOld(scenario, topic, ageMs) || isLarge(scenario, place, offset)),
    );
  }
}

const isDeleted = (scenario: Scenario, topic: string): boolean =>
  (topicSetting(scenario, topic, 'cleanup.policy') ?? 'delete').includes('delete');

function isOld(scenario: Scenario, topic: string, ageMs: number): boolean {
  const keptMs = retentionMs(scenario, topic);
  const margin = scenario.cluster.provider === 'external' ? CLOCKS_MS.external : CLOCKS_MS.own;
  return keptMs >= 0 && ageMs + margin >= keptMs;
}

/** Brokers have it in three units, the finest of which counts. */
function retentionMs({ topics, cluster }: Scenario, topic: string): number {
  const own = topics[topic]?.config['retention.ms'] ?? cluster.config['log.retention.ms'];
  if (own !== undefined) return Number(own);
  const minutes = cluster.config['log.retention.minutes'];
  if (minutes !== undefined) return Number(minutes) * 60_000;
  const hours = cluster.config['log.retention.hours'];
  return hours === undefined ? DEFAULT_RETENTION_MS : Number(hours) * 3_600_000;
}

/** How large the log may have been, at most, when it still had the offset. */
function isLarge(
  scenario: Scenario,
  { topic, audit, foreign }: PlaceIndex,
  offset: number,
): boolean {
  const { topics, cluster, load } = scenario;
  const set = topics[topic]?.config['retention.bytes'] ?? cluster.config['log.retention.bytes'];
  const keptBytes = Number(set ?? -1);
  if (keptBytes < 0) return false;
  if (foreign.first !== null || audit === null) return true;
  const largest = load.flatMap((one) =>
    one.kind === 'produce' && one.topic === topic
      ? [Math.max(...one.size.map(({ bytes }) => bytes)) + headerBytes(one.headers)]
      : [],
  );
  return (audit.to - offset) * (Math.max(0, ...largest) + OVERHEAD_BYTES) > keptBytes;
}

const headerBytes = (headers: Readonly<Record<string, string>>): number =>
  JSON.stringify(headers).length;
