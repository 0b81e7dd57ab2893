/** How a group caught up with its backlog, in one sentence. */
import type { CatchUp } from '../measure/measures.ts';
import type { Result } from '../verify/result.ts';
import { bytesPerSecond as byteRate, count, duration, perSecond } from './format.ts';

export const catchUpLines = ({ load }: Pick<Result, 'load'>): string[] =>
  Object.entries(load).flatMap(([name, { catchUp }]) =>
    catchUp === undefined
      ? []
      : [
          `${name} ${catchUp === null ? 'was not seen to catch up: that could not be measured' : told(catchUp)}`,
        ],
  );

function told({ backlog, catchUpMs, watchedMs, ratePerSecond, bytesPerSecond }: CatchUp): string {
  const pace = `at ${perSecond(ratePerSecond)} (${byteRate(bytesPerSecond)})`;
  return catchUpMs === null
    ? `began ${count(backlog)} records behind and had not caught up after ${duration(watchedMs)} ${pace}`
    : `began ${count(backlog)} records behind and caught up in ${duration(catchUpMs)} ${pace}`;
}
