/**
 * One cluster for the runs of an experiment, one after the other, so that what differs between them is not the cluster.
 * It is raised with the first run. The next one has it too when it asks for the same cluster and finds it whole;
 * in every other case it is torn down and raised anew, as a kept cluster is (`cluster/kept/`).
 */
import type {
  ClusterContext,
  ClusterPlan,
  ClusterProvider,
  NodeEvent,
  RunningCluster,
} from '../cluster/cluster.ts';
import { differences, missingLinks } from '../cluster/kept/differences.ts';
import { type RuntimeSettings, runtimeSettings, whatIsWrong } from '../cluster/kept/whole.ts';
import type { OrdealError } from '../lib/errors.ts';
import type { RunPlan } from './plan.ts';

type Started = Extract<NodeEvent, { type: 'started' }>;

export type SharedClusterOptions = {
  /** Brokers log below it. */
  readonly folder: string;
  readonly name: string;
  /** Ends what waits for the cluster; a run's own signal does not, since the cluster outlives it. */
  readonly signal: AbortSignal;
};

/** A cluster that was raised, and what became of it. */
type Standing = {
  readonly cluster: RunningCluster;
  readonly plan: ClusterPlan;
  readonly asRaised: RuntimeSettings;
  readonly started: ReadonlyMap<number, Started>;
  uses: number;
  leftWhole: boolean;
  /** What it stands on is gone. */
  failure: OrdealError | null;
};

export class SharedCluster implements AsyncDisposable {
  readonly #options: SharedClusterOptions;
  #standing: Standing | null = null;
  /** The run that has the cluster, or waits for it. */
  #tenant: ClusterContext | null = null;
  #raised = 0;

  constructor(options: SharedClusterOptions) {
    this.#options = options;
  }

  /** The same run, on this cluster. On an external cluster every run is a guest as it is. */
  lend(plan: RunPlan): RunPlan {
    const { provider } = plan;
    if (provider.name === 'external') return plan;
    return {
      ...plan,
      provider: { name: provider.name, start: (asked, by) => this.#take(provider, asked, by) },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const standing = this.#standing;
    this.#standing = null;
    await standing?.cluster[Symbol.asyncDispose]();
  }

  async #take(
    provider: ClusterProvider,
    asked: ClusterPlan,
    tenant: ClusterContext,
  ): Promise<RunningCluster> {
    this.#tenant = tenant;
    const standing = (await this.#reusable(asked)) ?? (await this.#raise(provider, asked));
    for (const event of standing.started.values()) if (standing.uses > 0) tenant.onNode(event);
    const usedBefore = standing.uses++;
    standing.leftWhole = false;
    const { cluster } = standing;
    return {
      ...cluster,
      facts: { ...cluster.facts, kept: { name: this.#options.name, usedBefore } },
      leaveWhole: () => {
        standing.leftWhole = true;
      },
      [Symbol.asyncDispose]: async () => {
        this.#tenant = null;
      },
    };
  }

  /** Null, and nothing stands any more, when another one is to be raised. */
  async #reusable(asked: ClusterPlan): Promise<Standing | null> {
    const standing = this.#standing;
    if (standing === null) return null;
    const { cluster, plan, asRaised, leftWhole, failure } = standing;
    const fits =
      leftWhole &&
      failure === null &&
      plan.scenario.cluster.provider === asked.scenario.cluster.provider &&
      differences(plan.scenario.cluster, asked.scenario.cluster).length === 0 &&
      missingLinks(plan.proxied, asked.proxied).length === 0 &&
      dropsPackets(plan) === dropsPackets(asked);
    if (fits && (await whatIsWrong(cluster, asRaised, this.#options.signal)) === null)
      return standing;
    await this[Symbol.asyncDispose]();
    return null;
  }

  async #raise(provider: ClusterProvider, plan: ClusterPlan): Promise<Standing> {
    const { folder, name, signal } = this.#options;
    const started = new Map<number, Started>();
    const rest = { plan, started, uses: 0, leftWhole: true, failure: null as OrdealError | null };
    const cluster = await provider.start(plan, {
      runFolder: folder,
      runId: `${name}-${++this.#raised}`,
      signal,
      progress: (event) => this.#tenant?.progress(event),
      warn: (code, message) => this.#tenant?.warn(code, message),
      onFailure: (error) => {
        rest.failure = error;
        this.#tenant?.onFailure(error);
      },
      onNode: (event) => {
        if (event.type === 'started') started.set(event.node, event);
        this.#tenant?.onNode(event);
      },
    });
    try {
      const asRaised = await runtimeSettings(cluster);
      const standing: Standing = Object.assign(rest, { cluster, asRaised });
      this.#standing = standing;
      return standing;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }
}

const dropsPackets = ({ scenario }: ClusterPlan): boolean =>
  scenario.faults.some(({ kind }) => kind === 'drop');
