/** When something was broken, or had only just been healed: then a broker may still answer for what it no longer leads. */
import type { RunEvent } from '../evidence/events.ts';

/** A broker that was cut off or paused learns within its session timeout (9 s) that others have taken over. */
const AFTERMATH_US = 15_000_000;

export class Disturbances {
  readonly #spans: readonly { readonly fromUs: number; readonly toUs: number }[];

  /** `events` by time. */
  constructor(events: readonly RunEvent[]) {
    const healed = (fault: string, fromUs: number): number =>
      events.find(
        (event) => event.type === 'fault-healed' && event.fault === fault && event.t >= fromUs,
      )?.t ?? Infinity;
    this.#spans = events.flatMap((event) => {
      if (event.type === 'fault-injected') {
        return [{ fromUs: event.t, toUs: healed(event.fault, event.t) + AFTERMATH_US }];
      }
      const died = event.type === 'broker-exited' && !event.expected;
      return died ? [{ fromUs: event.t, toUs: Infinity }] : [];
    });
  }

  at(timeUs: number): boolean {
    return this.#spans.some(({ fromUs, toUs }) => fromUs <= timeUs && timeUs <= toUs);
  }
}
