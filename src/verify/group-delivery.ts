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

/** One group on one partition. */
export class GroupPlace {
  readonly delivered = new IntervalSet();
  handedOver = 0;
  redelivered = 0;
  committed: number | null = null;
  lastDeliveredUs: number | null = null;
  #assignedAt: number | null = null;

  add(entry: RawEntry): void {
    if (entry.kind === 'delivered') this.#deliver(entry);
    else if (entry.kind === 'committed') this.committed = entry.baseOffset;
    else if (entry.kind === 'assigned' && entry.baseOffset >= 0) {
      this.#assignedAt = Math.min(this.#assignedAt ?? Infinity, entry.baseOffset);
    }
  }

  #deliver({ baseOffset, count, timeUs }: RawEntry): void {
    this.handedOver += count;
    this.redelivered += this.delivered.countWithin(baseOffset, baseOffset + count);
    this.delivered.add(baseOffset, baseOffset + count);
    this.lastDeliveredUs = Math.max(this.lastDeliveredUs ?? 0, timeUs);
  }

  /** The first offset the group answers for; null when it is not known. */
  get begin(): number | null {
    const first = this.delivered.first;
    if (this.#assignedAt === null) return first;
    return Math.min(this.#assignedAt, first ?? Infinity);
  }

  /** One past the last offset the group has dealt with. */
  get end(): number {
    return Math.max(this.delivered.end, this.committed ?? 0);
  }

  /** Offsets behind the end of the log; null when the partition was not audited or nothing is known of it. */
  lag(place: PlaceIndex): number | null {
    const at = this.committed ?? this.begin;
    return place.audit === null || at === null ? null : Math.max(0, place.audit.to - at);
  }
}

/** `excuse`: why missing deliveries prove nothing here, such as a consumer that died with its ledger; or null. */
export function findSkips(
  load: string,
  group: string,
  state: GroupPlace,
  place: PlaceIndex,
  excuse: string | null,
  findings: Findings,
): number {
  const begin = state.begin;
  if (begin === null) return 0;
  let skipped = 0;
  const missing = (from: number, to: number): void => {
    skipped += to - from;
    const { topic, partition } = place;
    findings.add({ kind: 'skipped-delivery', load, topic, excuse }, to - from, () => ({
      topic,
      partition,
      offset: from,
      producer: null,
      sequence: null,
      timeUs: null,
      note: `group ${group} went on to offset ${state.end}; ${to - from} ${to - from === 1 ? 'record' : 'records'} from here on`,
    }));
  };
  place.visible.each(begin, state.end, (from, to) =>
    state.delivered.split(from, to, () => {}, missing),
  );
  return skipped;
}
