/** What workers that a fault killed still waited for when they died: nobody waits for it any more. */
import type { RawEntry } from '../evidence/ledger.ts';
import type { RunEvidence, WorkerLedger } from '../evidence/read-run.ts';

/** When a fault killed the ledger's writer, in run-clock microseconds; null when none did. */
export function deathUs(ledger: WorkerLedger, { events }: RunEvidence): number | null {
  const exits = events.flatMap((event) =>
    event.type === 'worker-exited' && event.load === ledger.load && event.worker === ledger.worker
      ? [event]
      : [],
  );
  const exit = exits[ledger.incarnation];
  return exit?.expected && exit.code !== 0 ? exit.t : null;
}

type OnBuried = (place: number, count: number, diedUs: number) => void;

/** What workers that a fault will kill wait for, by ledger and place. */
export class DeadWaits {
  readonly #open: { readonly source: number; readonly diedUs: number }[];
  readonly #waiting = new Map<number, Map<number, number>>();

  /** When the writer of each ledger was killed; null for never. */
  constructor(deaths: readonly (number | null)[]) {
    this.#open = deaths
      .flatMap((diedUs, source) => (diedUs === null ? [] : [{ source, diedUs }]))
      .sort((a, b) => a.diedUs - b.diedUs);
    for (const { source } of this.#open) this.#waiting.set(source, new Map());
  }

  add(source: number, place: number, { kind, count }: RawEntry): void {
    if (kind !== 'intent' && kind !== 'outcome') return;
    const waiting = this.#waiting.get(source);
    waiting?.set(place, (waiting.get(place) ?? 0) + (kind === 'intent' ? count : -count));
  }

  /** Of those that died before. */
  bury(nowUs: number, onBuried: OnBuried): void {
    for (
      let next = this.#open[0];
      next !== undefined && next.diedUs < nowUs;
      next = this.#open[0]
    ) {
      const { source, diedUs } = next;
      for (const [place, count] of this.#waiting.get(source) ?? []) {
        if (count > 0) onBuried(place, count, diedUs);
      }
      this.#open.shift();
    }
  }
}
