/** Starts the workers of every load and speaks for them: readiness, schedule, totals, faults, end. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveConfig } from '../clients/resolve.ts';
import { createClock } from '../lib/clock.ts';
import { waitFor } from '../lib/deadline.ts';
import { environmentError, type OrdealError } from '../lib/errors.ts';
import type { LoadSpec } from '../scenario/scenario.ts';
import type { LoadListener, LoadPlan, LoadStatus, RunningLoad, Schedule } from './control.ts';
import type { FromWorker, WorkerPlan } from './protocol.ts';
import { type WorkerExit, WorkerProcess } from './worker-process.ts';

/** A group's first join alone may take several seconds. */
const READY_TIMEOUT_MS = 60_000;
const DISPOSE_GRACE_MS = 2000;

const entryUrl = (): URL =>
  new URL(`./worker-main${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** Starts every worker process at once; `entry` is another program for tests. */
export function startLoad(
  plan: LoadPlan,
  listener: LoadListener,
  signal: AbortSignal,
  entry: URL = entryUrl(),
): RunningLoad {
  return new Workers(plan, listener, signal, entry);
}

type Member = {
  readonly process: WorkerProcess;
  ready: boolean;
  offered: number;
  pending: number;
  received: number;
};

class Workers implements RunningLoad {
  readonly ready: Promise<void>;
  readonly #plan: LoadPlan;
  readonly #listener: LoadListener;
  readonly #clock: ReturnType<typeof createClock>;
  readonly #members: Member[] = [];
  /** By load: the consumer that has each partition. */
  readonly #assigned = new Map<string, Map<number, string>>();
  #failure: OrdealError | null = null;
  #stopping: Promise<void> | null = null;

  constructor(plan: LoadPlan, listener: LoadListener, signal: AbortSignal, entry: URL) {
    this.#plan = plan;
    this.#listener = listener;
    this.#clock = createClock(BigInt(plan.t0Ns));
    for (const load of plan.loads) {
      this.#assigned.set(load.name, new Map());
      for (const workerPlan of plansOf(load, plan)) this.#start(entry, workerPlan);
    }
    this.ready = this.#becomeReady(signal);
    // Whoever stops the load without having waited for it must not crash over it.
    this.ready.catch(() => {});
  }

  begin(schedule: Schedule): void {
    for (const { process } of this.#members) process.send({ type: 'begin', schedule });
  }

  status(): readonly LoadStatus[] {
    return this.#plan.loads.map(({ name, kind }) => {
      const members = this.#of(name);
      const alive = members.filter(({ process }) => process.alive);
      const sum = (of: readonly Member[], key: 'offered' | 'pending' | 'received'): number =>
        of.reduce((total, member) => total + member[key], 0);
      return {
        load: name,
        kind,
        offered: sum(members, 'offered'),
        // Nobody waits any more for the answers of a dead worker.
        pending: sum(alive, 'pending'),
        received: sum(members, 'received'),
        workersAlive: alive.length,
      };
    });
  }

  readonly controls = {
    pause: async (load: string): Promise<void> => {
      for (const { process } of this.#of(load)) process.pause();
    },
    resume: async (load: string): Promise<void> => {
      for (const { process } of this.#of(load)) process.resume();
    },
    kill: async (load: string): Promise<void> => {
      await Promise.all(this.#of(load).map(({ process }) => process.kill()));
    },
  };

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= Promise.all(this.#members.map(({ process }) => process.stop(graceMs))).then(
      () => {},
    );
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(DISPOSE_GRACE_MS);
  }

  #of(load: string): readonly Member[] {
    return this.#members.filter(({ process }) => process.plan.load.name === load);
  }

  #start(entry: URL, plan: WorkerPlan): void {
    const process = new WorkerProcess(entry, this.#plan.runFolder, plan, {
      onMessage: (message) => this.#received(member, message),
      onExit: (exit) => this.#exited(member, exit),
    });
    const member: Member = { process, ready: false, offered: 0, pending: 0, received: 0 };
    this.#members.push(member);
    const { load, worker } = plan;
    if (process.pid !== null) {
      const t = this.#clock.nowUs();
      this.#event({ t, type: 'worker-started', load: load.name, worker, pid: process.pid });
    }
  }

  #received(member: Member, message: FromWorker): void {
    if (message.type === 'ready') {
      member.ready = true;
    } else if (message.type === 'status') {
      member.offered = message.offered;
      member.pending = message.pending;
      member.received = message.received;
    } else if (message.type === 'counts') {
      for (const second of message.seconds) this.#listener.onSecond(second);
      for (const line of message.histograms) this.#listener.onHistogram(line);
    } else if (message.type === 'event') {
      this.#event(message.event);
    } else if (message.type === 'failed') {
      const { code, message: text, hint } = message;
      this.#fail(environmentError(code, text, hint === undefined ? {} : { hint }));
    }
  }

  readonly #event: LoadListener['onEvent'] = (event) => {
    if (event.type === 'assignment') {
      const assigned = this.#assigned.get(event.load);
      const owner = String(event.consumer);
      for (const partition of event.partitions) {
        if (event.change === 'assigned') assigned?.set(partition, owner);
        else if (assigned?.get(partition) === owner) assigned.delete(partition);
      }
    }
    this.#listener.onEvent(event);
  };

  #exited({ process, ready }: Member, exit: WorkerExit & { readonly expected: boolean }): void {
    const { load, worker } = process.plan;
    const t = this.#clock.nowUs();
    this.#event({ t, type: 'worker-exited', load: load.name, worker, ...exit });
    if (exit.expected || ready) return;
    this.#fail(
      environmentError('worker.died', `worker ${worker} of load ${load.name} died at its start`, {
        hint: `its last words are in ${process.logFile}`,
      }),
    );
  }

  /** Before the load is ready its failure is what `ready` throws. */
  #fail(error: OrdealError): void {
    const first = this.#failure === null;
    this.#failure ??= error;
    if (!first || !this.#members.every(({ ready }) => ready)) return;
    if (this.#listener.onFailure !== undefined) this.#listener.onFailure(error);
    else {
      const { code, message } = error;
      this.#listener.onEvent({ t: this.#clock.nowUs(), type: 'aborted', code, message });
    }
  }

  async #becomeReady(signal: AbortSignal): Promise<void> {
    const isReady = (): boolean => {
      if (this.#failure !== null) throw this.#failure;
      return this.#members.every(({ ready }) => ready) && this.#plan.loads.every(this.#isStable);
    };
    try {
      await waitFor('loads ready', isReady, { timeoutMs: READY_TIMEOUT_MS, signal });
    } catch (error) {
      if (signal.aborted || this.#failure !== null) throw error;
      throw environmentError('load.not-ready', `not ready in time: ${this.#laggards()}`, {
        hint: 'the logs folder of the run shows what the clients and the brokers said',
        cause: error,
      });
    }
  }

  /** A group is stable when every partition of its topic is somebody's. */
  readonly #isStable = (load: LoadSpec): boolean => {
    if (load.kind === 'produce') return true;
    const { partitions } = this.#plan.streams;
    const wanted = partitions.filter(({ topic }) => topic === load.topic).length;
    return (this.#assigned.get(load.name)?.size ?? 0) >= wanted;
  };

  #laggards(): string {
    const late = this.#members.filter(({ ready }) => !ready).map(({ process: { plan } }) => plan);
    if (late.length === 0) return 'a consumer group without all its partitions';
    return late.map(({ load, worker }) => `worker ${worker} of load ${load.name}`).join(', ');
  }
}

/** Producers or consumers are dealt to the load's workers in turn; a worker without any is not started. */
function plansOf(load: LoadSpec, plan: LoadPlan): WorkerPlan[] {
  const count = load.kind === 'produce' ? load.producers : load.consumers;
  const workers = Math.min(load.workers, count);
  const firstStream = plan.streams.streams.findIndex((stream) => stream.load === load.name);
  return Array.from({ length: workers }, (_, worker) => ({
    load,
    worker,
    members: Array.from({ length: count }, (_, member) => member).filter(
      (member) => member % workers === worker,
    ),
    runId: plan.streams.runId,
    seed: plan.seed,
    t0Ns: plan.t0Ns,
    bootstrap: plan.bootstrap,
    routes: plan.routes,
    connection: plan.connection,
    names: plan.names,
    config: resolveConfig(load),
    places: plan.streams.partitions,
    firstStream,
  }));
}
