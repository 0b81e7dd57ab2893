/**
 * What a run looks like while it goes on: a pure fold over its events and seconds, and two ways to show the state.
 * Nothing here prints or knows the time; whoever shows it folds in a tick now and then.
 */
import type { FollowerTotals, PhaseName, RunEvent } from '../evidence/events.ts';
import type { LoadSecond } from '../evidence/series.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Complaints, due, hear } from './complaints.ts';
import { eventText } from './event-text.ts';
import { count, plural } from './format.ts';
import { type Paint, paint } from './paint.ts';

/** The clock: `t` is microseconds since t0, as in events. */
export type Tick = { readonly type: 'tick'; readonly t: number };
export type LiveInput = RunEvent | LoadSecond | Tick;

export type Told = { readonly t: number; readonly text: string };

type Gauge = { readonly second: number; readonly now: number };

export type LiveLoad = {
  readonly kind: 'produce' | 'consume';
  readonly offered: number;
  /** Acknowledged, or received. */
  readonly done: number;
  readonly errors: number;
  /** The second that is being added up, and the rate of the last whole one. */
  readonly current: Gauge;
  readonly perSecond: number | null;
  readonly backlog: Readonly<Record<number, number>>;
};

export type LiveState = {
  readonly scenario: string;
  /** Null for a cluster that ordeal does not run: who is up there, nobody tells. */
  readonly brokers: number | null;
  readonly up: readonly number[];
  readonly nowUs: number;
  readonly schedule: { readonly measureUs: number; readonly endUs: number } | null;
  readonly phase: PhaseName | null;
  readonly drainMs: number;
  readonly drainSinceUs: number | null;
  readonly loads: Readonly<Record<string, LiveLoad>>;
  /** What the follower has seen; null when there is none. */
  readonly followed: FollowerTotals | null;
  /** Faults in force and what they hit. */
  readonly faults: Readonly<Record<string, string>>;
  /** What clients complained about and was not told yet. */
  readonly complaints: Complaints;
  /** What the input folded in last gave to tell; `t` as in events. */
  readonly told: readonly Told[];
  /** The last few things that were told, newest last. */
  readonly recent: readonly string[];
};

const RECENT = 4;

export function liveState(scenario: Scenario): LiveState {
  const { cluster } = scenario;
  const load = (kind: LiveLoad['kind']): LiveLoad => ({
    kind,
    offered: 0,
    done: 0,
    errors: 0,
    current: { second: Number.NEGATIVE_INFINITY, now: 0 },
    perSecond: null,
    backlog: {},
  });
  return {
    scenario: scenario.name,
    brokers: cluster.provider === 'external' ? null : cluster.brokers + cluster.controllers,
    up: [],
    nowUs: 0,
    schedule: null,
    phase: null,
    drainMs: scenario.phases.drainMs,
    drainSinceUs: null,
    loads: Object.fromEntries(scenario.load.map(({ name, kind }) => [name, load(kind)])),
    followed: null,
    faults: {},
    complaints: {},
    told: [],
    recent: [],
  };
}

export function fold(state: LiveState, input: LiveInput): LiveState {
  if (!('type' in input)) return { ...foldSecond(state, input), told: [] };
  const at = { ...state, nowUs: Math.max(state.nowUs, input.t) };
  if (input.type === 'tick') return tell(at, []);
  if (input.type === 'client-error') {
    return tell({ ...at, complaints: hear(at.complaints, input, at.nowUs) }, []);
  }
  const text = eventText(input);
  return tell(
    foldEvent(at, input),
    text === null ? [] : [{ t: input.t, text }],
    input.type === 'run-ended',
  );
}

/** With the complaints that are due; with all that are left when the run is over. */
function tell(state: LiveState, news: readonly Told[], over = false): LiveState {
  const { complaints, lines } = due(state.complaints, state.nowUs, over);
  const told = [...news, ...lines.map((text) => ({ t: state.nowUs, text }))];
  const stamped = told.map(({ t, text }) => `${clockText(state, t)}  ${text}`);
  return { ...state, complaints, told, recent: [...state.recent, ...stamped].slice(-RECENT) };
}

function foldEvent(state: LiveState, event: RunEvent): LiveState {
  switch (event.type) {
    case 'schedule':
      return { ...state, schedule: event };
    case 'phase-started': {
      const { phase, t } = event;
      return { ...state, phase, drainSinceUs: phase === 'drain' ? t : state.drainSinceUs };
    }
    case 'followed':
    case 'follower-ended':
      return { ...state, followed: event };
    case 'phase-ended':
      return { ...state, phase: null };
    case 'broker-started':
      return { ...state, up: [...new Set([...state.up, event.broker])] };
    case 'broker-exited':
      return { ...state, up: state.up.filter((id) => id !== event.broker) };
    case 'fault-injected':
      return { ...state, faults: { ...state.faults, [event.fault]: event.target } };
    case 'fault-healed': {
      const { [event.fault]: _, ...faults } = state.faults;
      return { ...state, faults };
    }
    default:
      return state;
  }
}

