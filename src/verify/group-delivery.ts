/**
 * What a consumer group was handed, against what the audit saw in the log.
 *
 * Skipped delivery (G4, O4): a record visible in the log, between where the group began and where it had come
 * to, was never handed to any member. Redelivered (U2): handed over more than once; at-least-once allows it, so
 * it is counted and never a violation by itself. Offsets are those of the partition; what lies behind the last
 * delivered or committed record is lag, not a skip.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { IntervalSet } from './interval-set.ts';

/** `fromEarliest`: without a commit the group begins with the earliest record (auto.offset.reset). */
export type GroupRules = { readonly fromEarliest: boolean };

/** One group on one partition, and where it begins to answer for records. */
export type GroupOnPlace = {
  readonly state: GroupPlace;
  readonly place: PlaceIndex;
  readonly begin: number | null;
  /** From where on it must be handed something once all is quiet: `begin`, if that is known. */
  readonly awaited: number | null;
  /** Offsets of the records that it must be handed. */
  readonly due: IntervalSet;
};

/**
 * Offsets of the records that a group must be handed: what is committed alone, at read_committed and where there are
 * transactions, which their control records and the second reading tell of.
 */
export const dueTo = (
  committedOnly: boolean,
  { visible, committed, committedAudit, markers }: PlaceIndex,
): IntervalSet =>
  committedOnly && (committedAudit !== null || markers.first !== null) ? committed : visible;

/** What was handed over of one partition. */
export class GroupPlace {
  readonly delivered = new IntervalSet();
  /** What lies between two deliveries to one member in one assignment, which knew where it stood. */
  readonly jumped = new IntervalSet();
  handedOver = 0;
  redelivered = 0;
  committed: number | null = null;
  lastDeliveredUs: number | null = null;
  #committedUs = 0;

  get bytes(): number {
    return this.delivered.bytes + this.jumped.bytes;
  }

  /** What no memory is needed for. */
  count({ kind, count }: RawEntry): void {
    if (kind === 'delivered') this.handedOver += count;
  }

  add(entry: RawEntry): void {
    if (entry.kind === 'delivered') this.#deliver(entry);
    // Ledgers are read one after another, so the latest commit is not the last one met.
    else if (entry.kind === 'committed' && entry.timeUs >= this.#committedUs) {
      this.committed = entry.baseOffset;
      this.#committedUs = entry.timeUs;
    }
  }

  #deliver({ baseOffset, count, timeUs }: RawEntry): void {
    this.redelivered += this.delivered.countWithin(baseOffset, baseOffset + count);
    this.delivered.add(baseOffset, baseOffset + count);
    this.lastDeliveredUs = Math.max(this.lastDeliveredUs ?? 0, timeUs);
  }

  /**
   * The first offset the group answers for; null when it is not known. Nothing of this run lies before the audit's
   * start, so a group that begins with the earliest record answers for all of it, handed over or not.
   */
  begin({ audit }: PlaceIndex, { fromEarliest }: GroupRules): number | null {
    const first = this.delivered.first;
    if (!fromEarliest || audit === null) return first;
    return Math.min(audit.from, first ?? Infinity);
  }

  /** One past the last offset the group has dealt with. */
  get end(): number {
    return Math.max(this.delivered.end, this.committed ?? 0);
  }

  /**
   * Offsets behind the end of the log, without those where nothing is for the group: control records, and what is
   * not committed. null when the partition was not audited or nothing is known of it.
   */
  lag(
    { audit, visible, markers }: PlaceIndex,
    due: IntervalSet,
    begin: number | null,
  ): number | null {
    const at = this.committed ?? begin;
    if (audit === null || at === null) return null;
    const { to } = audit;
    const hidden = visible.countWithin(at, to) - due.countWithin(at, to);
    return Math.max(0, to - at - markers.countWithin(at, to) - hidden);
  }
}

const JUMPED =
  'one member passed over it within an assignment, where auto.offset.reset decides nothing';

/**
 * `excuse`: why missing deliveries prove nothing here, such as a consumer that died with its ledger; or null. Returns
 * how many were skipped without an excuse: what an excuse covers proves nothing and is not counted.
 */
export function findSkips(
  { load, group }: { readonly load: string; readonly group: string },
  { state, place, begin, due }: GroupOnPlace,
  excuse: string | null,
  findings: Findings,
): number {
  if (begin === null) return 0;
  let skipped = 0;
  const { topic, partition } = place;
  const add = (charge: string | null, from: number, to: number): void => {
    skipped += to - from;
    findings.add({ kind: 'skipped-delivery', load, topic, excuse, charge }, to - from, () => ({
      topic,
      partition,
      offset: from,
      producer: null,
      sequence: null,
      ...{ timeUs: null, reader: load },
      note: `group ${group} went on to offset ${state.end}; ${to - from} ${to - from === 1 ? 'record' : 'records'} from here on`,
    }));
  };
  const missing = (from: number, to: number): void =>
    state.jumped.split(
      from,
      to,
      (a, b) => add(JUMPED, a, b),
      (a, b) => add(null, a, b),
    );
  due.each(begin, state.end, (from, to) => state.delivered.split(from, to, () => {}, missing));
  return excuse === null ? skipped : 0;
}
