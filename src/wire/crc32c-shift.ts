/**
 * CRC-32C over bytes that are never touched. A checksum without its final inversion is linear: that of A ⊕ B, equally
 * long, is the ⊕ of theirs, and appending n zero bytes to what was summed so far is a fixed linear map of 32 bits. So a
 * stretch of known bytes costs one such map and one known value, however long it is.
 */

const POLYNOMIAL = 0x82f63b78;

/** `maps[slice * 256 + byte]`: what `byte` does to the state when `slice` bytes follow it. */
export function sliceTable(slices: number): Int32Array {
  const table = new Int32Array(256 * slices);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256] as number;
    table[i] = (before >>> 8) ^ (table[before & 0xff] as number);
  }
  return table;
}

/**
 * The map that appends so many zero bytes, four tables in one: the state s becomes
 * m[s & 255] ⊕ m[256 + (s >>> 8 & 255)] ⊕ m[512 + (s >>> 16 & 255)] ⊕ m[768 + (s >>> 24)].
 */
export function zeroBytesMap(bytes: number): Int32Array {
  const map = new Int32Array(1024);
  for (let i = 0; i < 1024; i++) map[i] = afterZeroBytes((i & 0xff) << (8 * (i >>> 8)), bytes);
  return map;
}

/** The state after so many more zero bytes, for numbers of them that hardly come again. */
export function afterZeroBytes(state: number, bytes: number): number {
  let result = state;
  for (let i = 0, rest = bytes; rest > 0; i++, rest >>>= 1) {
    if (rest & 1) result = apply(doublings(i), result);
  }
  return result;
}

const doubled: Columns[] = [];

/** The map of 2^i zero bytes. */
function doublings(i: number): Columns {
  for (let j = doubled.length; j <= i; j++) {
    const half = doubled[j - 1];
    doubled.push(half === undefined ? zeroByteColumns() : after(half, half));
  }
  return doubled[i] as Columns;
}

/** A linear map of 32 bits: the image of each bit. */
type Columns = Int32Array;

const byteTable = sliceTable(1);

function zeroByteColumns(): Columns {
  const columns = new Int32Array(32);
  for (let bit = 0; bit < 32; bit++) {
    const state = 1 << bit;
    columns[bit] = (state >>> 8) ^ (byteTable[state & 0xff] as number);
  }
  return columns;
}

function apply(columns: Columns, state: number): number {
  let image = 0;
  for (let bit = 0, rest = state; rest !== 0; bit++, rest >>>= 1) {
    if (rest & 1) image ^= columns[bit] as number;
  }
  return image;
}

const after = (first: Columns, second: Columns): Columns =>
  first.map((image) => apply(second, image));

/** The state after [start, end), going on from `state`; -1 begins a checksum, and 0 a sum that is only added. */
export function crcState(bytes: Uint8Array, start: number, end: number, state: number): number {
  let crc = state;
  for (let at = start; at < end; at++) {
    crc = (crc >>> 8) ^ (byteTable[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return crc;
}
