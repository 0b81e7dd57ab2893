/** Reads the answer to a Produce request (versions 9 to 11) without making objects of it. */
import { ProtocolError } from '../../wire/protocol-error.ts';
import type { Reader } from '../../wire/reader.ts';

/** One partition's answer. `leaderId` and `leaderEpoch` say who leads now, -1 when the broker does not tell. */
export type VisitAnswer = (
  partition: number,
  errorCode: number,
  baseOffset: number,
  leaderId: number,
  leaderEpoch: number,
) => void;

const CURRENT_LEADER_TAG = 0;

/** `reader` stands behind the correlation id. Throws ProtocolError. */
export function readProduceAnswer(reader: Reader, visit: VisitAnswer): void {
  skipTags(reader);
  for (let topics = reader.uvarint() - 1; topics > 0; topics--) {
    reader.take(reader.uvarint() - 1); // its name
    for (let left = reader.uvarint() - 1; left > 0; left--) readPartition(reader, visit);
    skipTags(reader);
  }
  reader.take(4); // throttle time
}

function readPartition(reader: Reader, visit: VisitAnswer): void {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const baseOffset = reader.int64();
  reader.take(16); // log append time, log start offset
  for (let errors = reader.uvarint() - 1; errors > 0; errors--) {
    reader.take(4); // index of the record
    skipText(reader);
    skipTags(reader);
  }
  skipText(reader);
  let leaderId = -1;
  let leaderEpoch = -1;
  for (let tags = reader.uvarint(); tags > 0; tags--) {
    const tag = reader.uvarint();
    const size = reader.uvarint();
    const at = reader.take(size);
    if (tag !== CURRENT_LEADER_TAG) continue;
    if (size < 8) throw new ProtocolError(`a leader of ${size} bytes`);
    leaderId = reader.buffer.readInt32BE(at);
    leaderEpoch = reader.buffer.readInt32BE(at + 4);
  }
  visit(partition, errorCode, baseOffset, leaderId, leaderEpoch);
}

/** Null and empty texts take no bytes beyond their length. */
const skipText = (reader: Reader): void => {
  reader.take(Math.max(0, reader.uvarint() - 1));
};

function skipTags(reader: Reader): void {
  for (let tags = reader.uvarint(); tags > 0; tags--) {
    reader.uvarint();
    reader.take(reader.uvarint());
  }
}
