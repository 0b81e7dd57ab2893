/** A container's output: followed into a file from its first line on, or read to the end of one command. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Duplex, PassThrough } from 'node:stream';
import type { Engine } from '../../host/engine.ts';
import { within } from '../../lib/deadline.ts';
import { environmentError } from '../../lib/errors.ts';
import type { Executed } from '../cluster.ts';

type Container = ReturnType<Engine['getContainer']>;

/** No command of ours takes longer, even on a machine that swaps. */
const ENDS_WITHIN_MS = 120_000;

/**
 * Before the container starts, so that nothing is missed. Output that cannot be written is not waited for. Returns how
 * to stop following, for a container that then does not start.
 */
export async function followOutput(container: Container, logFile: string): Promise<() => void> {
  await mkdir(dirname(logFile), { recursive: true });
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const file = createWriteStream(logFile, { flags: 'a' });
  file.on('error', () => {});
  stream.on('error', () => {});
  container.modem.demuxStream(stream, file, file);
  stream.on('close', () => file.end());
  stream.on('end', () => file.end());
  return () => (stream as Duplex).destroy();
}

export type ExecuteOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly endsWithinMs?: number;
};

/** Both streams in the order they came. Throws `docker.engine`, `deadline.passed` or the signal's reason. */
export async function execute(
  container: Container,
  command: readonly string[],
  { signal, endsWithinMs = ENDS_WITHIN_MS }: ExecuteOptions = {},
): Promise<Executed> {
  signal?.throwIfAborted();
  const exec = await container.exec({
    Cmd: [...command],
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: false });
  const output = outputOf(container, stream);
  const interrupt = (): void => void stream.destroy(signal?.reason as Error);
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const text = await within(`the command \`${command.join(' ')}\``, endsWithinMs, output);
    signal?.throwIfAborted();
    const { ExitCode } = await exec.inspect();
    return { exitCode: ExitCode ?? -1, output: text };
  } finally {
    signal?.removeEventListener('abort', interrupt);
    stream.destroy();
  }
}

async function outputOf(container: Container, stream: Duplex): Promise<string> {
  const text = new PassThrough();
  container.modem.demuxStream(stream, text, text);
  const chunks: Buffer[] = [];
  text.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve, reject) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
    stream.once('error', (cause) =>
      reject(
        environmentError(
          'docker.engine',
          `a command in a container was cut off: ${cause.message}`,
          {
            cause,
          },
        ),
      ),
    );
  });
  return Buffer.concat(chunks).toString('utf8').trim();
}
