/**
 * Where logs ended when, as the run's samples saw it, once a second.
 *
 * It dates what stands in the log. And it says from where on a group must be handed what is written, where nothing tells where it began: with
 * `auto.offset.reset=latest` a member begins at the end of the log as it finds it. It has found it a while after all is
 * quiet and no partition changes hands any more, and what is written behind that is for the group.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { ClusterSample } from '../evidence/series.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { RawExample } from './findings.ts';

/** Members ask for the end of a log within the time their requests take, and again when that fails. */
const FOUND_WITHIN_US = 10_000_000;

type End = { readonly t: number; readonly offset: number };

export class LogEnds {
  readonly #ends = new Map<string, End[]>();
  readonly #events: readonly RunEvent[];

  constructor(samples: readonly ClusterSample[], events: readonly RunEvent[]) {
    this.#events = events;
    for (const sample of samples) {
      if (sample.type !== 'offsets') continue;
      const { topic, partition, t, highWatermark } = sample;
      const key = `${topic}/${partition}`;
      const known = this.#ends.get(key) ?? [];
      this.#ends.set(key, known);
      known.push({ t, offset: highWatermark });
    }
  }

  /** When the log was first seen to end behind a record, a second late at most; null: nobody looked, or it has no offset. */
  passedUs({
    topic,
    partition,
    offset,
  }: Pick<RawExample, 'topic' | 'partition' | 'offset'>): number | null {
    if (offset === null) return null;
    return this.#of(topic, partition).find((end) => end.offset > offset)?.t ?? null;
  }

  /** The end of the log once the load's members had found theirs; null when nobody looked then. */
  found({ topic, partition }: PlaceIndex, load: string, quietSinceUs: number): number | null {
    const assigned = this.#events.findLast(
      (event) => event.type === 'assignment' && event.load === load && event.change === 'assigned',
    );
    const fromUs = Math.max(quietSinceUs, assigned?.t ?? 0) + FOUND_WITHIN_US;
    return this.#of(topic, partition).find(({ t }) => t >= fromUs)?.offset ?? null;
  }

  #of(topic: string, partition: number): readonly End[] {
    return this.#ends.get(`${topic}/${partition}`) ?? [];
  }
}
