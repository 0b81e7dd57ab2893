/**
 * Lends a cluster to one run at a time. A run that ends well says that it leaves the cluster whole, and that is looked
 * after; in every other case the cluster is torn down and raised anew, for which the next run waits.
 */
import type { Duplex } from 'node:stream';
import type { OrdealError } from '../../lib/errors.ts';
import type { ProgressEvent } from '../../lib/progress.ts';
import type { ClusterContext, NodeEvent, RunningCluster } from '../cluster.ts';
import { Channel, failureOf, type Handler, keeperGone } from './channel.ts';
import { handlersFor } from './served.ts';
import { type Snapshot, type Started, snapshotOf, statesOf } from './snapshot.ts';
import { keptBusy } from './state.ts';

/** All that a provider is given of a context; folder and name are the keeper process's business. */
export type Raising = Pick<ClusterContext, 'progress' | 'signal' | 'onFailure' | 'warn' | 'onNode'>;

export type KeeperOptions = {
  readonly name: string;
  readonly raise: (context: Raising) => Promise<RunningCluster>;
  /** Null when the next run may have it as it is. */
  readonly whatIsWrong: (cluster: RunningCluster, signal: AbortSignal) => Promise<string | null>;
  readonly onProgress: (event: ProgressEvent) => void;
  readonly onChange: (condition: Condition) => void;
  /** For whoever reads the keeper's log. */
  readonly log: (line: string) => void;
  /** It could not be raised anew: there is nothing left to keep. */
  readonly onLost: (error: unknown) => void;
};

export type Condition = {
  readonly phase: 'raising' | 'free' | 'in use';
  /** Who has it, or waits for it. */
  readonly run: string | null;
  readonly uses: number;
  readonly bootstrap: RunningCluster['bootstrap'];
};

/** A cluster that was raised, and what became of it. */
type Standing = {
  readonly cluster: RunningCluster;
  /** The last start of each node. */
  readonly started: ReadonlyMap<number, Started>;
  uses: number;
  /** What it stands on is gone. */
  failure: OrdealError | null;
};

/** A run that has the cluster, or waits for it. */
type Lease = {
  readonly run: string;
  readonly channel: Channel;
  /** Undefined while it waits. */
  handlers: ReadonlyMap<string, Handler> | undefined;
  readonly working: Set<Promise<unknown>>;
};

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #ending = new AbortController();
  /** The cluster as it will be once all that is under way is done. */
  #next: Promise<Standing>;
  #standing: Standing | null = null;
  #lease: Lease | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#next = this.#raise();
    this.#next.catch(() => {}); // `ready` tells it.
  }

  /** Resolves when the cluster stands for the first time; throws what its provider threw. */
  get ready(): Promise<RunningCluster> {
    return this.#next.then(({ cluster }) => cluster);
  }

  /** Serves whoever came in; nothing but `take` is answered before it has the cluster. */
  greet(stream: Duplex): void {
    const channel: Channel = new Channel(stream, {
      handlerOf: (method) => this.#handlerOf(method, channel),
    });
    void channel.closed.then(() => this.#release(channel, false));
  }

  /** Tears the cluster down, whoever has it. */
  async end(): Promise<void> {
    this.#ending.abort(keeperGone());
    const standing = await this.#next.catch(() => null);
    this.#lease?.channel.close();
    await standing?.cluster[Symbol.asyncDispose]();
  }

  #handlerOf(method: string, channel: Channel): Handler | undefined {
    if (method === 'take') return ([run]) => this.#take(String(run), channel);
    if (method === 'release') return async ([whole]) => this.#release(channel, whole === true);
    const lease = this.#lease;
    const handler = lease?.channel === channel ? lease.handlers?.get(method) : undefined;
    if (lease === null || handler === undefined) return undefined;
    return (args, signal) => {
      const work = handler(args, signal);
      lease.working.add(work);
      work.finally(() => lease.working.delete(work)).catch(() => {}); // The caller is told.
      return work;
    };
  }

  async #take(run: string, channel: Channel): Promise<Snapshot> {
    if (this.#lease !== null) throw keptBusy(this.#options.name, this.#lease.run);
    const lease: Lease = { run, channel, handlers: undefined, working: new Set() };
    this.#lease = lease;
    this.#settle(lease, true);
    const standing = await this.#next;
    if (this.#lease !== lease) throw keeperGone();
    const { cluster, started } = standing;
    lease.handlers = handlersFor(cluster);
    const usedBefore = standing.uses++;
    this.#tellChange();
    return snapshotOf(cluster, { started: [...started.values()], usedBefore });
  }

  /** Another's release is none, nor is a second one. */
  #release(channel: Channel, whole: boolean): void {
    const lease = this.#lease;
    if (lease?.channel !== channel) return;
    this.#lease = null;
    if (lease.handlers !== undefined) this.#settle(lease, whole);
    this.#tellChange();
  }

  /** From now on the next one to take the cluster waits for this: that it is whole, or another one is raised. */
  #settle({ run, working }: Lease, leftWhole: boolean): void {
    const before = this.#next;
    this.#next = (async () => {
      const standing = await before;
      await Promise.allSettled(working);
      const wrong = await this.#whyRenew(
        standing,
        leftWhole ? null : `${run} did not leave it whole`,
      );
      if (wrong === null) return standing;
      this.#options.log(`raising it anew: ${wrong}`);
      this.#standing = null;
      this.#tellChange();
      await standing.cluster[Symbol.asyncDispose]();
      return await this.#raise();
    })();
    this.#next.catch((error: unknown) => {
      if (!this.#ending.signal.aborted) this.#options.onLost(error);
    });
  }

  async #whyRenew({ cluster, failure }: Standing, known: string | null): Promise<string | null> {
    if (known !== null || failure !== null) return known ?? (failure as OrdealError).message;
    return await this.#options.whatIsWrong(cluster, this.#ending.signal);
  }

  async #raise(): Promise<Standing> {
    const { raise, onProgress, log } = this.#options;
    const started = new Map<number, Started>();
    const rest: Omit<Standing, 'cluster'> = { started, uses: 0, failure: null };
    this.#ending.signal.throwIfAborted();
    const cluster = await raise({
      signal: this.#ending.signal,
      progress: (event) => {
        onProgress(event);
        this.#lease?.channel.tell('progress', event);
      },
      onFailure: (error) => {
        rest.failure = error;
        log(error.message);
        this.#tellUser('failure', failureOf(error));
      },
      warn: (code, message) => log(`${code}: ${message}`),
      onNode: (event) => {
        if (event.type === 'started') started.set(event.node, event);
        this.#tellNode(event);
      },
    });
    const standing: Standing = Object.assign(rest, { cluster });
    this.#standing = standing;
    this.#tellChange();
    return standing;
  }

  #tellNode(event: NodeEvent): void {
    const cluster = this.#standing?.cluster;
    if (cluster !== undefined) this.#tellUser('node', { event, states: statesOf(cluster) });
  }

  /** To a run that has the cluster, not to one that waits for it. */
  #tellUser(what: string, value: unknown): void {
    if (this.#lease?.handlers !== undefined) this.#lease.channel.tell(what, value);
  }

  #tellChange(): void {
    const standing = this.#standing;
    const inUse = this.#lease === null ? 'free' : 'in use';
    this.#options.onChange({
      phase: standing === null ? 'raising' : inUse,
      run: this.#lease?.run ?? null,
      uses: standing?.uses ?? 0,
      bootstrap: standing?.cluster.bootstrap ?? [],
    });
  }
}
