/**
 * Compaction loss (D7): on a compacted topic the newest acknowledged record of a key is not in the log, nor is a newer
 * one of that key. Compaction removes records only for newer ones of their keys, so whoever reads the topic for the
 * state of a key reads an old one, or none. A failure where acknowledged records must not be lost, expected where they
 * may be, impossible where nothing is compacted. Unknown outcomes must neither be there nor not be there: seen, they
 * are newer ones. Not judged where others write as well, in transactions, or when a worker of the load was lost.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import { keyOfRank } from '../scenario/records/keys.ts';
import { partitionOfKey } from '../scenario/records/partitioner.ts';
import type { ProduceLoad, Scenario } from '../scenario/scenario.ts';
import type { PlaceIndex, StreamIndex } from './audit-index.ts';
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
  /** Topics with more keys or records than are followed. */
  readonly tooMany = new Set<string>();

  /** `compacted`: whether compaction may be at work on the topic at any time. */
  constructor(
    { load }: Scenario,
    { record, streams }: RunEvidence,
    around: {
      readonly compacted: (topic: string) => boolean;
      readonly died: ReadonlySet<string>;
    },
  ) {
    const writing = load.filter((one): one is ProduceLoad => one.kind === 'produce');
    for (const topic of new Set(writing.map((one) => one.topic))) {
      const mine = writing.filter((one) => one.topic === topic);
      if (!around.compacted(topic) || mine.some((one) => !isFollowed(one, around.died))) continue;
      const count = Math.max(...mine.map(({ keys }) => (keys.kind === 'none' ? 0 : keys.count)));
      if (count > MAX_KEYS) {
        this.tooMany.add(topic);
        continue;
      }
      const none = () => new Float64Array(count).fill(-1);
      this.#topics.set(topic, { acknowledged: none(), read: none() });
      for (const one of mine) {
        if (one.keys.kind === 'none') continue;
        this.#keys.set(one.name, new RecordKeys(one, one.keys, record.seed, streams));
      }
    }
  }

  get bytes(): number {
    const keys = [...this.#keys.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    return [...this.#topics.values()].reduce(
      (sum, { acknowledged, read }) => sum + acknowledged.byteLength + read.byteLength,
      keys,
    );
  }

  acknowledged(stream: StreamIndex, { first, count, baseOffset }: RawEntry): void {
    const newest = this.#topics.get(stream.topic);
    if (newest !== undefined && baseOffset >= 0) {
      this.#raise(newest.acknowledged, stream, first, count, baseOffset);
    }
  }

  /** When all is acknowledged that will be. */
  judge(
    places: readonly PlaceIndex[],
    streams: readonly StreamIndex[],
    foundOn: (topic: string) => Found,
  ): void {
    for (const stream of streams) {
      const newest = this.#topics.get(stream.topic);
      if (newest === undefined) continue;
      stream.runs.each((first, count, offset) =>
        this.#raise(newest.read, stream, first, count, offset),
      );
    }
    for (const [topic, newest] of this.#topics) {
      if (this.tooMany.has(topic)) continue;
      judgeTopic(
        places.filter((place) => place.topic === topic),
        newest,
        foundOn(topic),
      );
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

const isFollowed = ({ name, keys, transaction }: ProduceLoad, died: ReadonlySet<string>): boolean =>
  keys.kind !== 'none' && transaction === undefined && !died.has(name);

/** `places` are the topic's, by partition. */
function judgeTopic(
  places: readonly PlaceIndex[],
  { acknowledged, read }: Newest,
  found: Found,
): void {
  acknowledged.forEach((offset, rank) => {
    const last = read[rank] as number;
    if (offset < 0 || last >= offset) return;
    const place = places[partitionOfKey(keyOfRank(rank), places.length)];
    if (place?.audit?.complete && offset >= place.audit.logStart && place.foreign.first === null) {
      report(place, { rank, offset, last }, found);
    }
  });
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
