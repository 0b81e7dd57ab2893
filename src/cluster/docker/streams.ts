/** A container's output: followed into a file from its first line on, or read to the end of one command. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Engine } from '../../host/engine.ts';
import type { Executed } from '../cluster.ts';

type Container = ReturnType<Engine['getContainer']>;

/** Before the container starts, so that nothing is missed. Output that cannot be written is not waited for. */
export async function followOutput(container: Container, logFile: string): Promise<void> {
  await mkdir(dirname(logFile), { recursive: true });
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const file = createWriteStream(logFile, { flags: 'a' });
  file.on('error', () => {});
  stream.on('error', () => {});
  container.modem.demuxStream(stream, file, file);
  stream.on('close', () => file.end());
  stream.on('end', () => file.end());
}

/** Both streams in the order they came. */
export async function execute(container: Container, command: readonly string[]): Promise<Executed> {
  const exec = await container.exec({
    Cmd: [...command],
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: false });
  const text = new PassThrough();
  container.modem.demuxStream(stream, text, text);
  const chunks: Buffer[] = [];
  text.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve, reject) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
    stream.once('error', reject);
  });
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode ?? -1, output: Buffer.concat(chunks).toString('utf8').trim() };
}
