/** The leader epochs of partitions as the harness saw them, for the examples of anomalies. */
import type { RunEvent } from '../evidence/events.ts';

export class EpochsSeen {
  readonly #seen = new Map<string, { readonly t: number; readonly epoch: number }[]>();

  /** `events` by time. */
  constructor(events: readonly RunEvent[]) {
    for (const event of events) {
      if (event.type !== 'leadership') continue;
      const key = `${event.topic}/${event.partition}`;
      const known = this.#seen.get(key) ?? [];
      known.push({ t: event.t, epoch: event.epoch });
      this.#seen.set(key, known);
    }
  }

  /** The last one seen by then; null when there is none, or no moment. */
  at(topic: string, partition: number, timeUs: number | null): number | null {
    if (timeUs === null) return null;
    const known = this.#seen.get(`${topic}/${partition}`) ?? [];
    return known.findLast(({ t }) => t <= timeUs)?.epoch ?? null;
  }
}
