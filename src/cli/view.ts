/** What people see while a run goes on. */
import type { RunEvent } from '../evidence/events.ts';
import type { LoadSecond } from '../evidence/series.ts';
import type { Progress } from '../lib/progress.ts';
import type { RunPlan } from '../runner/plan.ts';
import { tell } from './output.ts';

export type View = Disposable & {
  readonly progress: Progress;
  readonly onEvent: (event: RunEvent) => void;
  readonly onSecond: (second: LoadSecond) => void;
};

export function createView(plan: RunPlan): View {
  tell(`${plan.scenario.name}: seed ${plan.seed}`);
  return {
    progress: ({ task, state, detail }) => {
      if (state !== 'advanced')
        tell(`${task}: ${state}${detail === undefined ? '' : ` ${detail}`}`);
    },
    onEvent: (event) => tell(JSON.stringify(event)),
    onSecond: () => {},
    [Symbol.dispose]: () => {},
  };
}
