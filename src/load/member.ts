/** One worker of a load through all its processes: a fault may kill one, and another one does its work. */
import { join } from 'node:path';
import type { RunEvent } from '../evidence/events.ts';
import { workerLedger } from '../evidence/run-folder.ts';
import { waitFor } from '../lib/deadline.ts';
import type { OrdealError } from '../lib/errors.ts';
import type { Schedule, WorkerControl } from './control.ts';
import { type Disturbance, type FromWorker, UNDISTURBED, type WorkerPlan } from './protocol.ts';
import { begunStreams } from './resume.ts';
import type { WorkerTotals } from './worker-body.ts';
import { type WorkerExit, WorkerProcess } from './worker-process.ts';

/** A group lets a new member in only when the session of the dead one is over, 45 s by default. */
const RESTART_TIMEOUT_MS = 75_000;

export type MemberListener = {
  readonly onMessage: (member: Member, message: FromWorker) => void;
  readonly onExit: (member: Member, exit: WorkerExit & { readonly expected: boolean }) => void;
  /** It has a process again. */
  readonly onStarted: (member: Member) => void;
};

const NOTHING: WorkerTotals = { offered: 0, pending: 0, received: 0, slowed: 0 };

export class Member implements WorkerControl {
  readonly load: string;
  readonly worker: number;
  /** Why its newest process could not begin. */
  failure: OrdealError | null = null;
  readonly #entry: URL;
  readonly #runFolder: string;
  readonly #plan: WorkerPlan;
  readonly #listener: MemberListener;
  #process: WorkerProcess;
  #incarnation = 0;
  #ready = false;
  #schedule: Schedule | null = null;
  #disturbance = UNDISTURBED;
  #stopping = false;
  #assignments = 0;
  /** Of the processes that are gone, and of the one there is. */
  #past = NOTHING;
  #now = NOTHING;

  constructor(entry: URL, runFolder: string, plan: WorkerPlan, listener: MemberListener) {
    this.load = plan.load.name;
    this.worker = plan.worker;
    this.#entry = entry;
    this.#runFolder = runFolder;
    this.#plan = plan;
    this.#listener = listener;
    this.#process = this.#spawn(plan);
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  /** Its newest process is connected. */
  get ready(): boolean {
    return this.#ready;
  }

  get pid(): number | null {
    return this.#process.alive ? this.#process.pid : null;
  }

  get logFile(): string {
    return this.#process.logFile;
  }

  get totals(): WorkerTotals {
    const { offered, received, slowed } = this.#past;
    return {
      offered: offered + this.#now.offered,
      // Nobody waits any more for the answers of a dead worker.
      pending: this.#process.alive ? this.#now.pending : 0,
      received: received + this.#now.received,
      slowed: slowed + this.#now.slowed,
    };
  }

  get slowed(): number {
    return this.totals.slowed;
  }

  get assignments(): number {
    return this.#assignments;
  }

  get disturbance(): Disturbance {
    return this.#disturbance;
  }

  heard(event: RunEvent): void {
    if (event.type === 'assignment' && event.change === 'assigned') this.#assignments += 1;
  }

  begin(schedule: Schedule): void {
    this.#schedule = schedule;
    this.#process.send({ type: 'begin', schedule });
  }

  endAt(endUs: number): void {
    if (this.#schedule !== null) this.#schedule = { ...this.#schedule, endUs };
    this.#process.send({ type: 'end', endUs });
  }

  pause(): void {
    this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  disturb(disturbance: Disturbance): void {
    this.#disturbance = disturbance;
    this.#process.send({ type: 'disturb', ...disturbance });
  }

  async restart(): Promise<void> {
    if (this.#process.alive || this.#stopping) return;
    const { offered, received, slowed } = this.totals;
    this.#past = { offered, pending: 0, received, slowed };
    this.#now = NOTHING;
    const ledgers = this.#ledgers();
    this.#incarnation += 1;
    this.#ready = false;
    this.failure = null;
    const begun = begunStreams(ledgers);
    this.#process = this.#spawn({ ...this.#plan, incarnation: this.#incarnation, begun });
    this.#listener.onStarted(this);
    await waitFor(`worker ${this.worker} of load ${this.load} again`, () => this.#isBack(), {
      timeoutMs: RESTART_TIMEOUT_MS,
      everyMs: 20,
    });
    if (this.#schedule !== null) this.begin(this.#schedule);
    this.disturb(this.#disturbance);
  }

  #isBack(): boolean {
    if (this.failure !== null) throw this.failure;
    return this.#ready || this.#stopping;
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    return this.#process.stop(graceMs);
  }

  #ledgers(): readonly string[] {
    return Array.from({ length: this.#incarnation + 1 }, (_, incarnation) =>
      join(this.#runFolder, workerLedger(this.load, this.worker, incarnation)),
    );
  }

  #spawn(plan: WorkerPlan): WorkerProcess {
    return new WorkerProcess(this.#entry, this.#runFolder, plan, {
      onMessage: (message) => this.#received(message),
      onExit: (exit) => this.#listener.onExit(this, exit),
    });
  }

  #received(message: FromWorker): void {
    if (message.type === 'ready') this.#ready = true;
    else if (message.type === 'status') this.#now = message;
    this.#listener.onMessage(this, message);
  }
}
