/**
 * Leader epoch back (C7): of two batches of one partition the one at the higher offset carries the lower leader
 * epoch. Every leader writes the epoch of its election into what it appends, and epochs only rise, so a log in which
 * they fall was put together from two histories. A failure under every configuration: unclean elections too cut the
 * old tail off before they append. Judged by the log alone, because what brokers say of their epochs may be late.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';

export class LeaderEpochs {
  readonly #highest = new Map<PlaceIndex, number>();

  /** Entries of one place come in the order of its log. */
  look(place: PlaceIndex, entry: RawEntry, findings: Findings): void {
    const { leaderEpoch, baseOffset, count } = entry;
    if (leaderEpoch < 0) return;
    const highest = this.#highest.get(place) ?? leaderEpoch;
    this.#highest.set(place, Math.max(highest, leaderEpoch));
    if (leaderEpoch >= highest) return;
    const { topic, partition } = place;
    findings.add({ kind: 'leader-epoch-back', load: null, topic, excuse: null }, count, () => ({
      topic,
      partition,
      offset: baseOffset,
      producer: null,
      sequence: null,
      timeUs: null,
      leaderEpoch,
      note: `written in leader epoch ${leaderEpoch}, behind records of epoch ${highest}`,
    }));
  }
}
