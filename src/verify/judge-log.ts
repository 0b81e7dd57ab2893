/** The guarantees about the log that are judged when all is known of what was sent and handed over. */
import type { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import type { AuditIndex } from './audit-index.ts';
import { WHOLE_RUN } from './changes.ts';
import type { Findings } from './findings.ts';
import type { GroupTally, StreamTally } from './history.ts';
import type { Found } from './judge-acknowledged.ts';
import { judgeLateRun, type LateRun } from './order.ts';
import { isCompacted, isIdempotent, mayArriveLate } from './promises.ts';
import { findGaps } from './unexplained-gap.ts';

/** What was acknowledged at an empty offset is lost, and what a group was handed there as well: not only a gap. */
export function judgeGaps(
  { places }: AuditIndex,
  groups: readonly GroupTally[],
  { findings, changes, told }: Found,
): void {
  places.forEach((place, number) => {
    if (isCompacted(changes.inForce(place.topic, WHOLE_RUN), place.topic)) return;
    const handed = groups.flatMap((group) => group.places.get(number)?.delivered ?? []);
    const acknowledged = (told[number] as AcknowledgedOffsets).taken;
    findGaps(place, [acknowledged, ...handed], findings);
  });
}

const BEHIND_THE_START =
  'the log lost its beginning, where its first copy may have stood before them';

export function judgeOrder(
  late: readonly LateRun[],
  { places }: AuditIndex,
  streams: readonly StreamTally[],
  findings: Findings,
): void {
  for (const run of late) {
    const tally = streams[run.stream.number];
    if (tally === undefined) continue;
    const length = run.to - run.from;
    const known = tally.answered.countWithin(run.from, run.to);
    const sure = Math.min(length, known - tally.unsure.countWithin(run.from, run.to));
    const certain = mayArriveLate(tally.load) ? sure : length;
    const audit = places[run.stream.place]?.audit ?? null;
    const shortened = audit !== null && audit.logStart > audit.from;
    const second = run.below && shortened && !isIdempotent(tally.load);
    judgeLateRun(run, certain, second ? BEHIND_THE_START : null, findings);
  }
}
