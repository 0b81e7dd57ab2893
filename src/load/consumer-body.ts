/**
 * A consumer worker without its process: members of one group, what they were handed, committed, assigned. The
 * end-to-end latency of a record of this run is now minus the intended time in its stamp.
 */
import type {
  ClientLibrary,
  ConsumedBatch,
  ConsumerClient,
  RepeatedBatch,
} from '../clients/client.ts';
import type { RunEvent } from '../evidence/events.ts';
import { pause } from '../lib/deadline.ts';
import { messageOf } from '../lib/errors.ts';
import { StampReader } from '../payload/stamp.ts';
import type { ConsumeLoad } from '../scenario/scenario.ts';
import { Complaints } from './complaints.ts';
import type { Schedule } from './control.ts';
import { createGroupMember } from './group-member.ts';
import { type Disturbance, UNDISTURBED, type WorkerPlan } from './protocol.ts';
import { type Deltas, Tally } from './tally.ts';
import { Work } from './work.ts';
import type { BodyContext, WorkerBody, WorkerTotals } from './worker-body.ts';

export class ConsumerBody implements WorkerBody {
  readonly tickMs = 50;
  readonly #plan: WorkerPlan;
  readonly #load: ConsumeLoad;
  readonly #context: BodyContext;
  readonly #complaints: Complaints;
  readonly #clients: readonly ConsumerClient[];
  /** Index of the topic's partition 0 among all places. */
  readonly #firstPlace: number;
  /** Partitions that a fault added later have no place, and no record of this run. */
  readonly #partitions: number;
  /** By partition: a batch of the log may be handed over in pieces. */
  readonly #stamps: StampReader[] = [];
  #tally: Tally | null = null;
  #received = 0;
  #disturbance = UNDISTURBED;
  #slowed = 0;
  #rejoins: NodeJS.Timeout | undefined;
  #joining: NodeJS.Timeout | undefined;
  #stopping = false;
  #rejoining: Promise<void> | null = null;

  constructor(plan: WorkerPlan, load: ConsumeLoad, library: ClientLibrary, context: BodyContext) {
    this.#plan = plan;
    this.#load = load;
    this.#context = context;
    this.#complaints = new Complaints(load.name, plan.worker);
    this.#firstPlace = plan.places.findIndex(({ topic }) => topic === load.topic);
    this.#partitions = plan.places.filter(({ topic }) => topic === load.topic).length;
    this.#clients = plan.members.map((member) => this.#createClient(member, load, library));
  }

  #createClient(member: number, load: ConsumeLoad, library: ClientLibrary): ConsumerClient {
    const around = {
      ...{ plan: this.#plan, load, library, context: this.#context },
      onProblem: (code: string, message: string) => this.#complaints.add(code, message),
    };
    const work = load.processingMs === undefined ? null : new Work(load.processingMs);
    return createGroupMember(around, member, {
      onBatch: (batch) => this.#handedOver(member, batch, work),
      onCommitted: (partition, baseOffset) =>
        this.#append('committed', member, partition, baseOffset),
      onAssigned: (partitions) => this.#assignment(member, 'assigned', partitions),
      onRevoked: (partitions) => this.#assignment(member, 'revoked', partitions),
    });
  }

  async start(): Promise<void> {
    if (this.#load.startMs === undefined) await this.#join();
  }

  async #join(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.start()));
  }

