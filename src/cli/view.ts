/**
 * What people see while a run goes on, on stderr: a block that redraws itself on a terminal, plain lines elsewhere.
 */
import { createLogUpdate } from 'log-update';
import type { RunEvent } from '../evidence/events.ts';
import type { LoadSecond } from '../evidence/series.ts';
import type { Progress, ProgressEvent } from '../lib/progress.ts';
import { eventText } from '../report/event-text.ts';
import { fold, type LiveState, line, liveState, render } from '../report/live.ts';
import type { RunPlan } from '../runner/plan.ts';
import { colourful, tell } from './output.ts';
import { progressText } from './progress-text.ts';

export type View = Disposable & {
  readonly progress: Progress;
  readonly onEvent: (event: RunEvent) => void;
  readonly onSecond: (second: LoadSecond) => void;
};

const REDRAW_MS = 250;
const PLAIN_LINE_MS = 10_000;

export const createView = (plan: RunPlan): View => {
  tell(`${plan.scenario.name}: ${plan.provider.name} cluster, seed ${plan.seed}, ${plan.folder}`);
  return process.stderr.isTTY && process.env['TERM'] !== 'dumb'
    ? new RedrawnView(plan)
    : plainView(plan);
};

class RedrawnView implements View {
  readonly #update = createLogUpdate(process.stderr, { showCursor: true });
  readonly #tasks = new Map<string, ProgressEvent>();
  readonly #timer = setInterval(() => this.#draw(), REDRAW_MS);
  #state: LiveState;
  /** Between events the clock goes on by itself, from the last one heard. */
  #heard = { us: 0, at: performance.now() };

  constructor(plan: RunPlan) {
    this.#state = liveState(plan.scenario);
  }

  readonly progress = (event: ProgressEvent): void => {
    if (event.state === 'done') this.#tasks.delete(event.task);
    else this.#tasks.set(event.task, event);
  };

  readonly onEvent = (event: RunEvent): void => {
    this.#state = fold(this.#state, event);
    this.#heard = { us: event.t, at: performance.now() };
  };

  readonly onSecond = (second: LoadSecond): void => {
    this.#state = fold(this.#state, second);
  };

  #draw(): void {
    const t = this.#heard.us + (performance.now() - this.#heard.at) * 1000;
    this.#state = fold(this.#state, { type: 'tick', t });
    const lines = render(this.#state, process.stderr.columns ?? 80, colourful());
    this.#update([...lines, ...[...this.#tasks.values()].map(progressText)].join('\n'));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#update.clear();
    this.#update.done();
  }
}

function plainView(plan: RunPlan): View {
  let state = liveState(plan.scenario);
  let told = performance.now();
  const measureUs = (): number => state.schedule?.measureUs ?? 0;
  return {
    progress: (event) => {
      if (event.state !== 'advanced') tell(progressText(event));
    },
    onEvent: (event) => {
      state = fold(state, event);
      const text = eventText(event);
      if (text !== null)
        tell(`${((event.t - measureUs()) / 1e6).toFixed(1).padStart(7)} s  ${text}`);
    },
    onSecond: (second) => {
      state = fold(state, second);
      if (performance.now() - told < PLAIN_LINE_MS) return;
      told = performance.now();
      tell(line(state));
    },
    [Symbol.dispose]: () => {},
  };
}
