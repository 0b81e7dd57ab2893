/**
 * Compaction loss (D7): on a compacted topic the newest acknowledged record of a key is not in the log, nor is a newer
 * one of that key. Compaction removes records only for newer ones of their keys, so whoever reads the topic for the
 * state of a key reads an old one, or none. A failure where acknowledged records must not be lost, expected where they
 * may be, impossible where nothing is compacted. Unknown outcomes must neither be there nor not be there: seen, they
 * are newer ones. Of transactions, what was committed counts alone. Where others write as well nobody knows of which
 * keys, and of a worker that was started again not how its records went on unless it said so: then it is not judged,
 * and told.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { RawEntry } from '../evidence/ledger.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import { keyOfRank } from '../scenario/records/keys.ts';
import { partitionOfKey } from '../scenario/records/partitioner.ts';
import type { LoadSpec, ProduceLoad, Scenario } from '../scenario/scenario.ts';
import { writtenTopic } from '../scenario/written-topics.ts';
import type { AuditIndex, PlaceIndex, StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { FORGOTTEN, type Forgotten } from './forgotten.ts';
import { RecordKeys } from './record-keys.ts';

/** Keys of one topic followed at most; 16 bytes each. */
const MAX_KEYS = 10_000_000;

/** By key, the highest offset; -1 for none. The same rank is the same key in every load of a topic. */
type Newest = { readonly acknowledged: Float64Array; readonly read: Float64Array };

type Found = { readonly findings: Findings; readonly forgotten: Forgotten };

export class CompactedKeys {
  readonly #keys = new Map<string, RecordKeys>();
  readonly #topics = new Map<string, Newest>();
  readonly #unjudged = new Map<string, string>();
  /** Topics with more keys or records than are followed. */
  readonly tooMany = new Set<string>();

  /** `compacted`: whether compaction may be at work on the topic at any time. `died`: loads that lost a worker. */
  constructor(
    scenario: Scenario,
    evidence: RunEvidence,
    around: {
      readonly compacted: (topic: string) => boolean;
      readonly died: ReadonlySet<string>;
    },
  ) {
    for (const topic of new Set(scenario.load.filter(isProduce).map((one) => one.topic))) {
      const mine = writersOf(scenario, topic);
      if (!around.compacted(topic) || mine.some(({ name }) => around.died.has(name))) continue;
      const why = whyUnjudged(scenario, topic) ?? whyLost(mine, evidence.events);
      if (why !== null) this.#unjudged.set(topic, why);
      else this.#follow(topic, mine, evidence);
    }
  }

