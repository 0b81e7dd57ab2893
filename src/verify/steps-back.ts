/**
 * Why a member of a group may be handed records again within one assignment though the log was not cut: what clients
 * are known to do. Everything else that goes back is a finding.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { LoadSpec } from '../scenario/scenario.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Disturbances } from './disturbances.ts';
import type { EpochsSeen } from './epochs-seen.ts';
import type { Member } from './members.ts';

const BEGUN_AGAIN =
  'a deposed leader may have said that the position is out of range, and then the client begins again with the log';

/** kafkajs 2.2.4 has a fetcher for each broker, and none of them looks whether the position moved on meanwhile. */
const TWO_ANSWERS =
  'kafkajs asks the old leader and the new one at once when the leadership moves, and hands both answers over';

const WORKED_OFF_AGAIN =
  'a relay goes back to its last commit when a transaction of it was not committed';

/** Leadership is looked at once a second; a client may know of a change before. */
const SEEN_WITHIN_US = 2_000_000;

export class StepsBack {
  readonly #disturbances: Disturbances;
  readonly #epochs: EpochsSeen;
  readonly #load: LoadSpec | undefined;

  constructor(disturbances: Disturbances, epochs: EpochsSeen, load: LoadSpec | undefined) {
    this.#disturbances = disturbances;
    this.#epochs = epochs;
    this.#load = load;
  }

  /** Null: the member may not go back to where this entry begins. */
  excuse(place: PlaceIndex, member: Member, entry: RawEntry): string | null {
    if (this.#beginsWithLog(place, entry)) return BEGUN_AGAIN;
    if (this.#worksOffAgain(member, entry)) return WORKED_OFF_AGAIN;
    return this.#load?.client === 'kafkajs' && this.#leadershipMoved(place, member, entry)
      ? TWO_ANSWERS
      : null;
  }

  #beginsWithLog({ audit }: PlaceIndex, { baseOffset, timeUs }: RawEntry): boolean {
    const logBegin = Math.max(audit?.from ?? 0, audit?.logStart ?? 0);
    return baseOffset <= logBegin && this.#disturbances.at(timeUs);
  }

  #worksOffAgain({ committed, floor }: Member, { baseOffset }: RawEntry): boolean {
    const relays = this.#load?.kind === 'consume' && this.#load.relay?.transactional === true;
    return relays && baseOffset >= Math.max(committed ?? 0, floor ?? 0);
  }

  /** Within the member's assignment, which the repeated answer was asked for in. */
  #leadershipMoved(
    { topic, partition }: PlaceIndex,
    { assignedUs }: Member,
    { timeUs }: RawEntry,
  ): boolean {
    const before = this.#epochs.at(topic, partition, assignedUs);
    const now = this.#epochs.at(topic, partition, timeUs + SEEN_WITHIN_US);
    return before !== null && now !== null && now > before;
  }
}
