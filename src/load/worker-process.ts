/** One worker process: started, spoken to, paused, killed; it never outlives `stop`. */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { workerLedger } from '../evidence/run-folder.ts';
import type { FromWorker, ToWorker, WorkerPlan } from './protocol.ts';

/** Heaps stay small: what a load holds for long lies in typed arrays outside of them. */
const NODE_FLAGS = [
  '--max-old-space-size=160',
  '--max-semi-space-size=4',
  // kafkajs 2.2.4 sets timers to times that are over.
  '--disable-warning=TimeoutNegativeWarning',
];

export type WorkerExit = { readonly code: number | null; readonly signal: string | null };

export type WorkerListener = {
  readonly onMessage: (message: FromWorker) => void;
  /** `expected`: we made it end. */
  readonly onExit: (exit: WorkerExit & { readonly expected: boolean }) => void;
};

export class WorkerProcess {
  readonly plan: WorkerPlan;
  readonly logFile: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  /** We sent SIGKILL because a fault says so. */
  #killed = false;
  #stopping = false;
  #alive = true;

  /** `entry` is the compiled worker-main. */
  constructor(entry: URL, runFolder: string, plan: WorkerPlan, listener: WorkerListener) {
    this.plan = plan;
    const { load, worker, incarnation } = plan;
    this.logFile = join(runFolder, 'logs', `worker-${load.name}-${worker}.log`);
    const log = openSync(this.logFile, 'a');
    const ledger = join(runFolder, workerLedger(load.name, worker, incarnation));
    this.#child = fork(entry, [ledger], {
      execArgv: NODE_FLAGS,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#child.on('message', (message) => listener.onMessage(message as FromWorker));
    this.#exited = new Promise((resolve) => {
      const ended = (code: number | null, signal: string | null): void => {
        if (!this.#alive) return;
        this.#alive = false;
        // Asked to stop, it must end by itself and cleanly: otherwise its last evidence is missing.
        const expected = this.#killed || (this.#stopping && code === 0);
        listener.onExit({ code, signal, expected });
        resolve();
      };
      this.#child.once('exit', ended);
      this.#child.once('error', () => this.pid === null && ended(null, null));
    });
    this.send({ type: 'start', plan });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Null when the process could not be started. */
  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  send(message: ToWorker): void {
    // An error here means that it is gone, which `onExit` tells.
    if (this.#alive && this.#child.connected) this.#child.send(message, () => {});
  }

  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#killed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#exited;
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.resume();
    this.send({ type: 'stop', graceMs });
    const giveUp = new AbortController();
    const late = delay(graceMs, undefined, { signal: giveUp.signal }).then(
      () => this.#end(),
      () => {}, // It exited in time.
    );
    await Promise.race([this.#exited, late]);
    giveUp.abort();
  }

  #signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    if (this.#alive) this.#child.kill(signal);
  }
}
