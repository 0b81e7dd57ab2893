/**
 * One run's recording side: its clock, its folder, its two reasons to end early (interrupted by the user, failed
 * by the machine), and the listeners through which cluster and load write their evidence.
 */
import { resolveConfigs } from '../clients/resolve.ts';
import type { ClusterContext, RunningCluster } from '../cluster/cluster.ts';
import type { PhaseName, RunEvent } from '../evidence/events.ts';
import { HISTOGRAM_LOG_HEADER } from '../evidence/histograms.ts';
import { createRecorder, type Recorder } from '../evidence/recorder.ts';
import { RUN_FORMAT } from '../evidence/run-folder.ts';
import type { ClusterSample, LoadSecond } from '../evidence/series.ts';
import type { FaultEvent } from '../faults/timeline.ts';
import { Traces } from '../faults/traces.ts';
import type { HostEnvironment } from '../host/environment.ts';
import { machineFacts } from '../host/machine.ts';
import { type Clock, createClock, monotonicNs } from '../lib/clock.ts';
import { pause } from '../lib/deadline.ts';
import { messageOf, OrdealError } from '../lib/errors.ts';
import type { Progress } from '../lib/progress.ts';
import { NO_ROUTES } from '../lib/route.ts';
import type { LoadListener, LoadPlan } from '../load/control.ts';
import type { KafkaNames } from '../scenario/kafka-names.ts';
import { formatDuration } from '../scenario/units.ts';
import type { AbortWatch, Trigger } from './abort-watch.ts';
import type { RunPlan } from './plan.ts';

/** Brokers log into the run folder and fall silent when it is full, so we look ourselves. */
const SPACE_CHECK_MS = 1000;

/** A run event without its time, which the session adds. */
type Untimed<E> = E extends { readonly t: number } ? Omit<E, 't'> : never;

export type RunContext = {
  readonly host: HostEnvironment;
  /** What the checker's structures may hold. */
  readonly checkerBytes: number;
  readonly progress: Progress;
  readonly onEvent: (event: RunEvent) => void;
  readonly onSecond: (second: LoadSecond) => void;
  /** The first interruption: heal, stop, record, judge. */
  readonly signal: AbortSignal;
};

export class Session implements Disposable {
  readonly plan: RunPlan;
  readonly context: RunContext;
  readonly clock: Clock;
  /** What the faults left. */
  readonly traces = new Traces();
  readonly #t0Ns = monotonicNs();
  readonly #recorder: Recorder;
  readonly #failing = new AbortController();
  readonly #stopping = new AbortController();
  #watch: AbortWatch | null = null;
  readonly #spaceChecks: NodeJS.Timeout;
  /** The brokers' processes as they stand now, by broker. */
  readonly pids = new Map<number, number>();
  /** Aborted by an interruption and by a failure. */
  readonly signal: AbortSignal;
  /** Aborted when traffic and faults end before their time, for whatever reason. */
  readonly ending: AbortSignal;

