/**
 * What people see while a run goes on, on stderr: a block that redraws itself on a terminal, plain lines elsewhere.
 */
import { createLogUpdate } from 'log-update';
import type { RunEvent } from '../evidence/events.ts';
import type { LoadSecond } from '../evidence/series.ts';
import type { Progress, ProgressEvent } from '../lib/progress.ts';
import { fold, type LiveState, liveState, render } from '../report/live.ts';
import { PlainLines } from '../report/plain.ts';
import { RunClock } from '../report/run-clock.ts';
import type { RunPlan } from '../runner/plan.ts';
import { colourful, tell } from './output.ts';
import { progressText } from './progress-text.ts';

export type View = Disposable & {
  readonly progress: Progress;
  readonly onEvent: (event: RunEvent) => void;
  readonly onSecond: (second: LoadSecond) => void;
};

const REDRAW_MS = 250;
const TICK_MS = 1000;

export const createView = (plan: RunPlan): View => {
  const { scenario, provider, providerWhy, seed, folder } = plan;
  const why = providerWhy === null ? '' : ` (${providerWhy})`;
  tell(`${scenario.name}: ${provider.name} cluster${why}, seed ${seed}, ${folder}`);
  return process.stderr.isTTY && process.env['TERM'] !== 'dumb'
    ? new RedrawnView(plan)
    : new PlainView(plan);
};

/** Plain lines for the borders of long work. */
export const tellProgress: Progress = (event) => {
  if (event.state !== 'advanced') tell(progressText(event));
};

/** Of an experiment: downloads and brokers, which come once; its runs are told in other words. */
export const tellRaising: Progress = (event) => {
  if (event.task !== 'audit') tellProgress(event);
};

class RedrawnView implements View {
  readonly #update = createLogUpdate(process.stderr, { showCursor: true });
  readonly #tasks = new Map<string, ProgressEvent>();
  readonly #timer = setInterval(() => this.#draw(), REDRAW_MS);
  readonly #clock = new RunClock();
  #state: LiveState;

  constructor(plan: RunPlan) {
    this.#state = liveState(plan.scenario);
  }

  readonly progress = (event: ProgressEvent): void => {
    if (event.state === 'done') this.#tasks.delete(event.task);
    else this.#tasks.set(event.task, event);
  };

  readonly onEvent = (event: RunEvent): void => {
    this.#state = fold(this.#state, event);
    this.#clock.hear(event.t, performance.now());
  };

  readonly onSecond = (second: LoadSecond): void => {
    this.#state = fold(this.#state, second);
  };

  #draw(): void {
    this.#state = fold(this.#state, { type: 'tick', t: this.#clock.at(performance.now()) });
    const lines = render(this.#state, process.stderr.columns ?? 80, colourful());
    this.#update([...lines, ...[...this.#tasks.values()].map(progressText)].join('\n'));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#update.clear();
    this.#update.done();
  }
}

class PlainView implements View {
  readonly #lines: PlainLines;
  readonly #timer = setInterval(() => tellAll(this.#lines.tick(performance.now())), TICK_MS);

  constructor(plan: RunPlan) {
    this.#lines = new PlainLines(plan.scenario, performance.now());
  }

  readonly progress = tellProgress;

  readonly onEvent = (event: RunEvent): void => {
    tellAll(this.#lines.event(event, performance.now()));
  };

  readonly onSecond = (second: LoadSecond): void => this.#lines.second(second);

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

const tellAll = (lines: readonly string[]): void => {
  for (const text of lines) tell(text);
};
