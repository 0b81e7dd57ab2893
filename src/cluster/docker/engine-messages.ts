/** What an engine says while it pulls or builds: one JSON message a line, failures among them. */
import { EngineError } from '../../host/engine-guard.ts';
import { messageOf } from '../../lib/errors.ts';

export type EngineMessage = {
  /** Of a layer that is pulled. */
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  /** Of a build: what its steps print. */
  readonly stream?: string;
  /** The work failed, though the request did not. */
  readonly error?: string;
};

/** Ends with the stream. Throws the signal's reason when that ended it. */
export async function* engineMessages(
  stream: NodeJS.ReadableStream,
  signal: AbortSignal,
): AsyncGenerator<EngineMessage> {
  let rest = '';
  try {
    for await (const chunk of stream) {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as EngineMessage;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  signal.throwIfAborted();
  if (rest.trim() !== '') yield JSON.parse(rest) as EngineMessage;
}

/** The engine's own words. */
export const engineWords = (error: unknown): string =>
  error instanceof EngineError ? error.words : messageOf(error);
