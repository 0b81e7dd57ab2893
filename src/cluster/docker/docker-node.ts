/** One Kafka node in a container beside its pod: killed, stopped, paused, made anew, always at the same address. */
import type { Engine } from '../../host/engine.ts';
import { EngineError } from '../../host/engine-guard.ts';
import { waitFor, within } from '../../lib/deadline.ts';
import { environmentError, messageOf, type OrdealError } from '../../lib/errors.ts';
import type {
  ClusterContext,
  ClusterNode,
  Executed,
  NodeContainer,
  NodeLook,
  NodeRole,
  NodeState,
} from '../cluster.ts';
import { lineWatch, sizeOf } from '../log-file.ts';
import { diedWhileStarting, STARTED } from '../start-failure.ts';
import { type ContainerSpec, DATA_DIR } from './container-spec.ts';
import { exitOf, KILLED_STATUS } from './ending.ts';
import { execute, followOutput } from './streams.ts';

type Container = Awaited<ReturnType<Engine['getContainer']>>;

export type DockerNodeOptions = {
  readonly engine: Engine;
  readonly id: number;
  /** `broker-1`. */
  readonly name: string;
  readonly roles: readonly NodeRole[];
  readonly spec: ContainerSpec;
  readonly pod: Container;
  readonly network: string;
  readonly addresses: NodeContainer['addresses'];
  /** The pod's address on it. */
  readonly address: string;
  readonly logFile: string;
  readonly onNode: ClusterContext['onNode'];
  readonly onFailure: ClusterContext['onFailure'];
};

const START_TIMEOUT_MS = 120_000;
const STOP_GRACE_MS = 30_000;
const POLL_MS = 50;
/** From the engine's word that it was killed or stopped to the end of it. */
const END_TIMEOUT_MS = 30_000;

/** A start, and what became of it. */
type Life = {
  readonly ended: Promise<void>;
  status: number | null;
  /** Why nobody can say. */
  lost: OrdealError | null;
};

export class DockerNode implements ClusterNode, NodeContainer {
  readonly id: number;
  readonly roles: readonly NodeRole[];
  readonly dataDir = DATA_DIR;
  readonly container: NodeContainer = this;
  readonly #options: DockerNodeOptions;
  #body: Container;
  #state: NodeState = 'stopped';
  #life: Life | null = null;
  #mayEnd = false;

  private constructor(options: DockerNodeOptions, body: Container) {
    this.id = options.id;
    this.roles = options.roles;
    this.#options = options;
    this.#body = body;
  }

  /** Makes the container and does not start it. */
  static async create(options: DockerNodeOptions): Promise<DockerNode> {
    return new DockerNode(options, await options.engine.createContainer(options.spec));
  }

  get state(): NodeState {
    return this.#state;
  }

  async look(): Promise<NodeLook> {
    const { State, Id } = await this.#body.inspect();
    if (!State.Running) return { process: null, stopped: undefined };
    const process = `container ${Id.slice(0, 12)}, process ${State.Pid}`;
    return { process, stopped: State.Paused };
  }

  async start(signal?: AbortSignal): Promise<void> {
    const { name, logFile } = this.#options;
    if (this.#life !== null) throw new Error(`${name} runs already`);
    const from = await sizeOf(logFile);
    const life = await this.#begin();
    const started = lineWatch(logFile, from, STARTED);
    await waitFor(
      `${name} to start`,
      async () => {
        if (life.status !== null) {
          throw await diedWhileStarting(name, `exit code ${life.status}`, logFile, from);
        }
        if (life.lost !== null) throw life.lost;
        return started();
      },
      { timeoutMs: START_TIMEOUT_MS, everyMs: POLL_MS, signal },
    );
  }

  async kill(): Promise<void> {
    await this.#end('killed', () => this.#body.kill({ signal: 'SIGKILL' }));
  }

  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    await this.#end('stopped', () => this.#body.stop({ t: Math.ceil(graceMs / 1000) }));
  }

  async pause(): Promise<void> {
    await this.#body.pause();
    this.#state = 'paused';
  }

  async resume(): Promise<void> {
    await this.#body.unpause();
    this.#state = 'running';
  }

  get addresses(): NodeContainer['addresses'] {
    return this.#options.addresses;
  }

