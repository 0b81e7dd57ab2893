/**
 * What the scenario itself says must not go on (`abort-on`): a run that it stopped fails, as by an expectation that did
 * not hold, unless a gate says that the harness or the machine may have been the cause.
 */
import { type RunEvidence, sinceMeasureMs } from '../evidence/read-run.ts';
import { formatValue } from '../scenario/expectation.ts';
import { isMetricName, METRICS } from '../scenario/metrics.ts';
import type { Reason } from './result.ts';

export const stopsEarly = ({
  events,
  schedule,
}: Pick<RunEvidence, 'events' | 'schedule'>): readonly Reason[] =>
  events.flatMap((event) => {
    if (event.type !== 'stopped-early') return [];
    const { condition, metric, value, t } = event;
    const unit = isMetricName(metric) ? METRICS[metric].unit : 'count';
    const was = formatValue(unit, Number(value.toPrecision(3)));
    const message = `abort-on stopped the run: ${condition}; it was ${was}`;
    return [{ code: 'stopped-early', message, at: sinceMeasureMs(schedule, t) }];
  });
