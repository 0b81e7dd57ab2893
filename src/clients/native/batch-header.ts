/** Writes the header of a record batch over a copy of a template, its checksum aside. */

/** What brokers know a batch by. */
export type Numbers = {
  readonly producerId: number;
  readonly epoch: number;
  readonly sequence: number;
};

export function writeHeader(
  view: DataView,
  at: number,
  bytes: number,
  count: number,
  { producerId, epoch, sequence }: Numbers,
  nowMs: number,
): void {
  setInt64(view, at, 0);
  view.setInt32(at + 8, bytes - 12);
  view.setInt32(at + 12, -1);
  view.setInt8(at + 16, 2);
  view.setInt16(at + 21, 0);
  view.setInt32(at + 23, count - 1);
  setInt64(view, at + 27, nowMs);
  setInt64(view, at + 35, nowMs);
  setInt64(view, at + 43, producerId);
  view.setInt16(at + 51, epoch);
  view.setInt32(at + 53, sequence);
  view.setInt32(at + 57, count);
}

function setInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 0x1_0000_0000));
  view.setInt32(at + 4, value | 0);
}