  async inspect(): Promise<{ readonly id: string; readonly outOfMemory: boolean }> {
    const { Id, State } = await this.#body.inspect();
    return { id: Id.slice(0, 12), outOfMemory: State.OOMKilled };
  }

  expectEnd(): void {
    this.#mayEnd = true;
  }

  async exec(
    where: 'node' | 'pod',
    command: readonly string[],
    signal?: AbortSignal,
  ): Promise<Executed> {
    return execute(where === 'node' ? this.#body : this.#options.pod, command, { signal });
  }

  async recreate(disk: 'same' | 'empty'): Promise<void> {
    if (this.#life !== null) throw new Error(`${this.#options.name} still runs`);
    // With the volumes that the image declares; the disk has a name, and stays.
    await this.#body.remove({ force: true, v: true });
    if (disk === 'empty') await this.#emptyDisk();
    this.#body = await this.#options.engine.createContainer(this.#options.spec);
  }

  async limitCpus(cpus: number | null): Promise<void> {
    const { engine, spec } = this.#options;
    const given = spec.HostConfig?.NanoCpus;
    // The engine takes 0 for "as it is", so that no limit is all the cores there are.
    const all = async (): Promise<number> => Number((await engine.info()).NCPU) * 1e9;
    const NanoCpus = cpus === null ? (given ?? (await all())) : Math.round(cpus * 1e9);
    await this.#body.update({ NanoCpus });
  }

  async disconnect(): Promise<void> {
    const { engine, network, pod } = this.#options;
    await engine.getNetwork(network).disconnect({ Container: pod.id, Force: true });
  }

  async connect(): Promise<void> {
    const { engine, network, pod, address } = this.#options;
    const IPAMConfig = { IPv4Address: address };
    await engine.getNetwork(network).connect({ Container: pod.id, EndpointConfig: { IPAMConfig } });
  }

  async #emptyDisk(): Promise<void> {
    const { exitCode, output } = await this.exec('pod', [
      'find',
      DATA_DIR,
      '-mindepth',
      '1',
      '-delete',
    ]);
    if (exitCode !== 0) {
      throw environmentError(
        'docker.disk',
        `the disk of ${this.#options.name} could not be emptied: ${output}`,
      );
    }
  }

  /** Everything the container says goes to the log file from its first line on. */
  async #begin(): Promise<Life> {
    const { id, name, logFile, onNode } = this.#options;
    let unfollow = (): void => {};
    try {
      unfollow = await followOutput(this.#body, logFile);
      await this.#body.start();
    } catch (cause) {
      unfollow();
      const hint = cause instanceof EngineError ? cause.hint : undefined;
      throw environmentError('broker.not-started', `${name}: ${messageOf(cause)}`, {
        hint: hint ?? 'run again; ordeal doctor says what the engine can do',
        cause,
      });
    }
    const { State } = await this.#body.inspect();
    this.#state = 'running';
    this.#mayEnd = false;
    onNode({ type: 'started', node: id, pid: State.Pid, dataDir: DATA_DIR });
    const life: Life = { ended: this.#ending(this.#body), status: null, lost: null };
    this.#life = life;
    return life;
  }

  async #ending(body: Container): Promise<void> {
    let status: number;
    try {
      status = await exitOf(body);
    } catch (error) {
      // Nobody can say what became of the broker: that is no death of it.
      if (this.#life !== null) this.#life.lost = error as OrdealError;
      this.#life = null;
      this.#options.onFailure(error as OrdealError);
      return;
    }
    const told = this.#state === 'killed' || this.#state === 'stopped';
    if (!told) this.#state = 'exited';
    const expected = told || this.#mayEnd;
    if (this.#life !== null) this.#life.status = status;
    this.#life = null;
    const killed = status === KILLED_STATUS;
    this.#options.onNode({
      type: 'exited',
      node: this.id,
      code: killed ? null : status,
      signal: killed ? 'SIGKILL' : null,
      expected,
    });
  }

  async #end(state: 'killed' | 'stopped', how: () => Promise<unknown>): Promise<void> {
    const life = this.#life;
    if (life === null) return;
    this.#state = state;
    await how().catch(unlessGone);
    await within(`the end of ${this.#options.name}`, END_TIMEOUT_MS, life.ended);
  }
}

/** 304: it has ended already; 404: it is gone; 409: it does not run. */
function unlessGone(error: unknown): void {
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === undefined || ![304, 404, 409].includes(statusCode)) throw error;
}
