/** A cluster that only remembers what it was asked, and both ends of a socket to whoever serves it. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ClusterNode, NodeState, RunningCluster } from '../../../src/cluster/cluster.ts';
import { environmentError } from '../../../src/lib/errors.ts';
import type { Link } from '../../../src/links/links.ts';

export const LINK: Link = { from: 'clients', to: 1, listener: 'CLIENT' };

export type Fake = {
  readonly cluster: RunningCluster;
  /** In order. */
  readonly asked: string[];
  /** A node that starts throws a typed error. */
  refusing: boolean;
  /** An `exec` was ended by its signal. */
  aborted: boolean;
};

/** `exec` of anything but `true` ends by its signal alone. */
export function fakeCluster(name = 'cluster'): Fake {
  const asked: string[] = [];
  const fake = { asked, refusing: false, aborted: false };
  const node = (id: number): ClusterNode => {
    let state: NodeState = 'running';
    const to = (next: NodeState, what: string) => async () => {
      asked.push(`${what} ${id}`);
      state = next;
    };
    return {
      id,
      roles: ['broker'],
      dataDir: `/data/${id}`,
      get state() {
        return state;
      },
      look: async () => ({ process: `process ${id}`, stopped: state === 'paused' }),
      kill: to('killed', 'kill'),
      stop: to('stopped', 'stop'),
      pause: to('paused', 'pause'),
      resume: to('running', 'resume'),
      start: async () => {
        if (fake.refusing) throw environmentError('broker.died', 'it died', { hint: 'look' });
        await to('running', 'start')();
      },
      container: {
        addresses: { CLIENT: { host: '10.0.0.1', port: 9092 } },
        inspect: async () => ({ id: 'c', outOfMemory: false }),
        expectEnd: () => void asked.push(`expectEnd ${id}`),
        exec: (_where, command, signal) =>
          new Promise((resolve, reject) => {
            if (command[0] === 'true') resolve({ exitCode: 0, output: 'done' });
            signal?.addEventListener('abort', () => {
              fake.aborted = true;
              asked.push(`end of exec ${id}`);
              reject(new Error('stopped'));
            });
          }),
        recreate: async (disk) => void asked.push(`recreate ${id} ${disk}`),
        limitCpus: async (cpus) => void asked.push(`limitCpus ${id} ${cpus}`),
        disconnect: async () => void asked.push(`disconnect ${id}`),
        connect: async () => void asked.push(`connect ${id}`),
      },
    };
  };
  const cluster = {
    provider: 'docker',
    nodes: new Map([1, 2].map((id) => [id, node(id)])),
    bootstrap: [{ host: name, port: 1 }],
    harness: [{ host: '127.0.0.1', port: 2 }],
    connection: {},
    facts: { kafka: '4.3.1' },
    links: {
      proxied: [LINK],
      apply: async (_links: unknown, { kind }: { kind: string }) => {
        asked.push(`apply ${kind}`);
        return async () => void asked.push(`heal ${kind}`);
      },
      probe: async () => ({ state: 'answered', roundTripMs: 1 }),
      healAll: async () => void asked.push('healAll'),
    },
    [Symbol.asyncDispose]: async () => void asked.push('dispose'),
  } as unknown as RunningCluster;
  return Object.assign(fake, { cluster });
}

/** The path of a socket on which `greet` gets whoever dials. */
export async function listening(greet: (socket: Socket) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  const server = createServer(greet);
  const path = join(folder, 'socket');
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return path;
}

export function dial(path: string): Socket {
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  return socket;
}