  #follow(topic: string, writers: readonly ProduceLoad[], evidence: RunEvidence): void {
    const count = Math.max(...writers.map(({ keys }) => (keys.kind === 'none' ? 0 : keys.count)));
    if (count > MAX_KEYS) {
      this.tooMany.add(topic);
      return;
    }
    const none = () => new Float64Array(count).fill(-1);
    this.#topics.set(topic, { acknowledged: none(), read: none() });
    for (const one of writers) {
      if (one.keys.kind === 'none') continue;
      this.#keys.set(one.name, new RecordKeys(one, one.keys, evidence.record.seed, evidence));
    }
  }

  /** Compacted topics that are not judged, and why. */
  get unjudged(): ReadonlyMap<string, string> {
    return this.#unjudged;
  }

  get bytes(): number {
    const keys = [...this.#keys.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    return [...this.#topics.values()].reduce(
      (sum, { acknowledged, read }) => sum + acknowledged.byteLength + read.byteLength,
      keys,
    );
  }

  /** Records are given to the client; to be told by time. */
  given({ load, producer, partition }: StreamIndex, entry: RawEntry): void {
    this.#keys.get(load)?.given(producer, partition, entry);
  }

  /** Acknowledged, and of a transaction committed as well. */
  acknowledged(stream: StreamIndex, { first, count, baseOffset }: RawEntry): void {
    const newest = this.#topics.get(stream.topic);
    if (newest !== undefined && baseOffset >= 0) {
      this.#raise(newest.acknowledged, stream, first, count, baseOffset);
    }
  }

  /** When all is acknowledged that will be. `transactional`: whether a load writes in transactions. */
  judge(
    { places, streams }: AuditIndex,
    transactional: (load: string) => boolean,
    foundOn: (topic: string) => Found,
  ): void {
    for (const stream of streams) {
      const newest = this.#topics.get(stream.topic);
      if (newest === undefined) continue;
      const place = places[stream.place];
      const committed = transactional(stream.load) ? place?.committed : undefined;
      stream.runs.each((first, count, offset) => {
        const add = (from: number, to: number): void =>
          this.#raise(newest.read, stream, first + from - offset, to - from, from);
        if (committed === undefined) add(offset, offset + count);
        else committed.each(offset, offset + count, add);
      });
    }
    for (const [topic, newest] of this.#topics) {
      if (this.tooMany.has(topic)) continue;
      const mine = places.filter((place) => place.topic === topic);
      const others = judgeTopic(mine, newest, foundOn(topic));
      if (others !== null) this.#unjudged.set(topic, others);
    }
  }

  #raise(
    highest: Float64Array,
    stream: StreamIndex,
    first: number,
    count: number,
    offset: number,
  ): void {
    const { load, producer, partition, topic } = stream;
    const keys = this.#keys.get(load);
    for (let i = 0; i < count; i++) {
      const rank = keys?.rankOf(producer, partition, first + i) ?? null;
      if (rank === null) {
        this.tooMany.add(topic);
        return;
      }
      highest[rank] = Math.max(highest[rank] as number, offset + i);
    }
  }
}

const isProduce = (load: LoadSpec): load is ProduceLoad => load.kind === 'produce';

const writersOf = ({ load }: Scenario, topic: string): readonly ProduceLoad[] =>
  load.filter(isProduce).filter((one) => one.topic === topic);

/** Why what compaction leaves of a topic cannot be judged under this scenario; null: it is. */
export function whyUnjudged({ load }: Scenario, topic: string): string | null {
  const relay = load.find((one) => one.kind === 'consume' && writtenTopic(one) === topic);
  return relay === undefined ? null : `of which keys relay ${relay.name} wrote is not known`;
}

/** A worker that began again has said where its records went on, or nobody knows their keys. */
function whyLost(writers: readonly ProduceLoad[], events: readonly RunEvent[]): string | null {
  const silent = writers.find(({ name }) =>
    events.some(
      (event) =>
        event.type === 'records-dropped' && event.load === name && event.behind === undefined,
    ),
  );
  return silent === undefined
    ? null
    : `which keys load ${silent.name} wrote after a worker began again is not known`;
}

/** `places` are the topic's, by partition. Returns why some of its keys were not judged; null: all were. */
function judgeTopic(
  places: readonly PlaceIndex[],
  { acknowledged, read }: Newest,
  found: Found,
): string | null {
  let others: string | null = null;
  acknowledged.forEach((offset, rank) => {
    const last = read[rank] as number;
    if (offset < 0 || last >= offset) return;
    const place = places[partitionOfKey(keyOfRank(rank), places.length)];
    if (!place?.audit?.complete || offset < place.audit.logStart) return;
    if (place.foreign.first === null) report(place, { rank, offset, last }, found);
    else
      others = `others wrote to ${place.topic}/${place.partition}, and nobody knows of which keys`;
  });
  return others;
}

function report(
  { topic, partition }: PlaceIndex,
  { rank, offset, last }: { readonly rank: number; readonly offset: number; readonly last: number },
  { findings, forgotten }: Found,
): void {
  const excuse = offset < forgotten.missed(topic, partition, null) ? null : FORGOTTEN;
  findings.add({ kind: 'compaction-loss', load: null, topic, excuse }, 1, () => ({
    topic,
    partition,
    offset,
    producer: null,
    sequence: null,
    timeUs: null,
    note: `of key ${rank} this was acknowledged last, and ${last < 0 ? 'no record of it is' : `the one at offset ${last} is the newest`} in the log`,
  }));
}