  /** Creates the run folder; throws an environment error when that cannot be. */
  constructor(plan: RunPlan, context: RunContext) {
    this.plan = plan;
    this.context = context;
    this.clock = createClock(this.#t0Ns);
    this.signal = AbortSignal.any([context.signal, this.#failing.signal]);
    this.ending = AbortSignal.any([this.signal, this.#stopping.signal]);
    this.#recorder = createRecorder(
      plan.folder,
      {
        format: RUN_FORMAT,
        pid: process.pid,
        startedAt: new Date().toISOString(),
        scenarioFile: plan.file,
        seed: plan.seed,
        versions: { ordeal: context.host.version, node: process.version },
      },
      plan.loaded.resolved,
      HISTOGRAM_LOG_HEADER,
    );
    this.event({ type: 'run-started', scenario: plan.scenario.name, seed: plan.seed });
    this.#recorder.streams(plan.streams);
    if (context.signal.aborted) this.#interrupted();
    else context.signal.addEventListener('abort', this.#interrupted, { once: true });
    this.#spaceChecks = setInterval(
      () => this.#recording(() => this.#recorder.checkSpace()),
      SPACE_CHECK_MS,
    );
  }

  /** As a decimal string of nanoseconds, for other processes. */
  get t0Ns(): string {
    return String(this.#t0Ns);
  }

  /** Aborted by a failure only. */
  get failed(): AbortSignal {
    return this.#failing.signal;
  }

  /** Recording happens in callbacks, where a throw would look like a defect: a full disk fails the run instead. */
  #recording(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failing.abort(error);
    }
  }

  readonly record = (event: RunEvent): void =>
    this.#recording(() => {
      this.context.onEvent(event);
      this.#watch?.event(event);
      this.#recorder.event(event);
    });

  readonly event = (untimed: Untimed<RunEvent>): void =>
    this.record({ t: this.clock.nowUs(), ...untimed } as RunEvent);

  readonly faultEvent = (event: FaultEvent): void => {
    this.traces.hear(event);
    this.event(event);
  };

  readonly sample = (sample: ClusterSample): void =>
    this.#recording(() => {
      this.#watch?.sample(sample);
      this.#recorder.sample(sample);
    });

  /** From now on it is told what is recorded. */
  watch(watch: AbortWatch): void {
    this.#watch = watch;
  }

  /** Traffic and faults end here; drain, audit and verdict follow as ever. */
  stopEarly({ condition: { text, metric, forMs }, value }: Trigger): void {
    const condition = `${text} for ${formatDuration(forMs)}`;
    this.event({ type: 'stopped-early', condition, metric, value });
    this.#stopping.abort();
  }

  get clusterContext(): ClusterContext {
    const { plan, context, signal } = this;
    return {
      runFolder: plan.folder,
      runId: String(plan.streams.runId),
      progress: context.progress,
      signal,
      onFailure: (error) => this.#failing.abort(error),
      warn: (code, message) => this.event({ type: 'warning', code, message }),
      onNode: ({ type, node, ...rest }) => {
        if ('pid' in rest) this.pids.set(node, rest.pid);
        else this.pids.delete(node);
        this.event({ type: `broker-${type}`, broker: node, ...rest } as Untimed<RunEvent>);
      },
    };
  }

  get loadListener(): LoadListener {
    return {
      onEvent: this.record,
      onSecond: (second) =>
        this.#recording(() => {
          this.context.onSecond(second);
          this.#watch?.second(second);
          this.#recorder.second(second);
        }),
      onFailure: (error) => this.#failing.abort(error),
      onHistogram: (line) =>
        this.#recording(() => {
          this.#watch?.histogram(line);
          this.#recorder.histogram(line);
        }),
    };
  }

  loadPlan(cluster: RunningCluster, names: KafkaNames): LoadPlan {
    const { plan } = this;
    return {
      loads: plan.scenario.load,
      streams: plan.streams,
      bootstrap: cluster.bootstrap,
      routes: cluster.routes ?? NO_ROUTES,
      connection: cluster.connection,
      names,
      seed: plan.seed,
      t0Ns: this.t0Ns,
      runFolder: plan.folder,
    };
  }

  recordEnvironment(cluster: RunningCluster): void {
    this.#recorder.environment({
      machine: machineFacts(),
      cluster: cluster.facts,
      clients: resolveConfigs(this.plan.scenario),
      seed: this.plan.seed,
    });
  }

  /** Waits through a phase and records its borders; returns early when the run ends early. */
  async phase(phase: PhaseName, fromUs: number, toUs: number): Promise<void> {
    await this.#until(fromUs);
    if (this.ending.aborted) return;
    this.event({ type: 'phase-started', phase });
    await this.#until(toUs);
    this.event({ type: 'phase-ended', phase });
  }

  async #until(us: number): Promise<void> {
    const ms = Math.max(0, (us - this.clock.nowUs()) / 1000);
    await pause(ms, this.ending).catch(() => {}); // The signal is asked by the caller.
  }

  /**
   * Records why the run could not go on, and returns it; null when the user interrupted it. What is a defect of
   * ours is recorded and thrown again.
   */
  recordFailure(error: unknown): OrdealError | null {
    const failed = this.failed.aborted;
    if (this.context.signal.aborted && !failed) return null;
    const cause: unknown = failed ? this.failed.reason : firstOf(error);
    const known = cause instanceof OrdealError;
    this.event({ type: 'aborted', code: known ? cause.code : 'defect', message: messageOf(cause) });
    if (!known) throw cause;
    return cause;
  }

  readonly #interrupted = (): void =>
    this.event({ type: 'interrupted', signal: String(this.context.signal.reason) });

  [Symbol.dispose](): void {
    clearInterval(this.#spaceChecks);
    this.context.signal.removeEventListener('abort', this.#interrupted);
    this.event({ type: 'run-ended' });
    this.#recorder[Symbol.dispose]();
  }
}

/** What went wrong first, where a clean-up that failed too has wrapped it. */
function firstOf(error: unknown): unknown {
  const { name, suppressed } = (error ?? {}) as { name?: string; suppressed?: unknown };
  return name === 'SuppressedError' ? firstOf(suppressed) : error;
}
