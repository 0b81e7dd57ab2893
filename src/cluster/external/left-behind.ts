/**
 * What a run has made on an external cluster, written down on this machine before it is made and forgotten when it is
 * deleted: a harness that is killed cannot clean up there, and nobody else may, since the secrets to log in with are
 * never stored. `ordeal clean` says what is left, and how to delete it.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheError } from '../../host/cache.ts';
import { cacheFolder, type HostEnvironment } from '../../host/environment.ts';
import { isSameProcess, type ProcessIdentity, startTimeOf } from '../../host/identity.ts';

export type Made = {
  /** `HOST:PORT`, as the scenario gives them. */
  readonly bootstrap: readonly string[];
  /** By their names in Kafka. */
  readonly topics: readonly string[];
  readonly groups: readonly string[];
};

type Note = Made & { readonly harness: ProcessIdentity };

export type LeftBehind = Made & { readonly path: string };

const folder = (host: HostEnvironment): string => join(cacheFolder(host), 'external');

/** Returns how to forget it. Throws `cache.unwritable`. */
export function rememberMade(host: HostEnvironment, made: Made): () => void {
  const path = join(folder(host), `${randomUUID()}.json`);
  const harness = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' };
  try {
    mkdirSync(folder(host), { recursive: true });
    writeFileSync(path, JSON.stringify({ ...made, harness } satisfies Note));
  } catch (error) {
    throw cacheError(path, error);
  }
  return () => forgetMade(path);
}

export const forgetMade = (path: string): void => rmSync(path, { force: true });

/** Of runs whose harness is gone. A note that cannot be read was never finished: nothing had been made yet. */
export function findLeftBehind(host: HostEnvironment): readonly LeftBehind[] {
  return notesIn(folder(host)).flatMap((path) => {
    const note = readNote(path);
    if (note === undefined || isSameProcess(note.harness)) return [];
    const { bootstrap, topics, groups } = note;
    return [{ path, bootstrap, topics, groups }];
  });
}

function notesIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(path, name));
  } catch {
    return [];
  }
}

function readNote(path: string): Note | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Note;
  } catch {
    return undefined;
  }
}

/** For people: what is left, and Kafka's own commands that delete it. */
export function howToDelete({ bootstrap, topics, groups }: Made): readonly string[] {
  const at = `--bootstrap-server ${bootstrap.join(',')}`;
  return [
    ...topics.map(
      (name) => `kafka-topics.sh ${at} --delete --topic '${name.replaceAll('.', '\\.')}'`,
    ),
    ...groups.map((name) => `kafka-consumer-groups.sh ${at} --delete --group '${name}'`),
  ];
}
