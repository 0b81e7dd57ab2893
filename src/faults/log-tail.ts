/**
 * The end of a partition's log, as a power loss takes it: the newest records that were not on the disk yet. A killed
 * process loses none of them (the page cache outlives it), so what is lost is cut off by a rule: so many records or
 * bytes of the newest segment, rounded up to whole batches, and nothing below the broker's recovery point, which bounds
 * what it had synced as long as no flush interval is set (`check.ts`). Pure.
 */
import type { Tail } from '../scenario/scenario.ts';
import { batches } from '../wire/batch.ts';

/** The newest `.log` file of a partition. */
export type Segment = {
  readonly topic: string;
  readonly partition: number;
  /** Below the data folder: `orders-0/00000000000000000000.log`. */
  readonly file: string;
  /** The offset it begins with. */
  readonly base: number;
  readonly size: number;
};

/** Where a batch begins in a segment. */
export type Place = { readonly offset: number; readonly position: number };

export type Cut = {
  /** What is left of the file. */
  readonly size: number;
  /** The first offset that is lost; null when nothing is. */
  readonly from: number | null;
  readonly lostRecords: number;
  readonly lostBytes: number;
};

/** From lines of `SIZE FOLDER/FILE.log`: the newest segment of each partition that holds anything. */
export function newestSegments(listing: string): readonly Segment[] {
  const newest = new Map<string, Segment>();
  for (const line of listing.split('\n')) {
    const found = /^\s*(\d+) ((.+)-(\d+)\/(\d+)\.log)$/.exec(line);
    if (found === null) continue;
    const [, size, file, topic, partition, base] = found as unknown as string[];
    const segment = {
      topic: topic as string,
      partition: Number(partition),
      file: file as string,
      base: Number(base),
      size: Number(size),
    };
    const place = `${topic}/${partition}`;
    if (segment.base >= (newest.get(place)?.base ?? -1)) newest.set(place, segment);
  }
  return [...newest.values()].filter(({ size }) => size > 0);
}

/** Kafka's `recovery-point-offset-checkpoint`: what lies below is on the disk. By `topic/partition`. */
export function recoveryPoints(checkpoint: string): ReadonlyMap<string, number> {
  const lines = checkpoint.split('\n').flatMap((line) => {
    const [, topic, partition, offset] = /^(\S+) (\d+) (\d+)$/.exec(line.trim()) ?? [];
    return topic === undefined ? [] : [[`${topic}/${partition}`, Number(offset)] as const];
  });
  return new Map(lines);
}

/** Kafka's `.index`: some of the segment's batches, each as offset − base and position, both i32; zeros are unused. */
export function knownPlaces(index: Buffer, { base, size }: Segment): readonly Place[] {
  const places: Place[] = [{ offset: base, position: 0 }];
  for (let at = 0; at + 8 <= index.length; at += 8) {
    const position = index.readInt32BE(at + 4);
    if (position <= 0 || position >= size) break;
    places.push({ offset: base + index.readInt32BE(at), position });
  }
  return places;
}

/** The last known place that is not behind what the rule may reach; `end` is the offset after the newest record. */
export function placeBefore(
  places: readonly Place[],
  lose: Tail,
  { size }: Segment,
  end: number,
): Place {
  const before = places.filter(({ offset, position }) =>
    lose.kind === 'bytes' ? position <= size - lose.bytes : offset <= end - lose.records,
  );
  return before.at(-1) ?? (places[0] as Place);
}

/** The offset after the newest record of the bytes, which begin with a batch; null when there is none. */
export function endOffset(bytes: Buffer): number | null {
  let end: number | null = null;
  for (const { header } of batches(bytes)) end = header.baseOffset + header.lastOffsetDelta + 1;
  return end;
}

/** Where to cut a segment whose bytes from `from` on are given. What lies below offset `synced` stays. */
export function cutOf(bytes: Buffer, from: number, lose: Tail, synced: number): Cut {
  const all = [...batches(bytes)];
  const last = all.at(-1);
  const whole = from + bytes.length;
  if (last === undefined) return { size: whole, from: null, lostRecords: 0, lostBytes: 0 };
  const end = last.header.baseOffset + last.header.lastOffsetDelta + 1;
  const reached = all.filter(({ at, header }) =>
    lose.kind === 'bytes'
      ? at + header.bytes > bytes.length - lose.bytes
      : header.baseOffset + header.lastOffsetDelta >= end - lose.records,
  );
  const lost = reached.filter(({ header }) => header.baseOffset >= synced);
  const [first] = lost;
  const size = first === undefined ? whole : from + first.at;
  return {
    size,
    from: first?.header.baseOffset ?? null,
    lostRecords: lost.reduce((sum, { header }) => sum + header.count, 0),
    lostBytes: whole - size,
  };
}
