/** Events as sentences; null for those that nobody needs to read as they happen, and for complaints, which are summed up. */
import type { EventOf, RunEvent } from '../evidence/events.ts';

type Teller = {
  [T in RunEvent['type']]?: (event: Extract<RunEvent, { type: T }>) => string | null;
};

const records = (count: number): string => `${count} ${count === 1 ? 'record' : 'records'}`;

const how = ({ code, signal }: { code: number | null; signal: string | null }): string =>
  signal ?? `exit code ${code}`;

/** `leader 2, ISR 2,3`. */
export const leadershipText = ({ leader, isr }: EventOf<'leadership'>): string =>
  `${leader < 0 ? 'no leader' : `leader ${leader}`}, ISR ${isr.join(',')}`;

const TELL: Teller = {
  'phase-started': ({ phase }) => `${phase} begins`,
  'broker-started': ({ broker }) => `broker ${broker} started`,
  'broker-exited': (event) =>
    `broker ${event.broker} ${event.expected ? 'ended' : 'died by itself'} (${how(event)})`,
  'worker-exited': (event) =>
    event.expected && event.code === 0
      ? null
      : `a worker of ${event.load} ${event.expected ? 'ended' : 'died'} (${how(event)})`,
  'worker-started': ({ load, incarnation = 0 }) =>
    incarnation === 0 ? null : `a worker of ${load} started again`,
  'records-dropped': ({ load, count }) =>
    `${count} records of ${load} were due while its worker was gone, and were never sent`,
  'fault-injected': ({ fault, kind, target }) => `${fault}: ${kind} ${target}`,
  'fault-probed': ({ fault, proven, evidence }) =>
    `${fault}: ${proven ? evidence : `effect not seen: ${evidence}`}`,
  'fault-healing': ({ fault }) => `${fault}: healing`,
  'fault-healed': ({ fault }) => `${fault}: healed`,
  'fault-failed': ({ fault, step, message }) => `${fault}: failed to ${step}: ${message}`,
  leadership: (event) => `${event.topic}/${event.partition}: ${leadershipText(event)}`,
  controller: ({ id }) => `controller is ${id}`,
  'observe-failed': ({ message }) => `could not look at the cluster: ${message}`,
  'follower-lost': ({ topic, partition, offset, count }) =>
    count === 1
      ? `${topic}/${partition}: an acknowledged record is not at its offset, ${offset}`
      : `${topic}/${partition}: ${count} acknowledged records are not at their offsets, from ${offset} on`,
  'follower-gone': ({ topic, partition, count, runs }) =>
    `${topic}/${partition}: ${records(count)} that had been read ${count === 1 ? 'is' : 'are'} gone, from offset ${runs[0]?.offset} on`,
  'follower-hidden': ({ topic, partition, count, highWatermark }) =>
    `${topic}/${partition}: ${records(count)} acknowledged and not yet visible behind offset ${highWatermark}`,
  'follower-shown': ({ topic, partition, count }) =>
    `${topic}/${partition}: the ${records(count)} not yet visible ${count === 1 ? 'is' : 'are'} visible now`,
  'follower-ended': ({ read, compared, skipped }) =>
    `followed: ${records(read)} read, ${compared} acknowledged ones compared${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  'audit-skipped': ({ topic, partition, reason }) =>
    `${topic}/${partition} cannot be audited: ${reason}`,
  'consumers-started': ({ load }) => `${load} begins to consume`,
  'stopped-early': ({ condition }) => `stopped early: ${condition}`,
  interrupted: ({ signal }) => `interrupted by ${signal}`,
  warning: ({ message }) => message,
  aborted: ({ message }) => `the run cannot go on: ${message}`,
};

export function eventText(event: RunEvent): string | null {
  const tell = TELL[event.type] as ((event: RunEvent) => string | null) | undefined;
  return tell === undefined ? null : tell(event);
}
