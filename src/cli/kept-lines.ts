/** The table of `ordeal cluster ls`, and the line by which other verbs say that a cluster is kept. */
import { isAlive, type Kept } from '../cluster/kept/state.ts';

const HEADINGS = ['NAME', 'PROVIDER', 'BROKERS', 'KAFKA', 'AGE', 'RUNS', 'STATE'] as const;
const MINUTE_MS = 60_000;

type Style = (format: 'red' | 'green' | 'yellow', text: string) => string;
type Options = { readonly nowMs: number; readonly style: Style };

/** A heading, and a line for each. RUNS counts from when it was raised last. */
export function keptLines(all: readonly Kept[], options: Options): readonly string[] {
  const rows = [[...HEADINGS], ...all.map((kept) => cells(kept, options))];
  const widths = HEADINGS.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function cells(kept: Kept, { nowMs, style }: Options): string[] {
  const { name, state } = kept;
  if (state === undefined) {
    return [name, '-', '-', '-', '-', '-', style('red', 'dead: its state is damaged')];
  }
  const { provider, cluster, since, uses } = state;
  return [
    ...[name, provider, String(cluster.brokers), cluster.kafka],
    ...[age(nowMs - Date.parse(since)), String(uses), condition(kept, style)],
  ];
}

function condition(kept: Kept, style: Style): string {
  const { state } = kept;
  if (state === undefined || !isAlive(kept)) {
    return style('red', `dead: ${state?.failure ?? 'its keeper is gone'}`);
  }
  if (state.phase === 'free') return style('green', 'free');
  const waits = state.phase === 'raising' && state.run !== null ? `, ${state.run} waits` : '';
  return style('yellow', state.phase === 'in use' ? `in use by ${state.run}` : `raising${waits}`);
}

/** `45 s`, `12 min`, `3 h`, `2 d`. */
function age(ms: number): string {
  const minutes = ms / MINUTE_MS;
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (minutes < 60) return `${Math.floor(minutes)} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/** Undefined when there is none alive. */
export function keptNote(all: readonly Kept[]): string | undefined {
  const names = all.filter(isAlive).map(({ name }) => name);
  return names.length === 0 ? undefined : names.join(', ');
}
