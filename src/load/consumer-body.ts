/**
 * A consumer worker without its process: members of one group, what they were handed, committed, assigned. The
 * end-to-end latency of a record of this run is now minus the intended time in its stamp.
 */
import type { ClientLibrary, ConsumedBatch, ConsumerClient } from '../clients/client.ts';
import type { RunEvent } from '../evidence/events.ts';
import { pause } from '../lib/deadline.ts';
import { StampReader } from '../payload/stamp.ts';
import type { ConsumeLoad } from '../scenario/scenario.ts';
import { Complaints } from './complaints.ts';
import type { Schedule } from './control.ts';
import { createGroupMember } from './group-member.ts';
import { type Disturbance, UNDISTURBED, type WorkerPlan } from './protocol.ts';
import { type Deltas, Tally } from './tally.ts';
import type { BodyContext, WorkerBody, WorkerTotals } from './worker-body.ts';

export class ConsumerBody implements WorkerBody {
  readonly tickMs = 50;
  readonly #plan: WorkerPlan;
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
  #rejoining: Promise<void> | null = null;

  constructor(plan: WorkerPlan, load: ConsumeLoad, library: ClientLibrary, context: BodyContext) {
    this.#plan = plan;
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
    return createGroupMember(around, member, {
      onBatch: (batch) => this.#handedOver(member, batch),
      onCommitted: (partition, baseOffset) =>
        this.#append('committed', member, partition, baseOffset),
      onAssigned: (partitions) => this.#assignment(member, 'assigned', partitions),
      onRevoked: (partitions) => this.#assignment(member, 'revoked', partitions),
    });
  }

  async start(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.start()));
  }

  begin({ measureUs }: Schedule): void {
    this.#tally = new Tally(this.#plan.load.name, this.#plan.worker, measureUs);
  }

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
    this.disturb(UNDISTURBED);
    await Promise.all(this.#clients.map((client) => client.close(graceMs / 2)));
  }

  async #handedOver(consumer: number, batch: ConsumedBatch): Promise<void> {
    if (batch.partition >= this.#partitions) return;
    const timeUs = this.#context.clock.nowUs();
    const place = this.#firstPlace + batch.partition;
    const stamps = this.#stamps[batch.partition] ?? new StampReader();
    this.#stamps[batch.partition] = stamps;
    let bytes = 0;
    let from = 0;
    for (let i = 0; i < batch.count; i++) {
      bytes += this.#measure(stamps, batch.valueAt(i), batch.offsetAt(i), timeUs);
      // A run of consecutive offsets ends here.
      if (i + 1 < batch.count && batch.offsetAt(i + 1) === batch.offsetAt(i) + 1) continue;
      const baseOffset = batch.offsetAt(from);
      const count = i + 1 - from;
      this.#context.ledger.append({
        ...{ kind: 'delivered', consumer, place, baseOffset, count, timeUs },
      });
      from = i + 1;
    }
    // Should this process be killed: nobody hands over again what is committed now.
    this.#context.ledger.flush();
    this.#received += batch.count;
    const second = this.#tally?.secondOf(timeUs) ?? 0;
    this.#tally?.add(second, 'received', batch.count);
    this.#tally?.add(second, 'receivedBytes', bytes);
    const { slowMs } = this.#disturbance;
    if (slowMs === 0) return;
    this.#slowed += 1;
    await pause(slowMs);
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
