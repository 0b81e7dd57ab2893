/** A kept cluster as a run's provider: takes it from its keeper, waits while that raises it anew, and gives it back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { HostEnvironment } from '../../host/environment.ts';
import { environmentError, inputError, messageOf, type OrdealError } from '../../lib/errors.ts';
import type { ProgressEvent } from '../../lib/progress.ts';
import type {
  ClusterContext,
  ClusterPlan,
  ClusterProvider,
  NodeEvent,
  NodeState,
  RunningCluster,
} from '../cluster.ts';
import { checkFaultTools } from '../docker/fault-tools.ts';
import { Channel, type Failure, keeperGone, revived } from './channel.ts';
import type { NodeStates, Snapshot } from './snapshot.ts';
import { allKept, checkName, isAlive, type KeptState, keeperLog, keptBusy } from './state.ts';
import { useCluster } from './used.ts';

/** Tearing down what the last run left, and raising it anew. */
const TAKE_MS = 240_000;
const RELEASE_MS = 10_000;

/** Throws a usage error when there is none of that name, or it cannot be used. */
export function keptNamed(host: HostEnvironment, name: string): KeptState {
  checkName(name);
  const all = allKept(host);
  const kept = all.find((one) => one.name === name);
  if (kept === undefined) {
    const living = all.filter(isAlive).map((one) => one.name);
    const others = living.length === 0 ? '' : `; there is: ${living.join(', ')}`;
    const hint = 'raise one: ordeal cluster up [SCENARIO] --name NAME';
    throw inputError('kept.missing', `no cluster called ${name} is kept${others}`, hint);
  }
  const again = `ordeal cluster down ${name}, then: ordeal cluster up [SCENARIO] --name ${name}`;
  if (kept.state === undefined || !isAlive(kept)) {
    const why = kept.state?.failure ?? (kept.state ? 'its keeper is gone' : 'its state is damaged');
    const hint = `see ${keeperLog(kept.folder)}; ${again}`;
    throw inputError('kept.dead', `the kept cluster ${name} is dead: ${why}`, hint);
  }
  if (kept.state.version !== host.version) {
    const message = `the kept cluster ${name} was raised by ordeal ${kept.state.version}, and this is ${host.version}`;
    throw inputError('kept.version', message, again);
  }
  if (kept.state.run !== null) throw keptBusy(name, kept.state.run);
  return kept.state;
}

/** Its clusters are ready at once, and like new. */
export const keptProvider = (kept: KeptState): ClusterProvider => ({
  name: kept.provider,
  start: (plan, context) => new Tenancy(kept, context).begin(plan),
});

/** One run's time with the cluster. */
class Tenancy {
  readonly #kept: KeptState;
  readonly #context: ClusterContext;
  readonly #states = new Map<number, NodeState>();
  #leftWhole = false;
  /** Given back, or its keeper is gone. */
  #over = false;

  constructor(kept: KeptState, context: ClusterContext) {
    this.#kept = kept;
    this.#context = context;
  }

  async begin(plan: ClusterPlan): Promise<RunningCluster> {
    const { name, socket } = this.#kept;
    const channel = new Channel(await dial(socket), {
      onTold: (what, value) => this.#hear(what, value),
    });
    try {
      const snapshot = await this.#take(channel, `${plan.scenario.name} (process ${process.pid})`);
      for (const [id, state] of snapshot.states) this.#states.set(id, state);
      for (const event of snapshot.started) this.#context.onNode(event);
      const cluster = useCluster(channel, snapshot, this.#states);
      const [first] = cluster.nodes.values();
      if (first?.container) {
        await checkFaultTools(first.container, plan.scenario.faults, this.#context.signal);
      }
      void channel.closed.then(() => {
        if (this.#over) return;
        this.#over = true;
        this.#context.onFailure(keeperGone());
      });
      const { usedBefore } = snapshot;
      return {
        ...cluster,
        facts: { ...snapshot.facts, kept: { name, usedBefore } },
        leaveWhole: () => {
          this.#leftWhole = true;
        },
        [Symbol.asyncDispose]: () => this.#leave(channel),
      };
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  async #take(channel: Channel, run: string): Promise<Snapshot> {
    const { progress, signal } = this.#context;
    const task = `Kept cluster ${this.#kept.name}`;
    const late = AbortSignal.timeout(TAKE_MS);
    progress({ task, state: 'started' });
    try {
      const taken = await channel.call('take', [run], AbortSignal.any([signal, late]));
      progress({ task, state: 'done' });
      return taken as Snapshot;
    } catch (error) {
      progress({ task, state: 'failed' });
      throw late.aborted ? tooSlow(this.#kept.name) : error;
    }
  }

  #hear(what: string, value: unknown): void {
    const { onNode, onFailure, progress } = this.#context;
    if (what === 'progress') progress(value as ProgressEvent);
    else if (what === 'failure') onFailure(revived(value as Failure) as OrdealError);
    else if (what === 'node') {
      const { event, states } = value as { event: NodeEvent; states: NodeStates };
      for (const [id, state] of states) this.#states.set(id, state);
      onNode(event);
    }
  }

  async #leave(channel: Channel): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    try {
      await channel.call('release', [this.#leftWhole], AbortSignal.timeout(RELEASE_MS));
    } catch (error) {
      const message = `the kept cluster will be raised anew: ${messageOf(error)}`;
      this.#context.warn('kept-not-released', message);
    }
    channel.close();
  }
}

async function dial(path: string): Promise<Socket> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (cause) {
    throw keeperGone(cause);
  }
}

const tooSlow = (name: string): Error =>
  environmentError(
    'kept.slow',
    `the kept cluster ${name} was not ready within ${TAKE_MS / 1000} s`,
    {
      hint: 'see its logs: ordeal cluster ls',
    },
  );
