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
  /** Of the records that are looked at; used again and again. */
  #intended = new Float64Array(64);
  #offered = new Float64Array(64);

  /** `paced: false`: records have no intended time of their own, so there is no `ack` and no `lateness`. */
  constructor(load: string, worker: number, measureUs: number, paced: boolean) {
    this.#tally = new Tally(load, worker, measureUs);
    this.#paced = paced;
  }

  /** Records answered so far, whatever the answer. */
  get answers(): number {
    return this.#answers;
  }

  offered(records: RecordQueue, sequence: number, count: number): void {
    const firstUs = records.intendedUs(sequence);
    const second = this.#tally.secondOf(firstUs);
    const last = this.#tally.secondOf(records.intendedUs(sequence + count - 1));
    // As a rule all are of one second, and none is late, since the first is not.
    if (this.#paced && last === second && records.offeredUs(sequence) === firstUs) {
      this.#tally.add(second, 'offered', count);
      this.#tally.latencies('lateness', second).record(0, count);
      return;
    }
    this.#look(records, sequence, count);
    for (let from = 0; from < count; ) {
      const second = this.#secondAt(from);
      const to = this.#endOfSecond(second, from, count);
      this.#tally.add(second, 'offered', to - from);
      if (this.#paced) this.#late(second, from, to);
      from = to;
    }
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
    this.#look(records, firstSequence, count);
    for (let from = 0; from < count; ) {
      const second = this.#secondAt(from);
      const to = this.#endOfSecond(second, from, count);
      this.#tally.add(second, outcome, to - from);
      if (outcome === 'acknowledged') this.#acknowledged(second, from, to, writtenUs, nowUs);
      from = to;
    }
  }

  /** Records that never got an answer. */
  gaveUp(records: RecordQueue, first: number, count: number, outcome: SendOutcome): void {
    this.#answers += count;
    this.#look(records, first, count);
    for (let i = 0; i < count; i++) this.#tally.add(this.#secondAt(i), outcome, 1);
  }

  /** `pending` is the backlog at the end of the second that is over. */
  flush(nowUs: number, pending: number): Deltas {
    this.#tally.set(this.#tally.secondOf(nowUs) - 1, 'backlog', pending);
    return this.#tally.flush();
  }

  #look(records: RecordQueue, sequence: number, count: number): void {
    if (count > this.#intended.length) {
      this.#intended = new Float64Array(count * 2);
      this.#offered = new Float64Array(count * 2);
    }
    records.timesInto(sequence, count, this.#intended, this.#offered);
  }

  #secondAt(i: number): number {
    return this.#tally.secondOf(this.#intended[i] as number);
  }

  /** Intended times never decrease within a stream. */
  #endOfSecond(second: number, from: number, to: number): number {
    if (this.#secondAt(to - 1) === second) return to;
    let end = from + 1;
    while (this.#secondAt(end) === second) end += 1;
    return end;
  }

  #late(second: number, from: number, to: number): void {
    const lateness = this.#tally.latencies('lateness', second);
    for (let i = from; i < to; i++) {
      const us = (this.#offered[i] as number) - (this.#intended[i] as number);
      // Nobody after one that is not late is: they were meant for later, and offered together.
      lateness.record(us, us === 0 ? to - i : 1);
      if (us === 0) break;
    }
  }

  #acknowledged(second: number, from: number, to: number, writtenUs: number, nowUs: number): void {
    if (this.#paced) {
      this.#tally.latencies('ack', second).recordSince(this.#intended, from, to, nowUs);
    }
    if (writtenUs < 0) return;
    this.#tally.latencies('queue', second).recordSince(this.#offered, from, to, writtenUs);
    this.#tally.latencies('service', second).record(nowUs - writtenUs, to - from);
  }
}
