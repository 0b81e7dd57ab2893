/**
 * A load worker: receives orders, runs a body, reports. Everything that ties it to a process (how messages travel,
 * where the ledger lies, how it exits) is given to it.
 */
import { loadClient } from '../clients/registry.ts';
import type { LedgerWriter } from '../evidence/ledger.ts';
import { workerLedger } from '../evidence/run-folder.ts';
import { type Clock, createClock } from '../lib/clock.ts';
import { messageOf, OrdealError } from '../lib/errors.ts';
import { ConsumerBody } from './consumer-body.ts';
import { FailingLedger } from './failing-ledger.ts';
import { ProducerBody } from './producer-body.ts';
import type { Disturbance, FromWorker, ToWorker, WorkerPlan, WorkerPort } from './protocol.ts';
import { createUsage } from './usage.ts';
import type { BodyContext, WorkerBody } from './worker-body.ts';

const STATUS_EVERY_US = 100_000;

export type WorkerHost = {
  readonly port: WorkerPort;
  readonly openLedger: () => LedgerWriter;
  /** The worker is done: nothing more will be sent. */
  readonly exit: () => void;
};

export type Worker = { readonly receive: (message: ToWorker) => Promise<void> };

export function createWorker(host: WorkerHost): Worker {
  let running: Running | null = null;
  const handle = async (message: ToWorker): Promise<void> => {
    if (message.type === 'start') {
      running = new Running(host, message.plan);
      await running.start();
    } else if (message.type === 'begin') {
      running?.begin(message);
    } else if (message.type === 'end') {
      running?.endAt(message.endUs);
    } else if (message.type === 'disturb') {
      running?.disturb(message);
    } else {
      await running?.stop(message.graceMs);
      host.port.send({ type: 'stopped' });
      host.exit();
    }
  };
  return {
    receive: async (message) => {
      try {
        await handle(message);
      } catch (error) {
        host.port.send(failure(error));
      }
    },
  };
}

function failure(error: unknown): FromWorker {
  const known = error instanceof OrdealError ? error : null;
  return {
    type: 'failed',
    code: known?.code ?? 'worker.failed',
    message: messageOf(error),
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
  };
}

class Running {
  readonly #host: WorkerHost;
  readonly #plan: WorkerPlan;
  readonly #clock: Clock;
  readonly #ledger: FailingLedger;
  readonly #usage = createUsage();
  #body: WorkerBody | null = null;
  #measureUs: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #statusUs = 0;
  #second = Number.NEGATIVE_INFINITY;

  constructor(host: WorkerHost, plan: WorkerPlan) {
    this.#host = host;
    this.#plan = plan;
    this.#clock = createClock(BigInt(plan.t0Ns));
    this.#ledger = new FailingLedger(host.openLedger(), (error) =>
      host.port.send({
        ...{ type: 'failed', code: 'ledger.unwritable' },
        ...{ message: `the ledger of load ${plan.load.name} cannot be written: ${error}` },
        ...{ hint: 'free space in the run folder, or choose another place with --out' },
      }),
    );
  }

  async start(): Promise<void> {
    const { load } = this.#plan;
    const library = await loadClient(load.client);
    const { port } = this.#host;
    const context: BodyContext = { clock: this.#clock, ledger: this.#ledger, port };
    this.#body =
      load.kind === 'produce'
        ? new ProducerBody(this.#plan, load, library, context)
        : new ConsumerBody(this.#plan, load, library, context);
    this.#tick(this.#body);
    await this.#body.start();
    port.send({ type: 'ready' });
  }

  begin({ schedule }: Extract<ToWorker, { type: 'begin' }>): void {
    this.#measureUs = schedule.measureUs;
    this.#body?.begin(schedule);
  }

  endAt(endUs: number): void {
    this.#body?.endAt(endUs);
  }

  disturb(disturbance: Disturbance): void {
    this.#body?.disturb(disturbance);
  }

  async stop(graceMs: number): Promise<void> {
    clearTimeout(this.#timer);
    await this.#body?.stop(graceMs);
    clearTimeout(this.#timer);
    if (this.#body !== null) this.#report(this.#body, true);
    this.#endLedger();
  }

  /** Told last, so that whoever reads the ledger later can tell whether it is whole. */
  #endLedger(): void {
    const end = this.#ledger.close();
    if (end === null) return;
    const { load, worker, incarnation } = this.#plan;
    const file = workerLedger(load.name, worker, incarnation);
    const event = { t: this.#clock.nowUs(), type: 'ledger-ended', file, ...end } as const;
    this.#host.port.send({ type: 'event', event });
  }

  #tick(body: WorkerBody): void {
    body.tick();
    const nowUs = this.#clock.nowUs();
    if (nowUs - this.#statusUs >= STATUS_EVERY_US) {
      this.#statusUs = nowUs;
      this.#report(body, false);
    }
    this.#timer = setTimeout(() => this.#tick(body), body.tickMs);
  }

  /** Counts go out when a second is over, so that most seconds take one line. */
  #report(body: WorkerBody, final: boolean): void {
    const { port } = this.#host;
    this.#ledger.flush();
    port.send({ type: 'status', ...body.totals() });
    const second = Math.floor((this.#clock.nowUs() - (this.#measureUs ?? 0)) / 1_000_000);
    if (second === this.#second && !final) return;
    this.#second = second;
    for (const event of body.problems()) port.send({ type: 'event', event });
    if (this.#measureUs === null) return;
    const { load, worker } = this.#plan;
    const usage = { load: load.name, worker, second: second - 1, ...this.#usage() };
    const deltas = body.flush() ?? { seconds: [], histograms: [] };
    port.send({ type: 'counts', ...deltas, seconds: [...deltas.seconds, usage] });
  }
}
