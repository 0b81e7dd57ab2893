/** When some partition had no leader or a replica out of the ISR, as sampled; told in spans of time. */
import type { RunEvidence } from '../evidence/read-run.ts';
import { sinceMeasureMs } from '../evidence/read-run.ts';

/** Whether every partition was led and in full ISR at every sample within [fromMs, toMs). */
export type FullIsr = (fromMs: number, toMs: number) => boolean;

export function fullIsrOf({ events, schedule }: RunEvidence): FullIsr {
  const reduced = new Set<string>();
  const changes: { readonly atMs: number; readonly full: boolean }[] = [];
  for (const event of events) {
    if (event.type !== 'leadership') continue;
    const place = `${event.topic}/${event.partition}`;
    if (event.leader >= 0 && event.isr.length >= event.replicas.length) reduced.delete(place);
    else reduced.add(place);
    changes.push({ atMs: sinceMeasureMs(schedule, event.t), full: reduced.size === 0 });
  }
  return (fromMs, toMs) => {
    const before = changes.findLast(({ atMs }) => atMs <= fromMs);
    return (
      (before?.full ?? true) &&
      changes.every(({ atMs, full }) => full || atMs <= fromMs || atMs >= toMs)
    );
  };
}
