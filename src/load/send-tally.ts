/**
 * What a producer worker counts. Records belong to the second of their intended time. `ack` is intended → answered,
 * `queue` offered → last written, `service` last written → answered, `lateness` intended → offered; only
 * acknowledged records have the first three.
 */
import type { SendOutcome, SendResult, Slice } from '../clients/client.ts';
import type { RecordQueue } from './record-queue.ts';
import { type Deltas, Tally } from './tally.ts';

export class SendTally {
  readonly #tally: Tally;
  readonly #paced: boolean;
  #answers = 0;

  /** `paced: false`: records have no intended time of their own, so there is no `ack` and no `lateness`. */
  constructor(load: string, worker: number, measureUs: number, paced: boolean) {
    this.#tally = new Tally(load, worker, measureUs);
    this.#paced = paced;
  }

  /** Records answered so far, whatever the answer. */
  get answers(): number {
    return this.#answers;
  }

  offered(intendedUs: number, nowUs: number): void {
    const second = this.#tally.secondOf(intendedUs);
    this.#tally.add(second, 'offered', 1);
    if (this.#paced) this.#tally.record('lateness', second, nowUs - intendedUs);
  }

  answered(
    records: RecordQueue,
    { firstSequence, count }: Slice,
    { outcome, attempts, writtenUs }: SendResult,
    nowUs: number,
    bytes: number,
  ): void {
    const now = this.#tally.secondOf(nowUs);
    this.#answers += count;
    if (attempts > 1) this.#tally.add(now, 'retriesNow', attempts - 1);
    if (outcome === 'failed') this.#tally.add(now, 'failedNow', count);
    if (outcome === 'acknowledged') {
      this.#tally.add(now, 'ackedNow', count);
      this.#tally.add(now, 'ackedBytesNow', bytes);
    }
    for (let i = 0; i < count; i++) {
      const sequence = firstSequence + i;
      const intendedUs = records.intendedUs(sequence);
      const second = this.#tally.secondOf(intendedUs);
      this.#tally.add(second, outcome, 1);
      if (outcome !== 'acknowledged') continue;
      if (this.#paced) this.#tally.record('ack', second, nowUs - intendedUs);
      if (writtenUs < 0) continue;
      this.#tally.record('queue', second, writtenUs - records.offeredUs(sequence));
      this.#tally.record('service', second, nowUs - writtenUs);
    }
  }

  /** Records that never got an answer. */
  gaveUp(records: RecordQueue, first: number, count: number, outcome: SendOutcome): void {
    this.#answers += count;
    for (let i = 0; i < count; i++) {
      const second = this.#tally.secondOf(records.intendedUs(first + i));
      this.#tally.add(second, outcome, 1);
    }
  }

  /** `pending` is the backlog at the end of the second that is over. */
  flush(nowUs: number, pending: number): Deltas {
    this.#tally.set(this.#tally.secondOf(nowUs) - 1, 'backlog', pending);
    return this.#tally.flush();
  }
}
