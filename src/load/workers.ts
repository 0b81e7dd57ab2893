/** Starts the workers of every load and speaks for them: readiness, schedule, totals, faults, end. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveConfig } from '../clients/resolve.ts';
import { createClock } from '../lib/clock.ts';
import { waitFor } from '../lib/deadline.ts';
import { environmentError, type OrdealError } from '../lib/errors.ts';
import type { LoadSpec } from '../scenario/scenario.ts';
import type {
  LoadListener,
  LoadPlan,
  LoadStatus,
  RunningLoad,
  Schedule,
  WorkerControl,
} from './control.ts';
import { Member } from './member.ts';
import type { FromWorker, WorkerPlan } from './protocol.ts';
import type { WorkerExit } from './worker-process.ts';

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
    for (const member of this.#members) member.begin(schedule);
  }

  endAt(us: number): void {
    for (const member of this.#members) member.endAt(us);
  }

  status(): readonly LoadStatus[] {
    return this.#plan.loads.map(({ name, kind }) => {
      const members = this.#of(name);
      const sum = (key: 'offered' | 'pending' | 'received'): number =>
        members.reduce((total, { totals }) => total + totals[key], 0);
      return {
        load: name,
        kind,
        offered: sum('offered'),
        pending: sum('pending'),
        received: sum('received'),
        workersAlive: members.filter(({ pid }) => pid !== null).length,
      };
    });
  }

  workers(load: string, worker: number | null): readonly WorkerControl[] {
    return this.#of(load).filter((member) => worker === null || member.worker === worker);
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= Promise.all(this.#members.map((member) => member.stop(graceMs))).then(
      () => {},
    );
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(DISPOSE_GRACE_MS);
  }

  #of(load: string): readonly Member[] {
    return this.#members.filter((member) => member.load === load);
  }

  #start(entry: URL, plan: WorkerPlan): void {
    const member = new Member(entry, this.#plan.runFolder, plan, {
      onMessage: (from, message) => this.#received(from, message),
      onExit: (from, exit) => this.#exited(from, exit),
      onStarted: (from) => this.#started(from),
    });
    this.#members.push(member);
    this.#started(member);
  }

  #started({ load, worker, pid, incarnation }: Member): void {
    if (pid === null) return;
    const again = incarnation === 0 ? {} : { incarnation };
    const t = this.#clock.nowUs();
    this.#event({ t, type: 'worker-started', load, worker, pid, ...again });
  }

  #received(member: Member, message: FromWorker): void {
    if (message.type === 'counts') {
      for (const second of message.seconds) this.#listener.onSecond(second);
      for (const line of message.histograms) this.#listener.onHistogram(line);
    } else if (message.type === 'event') {
      member.heard(message.event);
      this.#event(message.event);
    } else if (message.type === 'failed') {
      const { code, message: text, hint } = message;
      this.#fail(member, environmentError(code, text, hint === undefined ? {} : { hint }));
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

  #exited(member: Member, exit: WorkerExit & { readonly expected: boolean }): void {
    const { load, worker, ready, logFile } = member;
    const t = this.#clock.nowUs();
    this.#event({ t, type: 'worker-exited', load, worker, ...exit });
    if (exit.expected || ready) return;
    const error = environmentError(
      'worker.died',
      `worker ${worker} of load ${load} died at its start`,
      { hint: `its last words are in ${logFile}` },
    );
    this.#fail(member, error);
  }

  /** Before the load is ready its failure is what `ready` throws; that of a restart is told to who asked for it. */
  #fail(member: Member, error: OrdealError): void {
    if (member.incarnation > 0 && !member.ready) {
      member.failure ??= error;
      return;
    }
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
    if (load.kind === 'produce' || load.startMs !== undefined) return true;
    const { partitions } = this.#plan.streams;
    const wanted = partitions.filter(({ topic }) => topic === load.topic).length;
    return (this.#assigned.get(load.name)?.size ?? 0) >= wanted;
  };

  #laggards(): string {
    const late = this.#members.filter(({ ready }) => !ready);
    if (late.length === 0) return 'a consumer group without all its partitions';
    return late.map(({ load, worker }) => `worker ${worker} of load ${load}`).join(', ');
  }
}

/** Producers or consumers are dealt to the load's workers in turn; a worker without any is not started. */
function plansOf(load: LoadSpec, plan: LoadPlan): WorkerPlan[] {
  const count = load.kind === 'produce' ? load.producers : load.consumers;
  const workers = Math.min(load.workers, count);
  const firstStream = plan.streams.streams.findIndex((stream) => stream.load === load.name);
  const { streams, relayed: all = [] } = plan.streams;
  const relayed = all.flatMap(({ load: relay, source, leg }, i) =>
    relay === load.name && leg === 0 ? [{ source, number: streams.length + i }] : [],
  );
  return Array.from({ length: workers }, (_, worker) => ({
    load,
    worker,
    incarnation: 0,
    begun: [],
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
    relayed,
  }));
}
