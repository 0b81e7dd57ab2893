/**
 * Retention gap (D5): an acknowledged record is not in the log any more because the log begins behind it now, and
 * retention (`retention.ms`, `retention.bytes`) or an order to delete records explains that. It is what the
 * configuration asks for, so it is expected, but a consumer that was behind will never see the record: it is told,
 * apart from loss. What nothing explains is a premature deletion. On compacted topics neither is told.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { type PlaceIndex, producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { reportPremature } from './premature-deletion.ts';
import type { Retention } from './retention.ts';
import type { Sending } from './sendings.ts';

/** Of acknowledged records whose offset is told. */
export function findRemoved(
  { stream, place }: { readonly stream: StreamIndex; readonly place: PlaceIndex },
  retention: Retention,
  sending: Sending | null,
  entry: RawEntry,
  findings: Findings,
): void {
  const { first, count, baseOffset, timeUs } = entry;
  const { audit } = place;
  if (audit === null || baseOffset < 0 || baseOffset >= audit.logStart) return;
  const below = Math.min(count, audit.logStart - baseOffset);
  stream.read.split(
    first,
    first + below,
    () => {},
    (from, to) => {
      const offset = baseOffset + (from - first);
      const gone = { sequence: from, offset, count: to - from };
      const goneUs = retention.goneUs(place, offset);
      const sentUs = sending?.sentUs ?? null;
      // Nobody looked when it went: then nothing is proven.
      const unproven = goneUs === null || sentUs === null;
      if (!unproven && !retention.explains(place, offset, sentUs, goneUs)) {
        reportPremature(stream, gone, { sentUs, goneUs }, findings);
        return;
      }
      const { topic, partition, load } = stream;
      findings.add({ kind: 'retention-gap', load, topic, excuse: null }, gone.count, () => ({
        topic,
        partition,
        offset,
        producer: producerName(stream),
        sequence: from,
        timeUs: goneUs ?? timeUs,
        note: `the log begins at offset ${audit.logStart}; ${gone.count} ${gone.count === 1 ? 'record' : 'records'} from here on`,
      }));
    },
  );
}