function foldSecond(state: LiveState, line: LoadSecond): LiveState {
  const load = state.loads[line.load];
  if (load === undefined) return state;
  const now = (load.kind === 'produce' ? line.ackedNow : line.received) ?? 0;
  const total = load.kind === 'produce' ? (line.acknowledged ?? 0) : now;
  const next: LiveLoad = {
    ...load,
    offered: load.offered + (line.offered ?? 0),
    done: load.done + total,
    errors: load.errors + (line.failed ?? 0) + (line.unknown ?? 0),
    ...advance(load, line.second, now),
    backlog:
      line.backlog === undefined ? load.backlog : { ...load.backlog, [line.worker]: line.backlog },
  };
  return { ...state, loads: { ...state.loads, [line.load]: next } };
}

function advance(
  { current, perSecond }: LiveLoad,
  second: number,
  now: number,
): Pick<LiveLoad, 'current' | 'perSecond'> {
  if (second < current.second) return { current, perSecond };
  if (second === current.second) return { current: { second, now: current.now + now }, perSecond };
  const whole = Number.isFinite(current.second) ? current.now : null;
  return { current: { second, now }, perSecond: whole };
}

/** Lines for a block that is drawn over and over, none wider than `width` columns. */
export function render(state: LiveState, width: number, colour = false): string[] {
  const ink = paint(colour);
  const lines = [
    `${state.scenario}  ${phaseText(state)}  ${brokerText(state)}`,
    ...Object.entries(state.loads).map(([name, load]) => `  ${loadText(name, load)}`),
    ...followed(state).map((text) => `  ${text}`),
    ...Object.entries(state.faults).map(([name, target]) => `  ! ${name}: ${target}`),
    ...state.recent.map((text) => `  ${text}`),
  ].map((text) => cut(text, width));
  return lines.map((text, i) => tint(text, i, ink));
}

/** All of it in one line, for logs. */
export function line(state: LiveState): string {
  const faults = Object.entries(state.faults).map(([name, target]) => `${name} on ${target}`);
  return [
    phaseText(state),
    ...Object.entries(state.loads).map(([name, load]) => loadText(name, load)),
    ...followed(state),
    brokerText(state),
    ...faults,
  ].join('; ');
}

const tint = (text: string, index: number, ink: Paint): string => {
  if (index === 0) return ink.bold(text);
  return text.startsWith('  ! ') ? ink.yellow(text) : text;
};

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

function phaseText(state: LiveState): string {
  const { phase, schedule, nowUs, drainSinceUs, drainMs } = state;
  if (schedule === null) return 'starting';
  if (phase === null) return drainSinceUs === null ? 'ready' : 'audit';
  const end = {
    warmup: schedule.measureUs,
    measure: schedule.endUs,
    drain: (drainSinceUs ?? schedule.endUs) + drainMs * 1000,
  }[phase];
  const left = Math.max(0, Math.ceil((end - nowUs) / 1e6));
  return phase === 'drain' ? `drain, at most ${left} s` : `${phase}, ${left} s left`;
}

function followed({ followed: seen }: LiveState): readonly string[] {
  if (seen === null) return [];
  const { read, lost, gone, hidden, skipped } = seen;
  const parts = [
    `${plural(read, 'record')} read`,
    `${count(lost)} lost`,
    `${count(hidden)} not yet visible`,
    ...(gone > 0 ? [`${count(gone)} read and gone`] : []),
    ...(skipped > 0 ? [`${count(skipped)} skipped`] : []),
  ];
  return [`followed: ${parts.join(', ')}`];
}

const brokerText = ({ up, brokers }: LiveState): string =>
  brokers === null ? 'external cluster' : `${up.length} of ${plural(brokers, 'node')} up`;

function loadText(name: string, load: LiveLoad): string {
  const rate = load.perSecond === null ? '' : ` at ${count(load.perSecond)}/s`;
  if (load.kind === 'consume') return `${name}: ${count(load.done)} received${rate}`;
  const backlog = Object.values(load.backlog).reduce((sum, value) => sum + value, 0);
  const errors = load.errors > 0 ? `, ${plural(load.errors, 'error')}` : '';
  return `${name}: ${count(load.offered)} offered, ${count(load.done)} acknowledged${rate}, ${count(backlog)} waiting${errors}`;
}

/** Seconds from the start of `measure`, once that is known. */
function clockText({ schedule }: LiveState, t: number): string {
  const seconds = (t - (schedule?.measureUs ?? 0)) / 1e6;
  return schedule === null ? ' '.repeat(7) : `${seconds.toFixed(1)} s`.padStart(7);
}
