/** What client libraries complain about, counted by message, so that an outage makes a few events and no flood. */
import type { EventOf } from '../evidence/events.ts';

/** Distinct messages kept between two reports; the rest is counted together. */
const DISTINCT = 20;
const MESSAGE_CHARACTERS = 300;

export class Complaints {
  readonly #load: string;
  readonly #worker: number;
  #counts = new Map<string, { code: string; message: string; count: number }>();

  constructor(load: string, worker: number) {
    this.#load = load;
    this.#worker = worker;
  }

  add(code: string, text: string): void {
    const message = text.slice(0, MESSAGE_CHARACTERS);
    const key = `${code}\n${message}`;
    const room = this.#counts.has(key) || this.#counts.size < DISTINCT;
    if (room) this.#count(key, code, message);
    else this.#count('others', 'others', 'further messages');
  }

  #count(key: string, code: string, message: string): void {
    const known = this.#counts.get(key);
    this.#counts.set(key, { code, message, count: (known?.count ?? 0) + 1 });
  }

  /** Everything since the last call. */
  take(t: number): EventOf<'client-error'>[] {
    const events = [...this.#counts.values()].map((counted) => ({
      t,
      type: 'client-error' as const,
      load: this.#load,
      worker: this.#worker,
      ...counted,
    }));
    this.#counts = new Map();
    return events;
  }
}
