/** Types of the packages that bring none. */

declare module 'lz4js' {
  /** Compresses [from, from + length) of `source`; 0 when nothing was gained. */
  export function compressBlock(
    source: Uint8Array,
    target: Uint8Array,
    from: number,
    length: number,
    matches: Uint32Array,
  ): number;
  /** Returns where in `target` the output ends. */
  export function decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    from: number,
    length: number,
    at: number,
  ): number;
}

declare module 'lz4js/xxh32.js' {
  export function hash(seed: number, source: Uint8Array, from: number, length: number): number;
}

declare module 'snappyjs' {
  export function compress(source: Buffer): Buffer;
  /** Throws when the block is malformed or longer than `limit`. */
  export function uncompress(source: Buffer, limit?: number): Buffer;
}
