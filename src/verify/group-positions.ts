/** Follows where the members of a group stand on each partition, and shows every step to the guarantees about them. */
import type { RawEntry } from '../evidence/ledger.ts';
import type { PlaceIndex } from './audit-index.ts';
import { findBackwards } from './backwards-delivery.ts';
import { findCommittedTooFar } from './committed-too-far.ts';
import type { Findings } from './findings.ts';
import { dueTo, type GroupPlace } from './group-delivery.ts';
import type { IntervalSet } from './interval-set.ts';
import type { JumpsAhead } from './jump-ahead.ts';
import { passLeftOver, repeatsLeftOver } from './left-over.ts';
import { Members } from './members.ts';
import { findBelowCommit } from './redelivery-below-commit.ts';
import { findRewound } from './rewound-commit.ts';
import type { StepsBack } from './steps-back.ts';
import { findSecondOwner } from './two-owners.ts';

/** What the guarantees are told about a step of one group on one partition. */
export type Delivery = {
  readonly load: string;
  readonly group: string;
  readonly place: PlaceIndex;
  /** Offsets of records that the group may be handed. */
  readonly readable: IntervalSet;
  /** Without a commit the group begins with the earliest record. */
  readonly fromEarliest: boolean;
  /** Why the member may go back to where it does; null: it may not. */
  readonly mayGoBack: string | null;
  readonly findings: Findings;
};

type About = Omit<Delivery, 'place' | 'mayGoBack' | 'readable'> & {
  /** The group is at isolation read_committed. */
  readonly committedOnly: boolean;
};

/** One partition of the group. */
type Position = { readonly about: Delivery; readonly members: Members };

export class GroupPositions {
  readonly #about: About;
  readonly #stepsBack: StepsBack;
  readonly #jumpsAhead: JumpsAhead;
  /** Made once for each partition: there is an entry for every batch. */
  readonly #positions = new Map<PlaceIndex, Position>();

  constructor(
    about: About,
    moves: { readonly stepsBack: StepsBack; readonly jumpsAhead: JumpsAhead },
  ) {
    this.#about = about;
    this.#stepsBack = moves.stepsBack;
    this.#jumpsAhead = moves.jumpsAhead;
  }

  /** Entries come by time; this one has not been added to the state yet. */
  look(place: PlaceIndex, state: GroupPlace, entry: RawEntry): void {
    const { about, members } = this.#positions.get(place) ?? this.#begin(place);
    if (entry.kind === 'assigned') members.assigned(entry);
    else if (entry.kind === 'revoked') members.revoked(entry);
    else if (entry.kind === 'delivered') this.#delivered(about, members, state, entry);
    else if (entry.kind === 'committed') {
      findCommittedTooFar(about, state, entry);
      findRewound(about, members.of(entry.consumer), entry);
      members.committed(entry);
    }
  }

  #begin(place: PlaceIndex): Position {
    const { load, group, fromEarliest, committedOnly, findings } = this.#about;
    const readable = dueTo(committedOnly, place);
    const about = { load, group, place, readable, fromEarliest, mayGoBack: null, findings };
    const position = { about, members: new Members() };
    this.#positions.set(place, position);
    return position;
  }

  #delivered(about: Delivery, members: Members, state: GroupPlace, entry: RawEntry): void {
    const member = members.of(entry.consumer);
    findSecondOwner(about, members, entry);
    if (!member.active || passLeftOver(about, member, entry)) return;
    if (repeatsLeftOver(about, member, entry)) member.next = member.leftOver?.to ?? null;
    const mayGoBack = this.#stepsBack.excuse(about.place, member, entry);
    const told = mayGoBack === null ? about : { ...about, mayGoBack };
    if (!findBackwards(told, member, entry)) findBelowCommit(told, state, member, entry);
    const below = entry.baseOffset < Math.max(member.floor ?? -1, member.next ?? -1);
    // From there on it commits less than was committed before, and rightly so.
    if (mayGoBack !== null && below) {
      member.floor = null;
      member.committed = null;
    }
    this.#jumpsAhead.look(about.place, state, member, entry);
    member.next = entry.baseOffset + entry.count;
  }
}
