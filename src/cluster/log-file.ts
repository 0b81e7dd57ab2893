/** Reading a node's log while it is written: waiting for a line, and the last lines for an error message. */
import { open, stat } from 'node:fs/promises';

const CHUNK = 64 * 1024;

/** The size in bytes; 0 when there is no file yet. */
export const sizeOf = async (path: string): Promise<number> =>
  (await stat(path).catch(() => undefined))?.size ?? 0;

/** Answers whether `text` has been written after `from`; remembers how far it has looked. */
export function lineWatch(path: string, from: number, text: string): () => Promise<boolean> {
  let position = from;
  let carried = '';
  return async () => {
    for (;;) {
      const read = await readAt(path, position);
      if (read.length === 0) return false;
      position += read.length;
      const seen = carried + read.toString('latin1');
      if (seen.includes(text)) return true;
      carried = seen.slice(-text.length);
    }
  };
}

async function readAt(path: string, position: number): Promise<Buffer> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The last lines written after `from`. */
export async function lastLines(path: string, from: number, count: number): Promise<string> {
  const size = await sizeOf(path);
  const text = (await readAt(path, Math.max(from, size - CHUNK))).toString('utf8');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