  begin({ measureUs }: Schedule): void {
    const { startMs, name } = this.#load;
    this.#tally = new Tally(name, this.#plan.worker, measureUs);
    if (startMs === undefined) return;
    const inMs = (measureUs - this.#context.clock.nowUs()) / 1000 + startMs;
    this.#joining = setTimeout(() => void this.#joinLate(), Math.max(0, inMs));
  }

  async #joinLate(): Promise<void> {
    const t = this.#context.clock.nowUs();
    const { load, worker } = this.#plan;
    const event = { t, type: 'consumers-started', load: load.name, worker } as const;
    this.#context.port.send({ type: 'event', event });
    try {
      await this.#join();
    } catch (error) {
      if (this.#stopping) return;
      const message = `load ${load.name} could not begin to consume: ${messageOf(error)}`;
      this.#context.port.send({ type: 'failed', code: 'consumer.start', message });
    }
  }

  /** What was written by then is still read. */
  endAt(): void {}

  tick(): void {}

  disturb(disturbance: Disturbance): void {
    const { rejoinMs } = disturbance;
    if (rejoinMs !== this.#disturbance.rejoinMs) {
      clearInterval(this.#rejoins);
      if (rejoinMs > 0) this.#rejoins = setInterval(() => this.#rejoinAll(), rejoinMs);
    }
    this.#disturbance = disturbance;
  }

  /** One member after the other; a round that takes longer than its time leaves the next one out. */
  #rejoinAll(): void {
    this.#rejoining ??= this.#rejoinInTurn().finally(() => {
      this.#rejoining = null;
    });
  }

  async #rejoinInTurn(): Promise<void> {
    for (const client of this.#clients) await client.rejoin();
  }

  totals(): WorkerTotals {
    return { offered: 0, pending: 0, received: this.#received, slowed: this.#slowed };
  }

  problems(): RunEvent[] {
    return this.#complaints.take(this.#context.clock.nowUs());
  }

  flush(): Deltas | null {
    return this.#tally?.flush() ?? null;
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#joining);
    this.disturb(UNDISTURBED);
    await Promise.all(this.#clients.map((client) => client.close(graceMs / 2)));
  }

  async #handedOver(consumer: number, batch: ConsumedBatch, work: Work | null): Promise<void> {
    if (batch.partition < this.#partitions) this.#record(consumer, batch);
    if (work !== null) await pause(work.take(batch.count, this.#context.clock.nowUs()));
    const { slowMs } = this.#disturbance;
    if (slowMs === 0 || batch.partition >= this.#partitions) return;
    this.#slowed += 1;
    await pause(slowMs);
  }

  /** What was handed over, in the ledger and in numbers. */
  #record(consumer: number, batch: ConsumedBatch): void {
    const timeUs = this.#context.clock.nowUs();
    const place = this.#firstPlace + batch.partition;
    const bytes =
      batch.repeats === undefined
        ? this.#readEach(consumer, place, batch, timeUs)
        : this.#readRepeats(consumer, place, batch.partition, batch.repeats, timeUs);
    // Should this process be killed: nobody hands over again what is committed now.
    this.#context.ledger.flush();
    this.#received += batch.count;
    const second = this.#tally?.secondOf(timeUs) ?? 0;
    this.#tally?.add(second, 'received', batch.count);
    this.#tally?.add(second, 'receivedBytes', bytes);
  }

  /** Returns the values' bytes, as `#readRepeats` does. */
  #readEach(consumer: number, place: number, batch: ConsumedBatch, timeUs: number): number {
    const stamps = this.#stampsOf(batch.partition);
    let bytes = 0;
    let from = 0;
    for (let i = 0; i < batch.count; i++) {
      bytes += this.#measure(stamps, batch.valueAt(i), batch.offsetAt(i), timeUs);
      // A run of consecutive offsets ends here.
      if (i + 1 < batch.count && batch.offsetAt(i + 1) === batch.offsetAt(i) + 1) continue;
      const baseOffset = batch.offsetAt(from);
      const count = i + 1 - from;
      this.#delivered(consumer, place, baseOffset, count, timeUs);
      from = i + 1;
    }
    return bytes;
  }

  #readRepeats(
    consumer: number,
    place: number,
    partition: number,
    repeats: readonly RepeatedBatch[],
    timeUs: number,
  ): number {
    const stamps = this.#stampsOf(partition);
    let bytes = 0;
    let from = repeats[0]?.baseOffset ?? 0;
    let to = from;
    for (const repeat of repeats) {
      if (repeat.baseOffset !== to) {
        this.#delivered(consumer, place, from, to - from, timeUs);
        from = repeat.baseOffset;
      }
      to = repeat.baseOffset + repeat.count;
      bytes += repeat.count * repeat.valueBytes;
      this.#measureRepeat(stamps, repeat, timeUs);
    }
    this.#delivered(consumer, place, from, to - from, timeUs);
    return bytes;
  }

  #measureRepeat(stamps: StampReader, repeat: RepeatedBatch, nowUs: number): void {
    const { first, baseOffset, count, valueBytes, delaysUs } = repeat;
    const { stamp } = stamps;
    const known = stamps.read(first, 0, valueBytes, baseOffset) === 'ok';
    if (!known || stamp.runId !== this.#plan.runId || this.#tally === null) return;
    const { intendedUs } = stamp;
    for (let i = 0; i < count; ) {
      const second = this.#tally.secondOf(intendedUs + (delaysUs[i] as number));
      const end = this.#endOfSecond(second, repeat, intendedUs, i);
      this.#tally.latencies('e2e', second).recordAfter(intendedUs, delaysUs, i, end, nowUs);
      i = end;
    }
  }

  /** As a rule all records of a batch are of one second. */
  #endOfSecond(
    second: number,
    { count, delaysUs }: RepeatedBatch,
    intendedUs: number,
    from: number,
  ): number {
    const tally = this.#tally as Tally;
    const isOf = (i: number): boolean =>
      tally.secondOf(intendedUs + (delaysUs[i] as number)) === second;
    if (isOf(count - 1)) return count;
    let end = from + 1;
    while (isOf(end)) end += 1;
    return end;
  }

  #stampsOf(partition: number): StampReader {
    const known = this.#stamps[partition];
    if (known !== undefined) return known;
    const stamps = new StampReader();
    this.#stamps[partition] = stamps;
    return stamps;
  }

  #delivered(
    consumer: number,
    place: number,
    baseOffset: number,
    count: number,
    timeUs: number,
  ): void {
    const { ledger } = this.#context;
    ledger.append({ kind: 'delivered', consumer, place, baseOffset, count, timeUs });
  }

  /**
   * Records the latency of one value and returns its bytes. Who follows a record that this consumer was not handed, having
   * begun behind it, has no latency.
   */
  #measure(stamps: StampReader, value: Buffer | null, offset: number, nowUs: number): number {
    if (value === null) return 0;
    const { stamp } = stamps;
    const known = stamps.read(value, 0, value.length, offset) === 'ok';
    if (known && stamp.runId === this.#plan.runId && this.#tally !== null) {
      const second = this.#tally.secondOf(stamp.intendedUs);
      this.#tally.latencies('e2e', second).record(nowUs - stamp.intendedUs);
    }
    return value.length;
  }

  #assignment(
    consumer: number,
    change: 'assigned' | 'revoked',
    partitions: readonly number[],
  ): void {
    const t = this.#context.clock.nowUs();
    for (const partition of partitions) this.#append(change, consumer, partition, -1);
    const { load, worker } = this.#plan;
    const event = { t, type: 'assignment', load: load.name, worker, consumer, change } as const;
    this.#context.port.send({ type: 'event', event: { ...event, partitions } });
  }

  #append(
    kind: 'committed' | 'assigned' | 'revoked',
    consumer: number,
    partition: number,
    baseOffset: number,
  ): void {
    if (partition >= this.#partitions) return;
    const timeUs = this.#context.clock.nowUs();
    const place = this.#firstPlace + partition;
    this.#context.ledger.append({ kind, consumer, place, baseOffset, timeUs });
  }
}
