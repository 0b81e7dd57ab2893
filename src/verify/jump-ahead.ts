/**
 * Jump ahead: within one assignment a member is handed a record behind the next one. It knew where it stood, so
 * `auto.offset.reset` decides nothing, and records in between are skipped whatever it is set to. Not where its
 * position may have been out of range: it had left the log, or brokers were not to be believed.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Disturbances } from './disturbances.ts';
import type { GroupPlace } from './group-delivery.ts';
import type { Member } from './members.ts';

export class JumpsAhead {
  readonly #disturbances: Disturbances;
  readonly #cleanElections: boolean;

  constructor(disturbances: Disturbances, cleanElections: boolean) {
    this.#disturbances = disturbances;
    this.#cleanElections = cleanElections;
  }

  /** Before the entry is added to the member. */
  look({ audit }: PlaceIndex, state: GroupPlace, { next }: Member, entry: RawEntry): void {
    if (next === null || entry.baseOffset <= next || !this.#cleanElections) return;
    const mayBeGone = audit === null || next < audit.logStart;
    if (mayBeGone || this.#disturbances.at(entry.timeUs)) return;
    state.jumped.add(next, entry.baseOffset);
  }
}
