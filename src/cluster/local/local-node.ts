/** One Kafka node as a child process of the harness: killed, stopped, paused and started again on its disk. */

import { isSameProcess, isStopped } from '../../host/identity.ts';
import { type Exit, type ProcessGroup, spawnGroup } from '../../host/process.ts';
import type { Reaper } from '../../host/reaper.ts';
import { waitFor } from '../../lib/deadline.ts';
import type { ClusterContext, ClusterNode, NodeLook, NodeRole, NodeState } from '../cluster.ts';
import { lineWatch, sizeOf } from '../log-file.ts';
import { diedWhileStarting, STARTED } from '../start-failure.ts';

export type LocalNodeOptions = {
  readonly id: number;
  /** `broker-1`. */
  readonly name: string;
  readonly roles: readonly NodeRole[];
  readonly dataDir: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly reaper: Reaper;
  readonly onNode: ClusterContext['onNode'];
};

const START_TIMEOUT_MS = 120_000;
const STOP_GRACE_MS = 30_000;
const POLL_MS = 25;

export class LocalNode implements ClusterNode {
  readonly id: number;
  readonly roles: readonly NodeRole[];
  readonly dataDir: string;
  readonly container = null;
  readonly #options: LocalNodeOptions;
  #state: NodeState = 'stopped';
  #group: ProcessGroup | null = null;
  /** The one started last, alive or not: the system is asked about it, not our own bookkeeping. */
  #latest: ProcessGroup | null = null;

  constructor(options: LocalNodeOptions) {
    this.id = options.id;
    this.roles = options.roles;
    this.dataDir = options.dataDir;
    this.#options = options;
  }

  get state(): NodeState {
    return this.#state;
  }

  async look(): Promise<NodeLook> {
    const latest = this.#latest;
    return latest === null || !isSameProcess(latest)
      ? { process: null, stopped: undefined }
      : { process: `process ${latest.pid}`, stopped: isStopped(latest.pid) };
  }

  async start(signal?: AbortSignal): Promise<void> {
    if (this.#group !== null) throw new Error(`${this.#options.name} runs already`);
    const { name, logFile } = this.#options;
    const from = await sizeOf(logFile);
    const group = await this.#spawn();
    const started = lineWatch(logFile, from, STARTED);
    await waitFor(
      `${name} to start`,
      async () => {
        if (group.exit !== null) {
          throw await diedWhileStarting(name, endOf(group.exit), logFile, from);
        }
        return started();
      },
      { timeoutMs: START_TIMEOUT_MS, everyMs: POLL_MS, signal },
    );
  }

  async kill(): Promise<void> {
    await this.#end('killed', 'SIGKILL');
  }

  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    const group = this.#group;
    if (group === null) return;
    const timer = setTimeout(() => group.signal('SIGKILL'), graceMs);
    try {
      await this.#end('stopped', 'SIGTERM');
    } finally {
      clearTimeout(timer);
    }
  }

  async pause(): Promise<void> {
    this.#living().signal('SIGSTOP');
    this.#state = 'paused';
  }

  async resume(): Promise<void> {
    this.#living().signal('SIGCONT');
    this.#state = 'running';
  }

  #living(): ProcessGroup {
    if (this.#group === null) throw new Error(`${this.#options.name} has no process`);
    return this.#group;
  }

  async #spawn(): Promise<ProcessGroup> {
    const { id, name, command, args, env, logFile, reaper, dataDir, onNode } = this.#options;
    const group = await spawnGroup({ command, args, env, logFile, cwd: dataDir });
    let forget = (): void => {};
    try {
      forget = reaper.watch(group, name);
    } catch (error) {
      group.signal('SIGKILL');
      throw error;
    }
    this.#group = group;
    this.#latest = group;
    this.#state = 'running';
    onNode({ type: 'started', node: id, pid: group.pid, dataDir });
    void group.exited.then(({ code, signal }) => {
      const expected = this.#state === 'killed' || this.#state === 'stopped';
      if (!expected) this.#state = 'exited';
      this.#group = null;
      forget();
      onNode({ type: 'exited', node: id, code, signal, expected });
    });
    return group;
  }

  async #end(state: 'killed' | 'stopped', name: NodeJS.Signals): Promise<void> {
    const group = this.#group;
    if (group === null) return;
    const wasPaused = this.#state === 'paused';
    this.#state = state;
    group.signal(name);
    if (wasPaused) group.signal('SIGCONT');
    await group.exited;
  }
}

const endOf = ({ code, signal }: Exit): string => signal ?? `exit code ${code}`;
