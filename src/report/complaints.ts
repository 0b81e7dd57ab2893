/**
 * What clients complain about, told calmly: at once when it begins, then summed up at growing intervals, one line a
 * load. Pure, and only for people who watch: the events file keeps every one.
 */
import type { EventOf } from '../evidence/events.ts';
import { count } from './format.ts';

type OfLoad = {
  /** Counts by text since the last line. */
  readonly pending: Readonly<Record<string, number>>;
  /** Texts since the complaints began. */
  readonly known: readonly string[];
  /** A text that was never told is pending. */
  readonly fresh: boolean;
  readonly heardUs: number;
  readonly toldUs: number;
  readonly waitUs: number;
};

/** By load. */
export type Complaints = Readonly<Record<string, OfLoad>>;

/** Lines of one load are at least so far apart; without anything new, twice as far each time up to the longest. */
const FIRST_WAIT_US = 10_000_000;
const LONGEST_WAIT_US = 60_000_000;
/** After so long without a complaint the next one is news again. */
const QUIET_US = 60_000_000;
const KNOWN_TEXTS = 50;
const TEXTS_A_LINE = 3;
const CHARACTERS = 100;

const silent = (): OfLoad => ({
  pending: {},
  known: [],
  fresh: false,
  heardUs: Number.NEGATIVE_INFINITY,
  toldUs: Number.NEGATIVE_INFINITY,
  waitUs: FIRST_WAIT_US,
});

export function hear(
  complaints: Complaints,
  { load, message, count: times }: EventOf<'client-error'>,
  nowUs: number,
): Complaints {
  const before = complaints[load] ?? silent();
  const { pending, known, toldUs } = before;
  const over = nowUs - before.heardUs > QUIET_US;
  const one = over ? { ...silent(), pending, toldUs } : before;
  const isNew = !one.known.includes(message) && one.known.length < KNOWN_TEXTS;
  return {
    ...complaints,
    [load]: {
      ...one,
      pending: { ...pending, [message]: (pending[message] ?? 0) + times },
      known: isNew ? [...(over ? [] : known), message] : one.known,
      fresh: one.fresh || isNew,
      heardUs: nowUs,
    },
  };
}

/** The lines that are due, and what stays to be told; `all`: nothing may stay. */
export function due(
  complaints: Complaints,
  nowUs: number,
  all = false,
): { readonly complaints: Complaints; readonly lines: readonly string[] } {
  const ripe = Object.entries(complaints).filter(([, one]) => all || isRipe(one, nowUs));
  const lines = ripe.flatMap(([load, { pending }]) => lineOf(load, pending));
  if (lines.length === 0) return { complaints, lines };
  const told = ripe.map(([load, one]) => [load, afterTelling(one, nowUs)] as const);
  return { complaints: { ...complaints, ...Object.fromEntries(told) }, lines };
}

const isRipe = ({ pending, fresh, toldUs, waitUs }: OfLoad, nowUs: number): boolean =>
  Object.keys(pending).length > 0 && nowUs >= toldUs + (fresh ? FIRST_WAIT_US : waitUs);

const afterTelling = (one: OfLoad, nowUs: number): OfLoad => ({
  ...one,
  pending: {},
  fresh: false,
  toldUs: nowUs,
  waitUs: one.fresh ? FIRST_WAIT_US : Math.min(2 * one.waitUs, LONGEST_WAIT_US),
});

const clip = (text: string): string =>
  text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)}…` : text;

/** The most frequent first: `billing: 8 × Crash: …; 3 × Connection error: …; 12 others`. */
function lineOf(load: string, pending: Readonly<Record<string, number>>): string[] {
  const texts = Object.entries(pending).sort(([, a], [, b]) => b - a);
  if (texts.length === 0) return [];
  const shown = texts
    .slice(0, TEXTS_A_LINE)
    .map(([text, times]) => `${count(times)} × ${clip(text)}`);
  const others = texts.slice(TEXTS_A_LINE).reduce((sum, [, times]) => sum + times, 0);
  return [`${load}: ${[...shown, ...(others > 0 ? [`${count(others)} others`] : [])].join('; ')}`];
}
