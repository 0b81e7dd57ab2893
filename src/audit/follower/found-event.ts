/** What the follower found, as evidence. */
import type { EventOf } from '../../evidence/events.ts';
import type { Found } from './followed-place.ts';

/** So many runs of what is gone are named. */
const MOST_RUNS = 20;

type About = 't' | 'topic' | 'partition';
type FoundEvent =
  | Omit<EventOf<'follower-lost'>, About>
  | Omit<EventOf<'follower-gone'>, About>
  | Omit<EventOf<'follower-hidden' | 'follower-shown'>, About>;

/** Without its time and place. */
export function foundEvent(found: Found): FoundEvent {
  const { kind, count } = found;
  if (kind === 'lost') {
    const { offset, stream, first } = found.example;
    return { type: 'follower-lost', count, offset, stream, first };
  }
  if (kind === 'gone') {
    const runs = found.runs.slice(0, MOST_RUNS).map(({ offset, count }) => ({ offset, count }));
    return { type: 'follower-gone', count, runs };
  }
  return { type: `follower-${kind}`, count, highWatermark: found.from };
}
