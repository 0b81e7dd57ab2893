/** One line for a task that is under way: `Kafka 4.3.1 jars  23.1 of 54.0 MB`. */
import type { ProgressEvent } from '../lib/progress.ts';

export function progressText(event: ProgressEvent): string {
  const words = event.state === 'started' || event.state === 'advanced' ? '' : event.state;
  return [event.task, amount(event), event.detail ?? '', words]
    .filter((part) => part !== '')
    .join('  ');
}

function amount({ done, total, unit }: ProgressEvent): string {
  if (done === undefined) return '';
  const scale = unit === 'bytes' ? 1e6 : 1;
  const digits = unit === 'bytes' ? 1 : 0;
  const name = unit === 'bytes' ? 'MB' : (unit ?? '');
  const of = total === undefined ? '' : ` of ${(total / scale).toFixed(digits)}`;
  return `${(done / scale).toFixed(digits)}${of} ${name}`.trimEnd();
}
