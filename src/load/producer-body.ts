/**
 * A producer worker without its process. Each tick offers what is due by the pacing, whatever the cluster does: a
 * stalled broker only lets the queues grow. Batches go out when they are full or their linger is over, and as soon
 * as a stream's last slice was answered; in transactions only as far as the producer's open one takes them.
 */
import type { ClientLibrary, PayloadSource, SendResult } from '../clients/client.ts';
import type { RunEvent } from '../evidence/events.ts';
import { pause } from '../lib/deadline.ts';
import { createTemplate, type Template } from '../payload/template.ts';
import { createKeys } from '../scenario/records/keys.ts';
import type { ProduceLoad } from '../scenario/scenario.ts';
import type { Batching } from './accumulator.ts';
import { Complaints } from './complaints.ts';
import type { Schedule } from './control.ts';
import { Departures } from './departures.ts';
import { Offering } from './offering.ts';
import { runLength, type Share } from './offers.ts';
import { createPacing, type Pacing } from './pacing.ts';
import { createProducerMember, type ProducerMember } from './producer-member.ts';
import { type Disturbance, UNDISTURBED, type WorkerPlan } from './protocol.ts';
import { RecordQueue } from './record-queue.ts';
import { SendTally } from './send-tally.ts';
import type { StreamState } from './stream-state.ts';
import type { Deltas } from './tally.ts';
import type { BodyContext, WorkerBody, WorkerTotals } from './worker-body.ts';

/** `rate: max` keeps this many batches per stream offered, beside those that are on their way. */
const BATCHES_AHEAD = 2;
/** A library that is looked after once per linger is so at least this often. */
const LONGEST_TICK_MS = 20;
const NEVER_LEFT: SendResult = {
  ...{ outcome: 'failed', attempts: 0, errorCode: -2, error: null, baseOffset: -1, writtenUs: -1 },
};

export class ProducerBody implements WorkerBody {
  readonly #plan: WorkerPlan;
  readonly #context: BodyContext;
  readonly #pacing: Pacing;
  readonly #share: Share;
  readonly #template: Template;
  readonly #complaints: Complaints;
  readonly #members: readonly ProducerMember[];
  readonly #offering: Offering;
  readonly #departures: Departures;
  /** By stream number minus the plan's first; empty for producers that live elsewhere. */
  readonly #streams = new Map<number, StreamState>();
  readonly #maxAhead: number;
  readonly #tickMs: number;
  #schedule: Schedule | null = null;
  #tally: SendTally | null = null;
  #disturbance = UNDISTURBED;
  #slowed = 0;
  #stopping = false;

  constructor(plan: WorkerPlan, load: ProduceLoad, library: ClientLibrary, context: BodyContext) {
    this.#plan = plan;
    this.#context = context;
    this.#pacing = createPacing(load.rate, load.arrival, plan.seed);
    this.#template = createTemplate(load, plan.runId, plan.seed);
    this.#complaints = new Complaints(load.name, plan.worker);
    const lingerMs = Number(plan.config['linger.ms']);
    const once = library.oncePerLinger === true && this.#pacing.paced;
    this.#tickMs = once ? Math.min(LONGEST_TICK_MS, Math.max(1, lingerMs)) : 1;
    const batching = {
      // Whoever waits from tick to tick has waited for that part of the linger.
      lingerUs: once && lingerMs <= this.#tickMs ? 0 : lingerMs * 1000,
      batchBytes: Number(plan.config['batch.size']),
    };
    this.#share = {
      producers: load.producers,
      partitions: plan.places.filter(({ topic }) => topic === load.topic).length,
      keyOf: createKeys(load.keys, plan.seed),
      keyed: load.keys.kind !== 'none',
      run: runLength(load, { ...batching, lingerUs: lingerMs * 1000 }),
    };
    const members = new Map(
      plan.members.map((member) => [member, this.#createMember(member, load, library)]),
    );
    this.#members = [...members.values()];
    this.#departures = this.#createDepartures(batching);
    this.#offering = new Offering(
      this.#pacing,
      this.#share,
      members,
      (state, from, count, member) => {
        member.transactions?.offered(count);
        this.#departures.wait(state);
        this.#tally?.offered(state.records, from, count);
      },
    );
    this.#maxAhead = this.#recordsAhead(load, batching);
  }

  #createDepartures(batching: Batching): Departures {
    return new Departures({
      batching,
      sizes: this.#template,
      context: this.#context,
      members: this.#members,
      onProblem: (code, message) => this.#complaints.add(code, message),
      onAnswer: (state, slice, result, nowUs, bytes) =>
        this.#tally?.answered(state.records, slice, result, nowUs, bytes),
      onRoom: () => {
        if (!this.#pacing.paced && this.#schedule !== null && !this.#stopping) {
          this.#offerAhead(this.#context.clock.nowUs(), this.#schedule);
        }
      },
    });
  }

  #recordsAhead(load: ProduceLoad, { batchBytes }: Batching): number {
    const smallest = Math.min(...load.size.map(({ bytes }) => bytes));
    const perBatch = Math.max(1, Math.ceil(batchBytes / smallest));
    const inTransactions = (load.transaction?.records ?? 0) * this.#members.length;
    const inFlight = Math.max(...this.#members.map(({ client }) => client.maxOutstanding));
    const batches = BATCHES_AHEAD - 1 + inFlight;
    return Math.max(this.#streams.size * perBatch * batches, inTransactions * BATCHES_AHEAD);
  }

  #createMember(number: number, load: ProduceLoad, library: ClientLibrary): ProducerMember {
    const { partitions, producers } = this.#share;
    const intended = (index: number): number =>
      (this.#schedule?.warmupUs ?? 0) + this.#pacing.intendedUs(index);
    const around = {
      ...{ plan: this.#plan, load, library, context: this.#context, partitions },
      source: this.#source(load),
      newQueue: (first: number) =>
        new RecordQueue(first, producers, this.#pacing.paced ? intended : null),
      onProblem: (code: string, message: string) => this.#complaints.add(code, message),
      onRoom: (streams: readonly StreamState[]) => this.#departures.depart(streams),
    };
    const member = createProducerMember(around, number);
    for (const state of member.streams) {
      this.#streams.set(state.stream - this.#plan.firstStream, state);
    }
    return member;
  }

  #source(load: ProduceLoad): PayloadSource {
    const template = this.#template;
    const { keyed, keyOf } = this.#share;
    const records = (stream: number) =>
      (this.#streams.get(stream - this.#plan.firstStream) as StreamState).records;
    let offered = new Float64Array(64);
    return {
      headers: load.headers,
      keyOf: (stream, sequence) => keyOf(records(stream).indexOf(sequence)),
      valueOf: (stream, sequence) =>
        template.valueOf(stream, sequence, records(stream).intendedUs(sequence)),
      fixed:
        template.bytes === null || keyed
          ? null
          : {
              runId: this.#plan.runId,
              bytes: template.bytes,
              sample: (i) => template.valueOf(this.#plan.firstStream, i, 0),
              intendedUs: (stream, sequence) => records(stream).intendedUs(sequence),
              spacingUs: (stream, first, count) => this.#spacingUs(records(stream), first, count),
              intendedInto: (stream, first, count, into) => {
                if (offered.length < count) offered = new Float64Array(count * 2);
                records(stream).timesInto(first, count, into, offered);
              },
            },
    };
  }

  #spacingUs(records: RecordQueue, first: number, count: number): number | null {
    const { everyUs, paced } = this.#pacing;
    const { producers } = this.#share;
    const last = first + count - 1;
    // Without a pace records are meant for when they are offered, and those of one time are so together.
    if (!paced) return records.offeredUs(first) === records.offeredUs(last) ? 0 : null;
    const inARow = records.indexOf(last) - records.indexOf(first) === (count - 1) * producers;
    return everyUs !== null && inARow ? everyUs * producers : null;
  }

  async start(): Promise<void> {
    await Promise.all(this.#members.map(({ client }) => client.connect()));
  }

  begin(schedule: Schedule): void {
    const { load, worker } = this.#plan;
    this.#schedule = schedule;
    this.#tally = new SendTally(load.name, worker, schedule.measureUs, this.#pacing.paced);
    if (this.#plan.incarnation > 0) this.#goOn(schedule);
  }

  endAt(endUs: number): void {
    if (this.#schedule !== null) this.#schedule = { ...this.#schedule, endUs };
  }

  /** The schedule went on while nobody was there: what was due by now is dropped, and told. */
  #goOn({ warmupUs, endUs }: Schedule): void {
    const { load, worker, begun } = this.#plan;
    const sent = begun.reduce((sum, { next }) => sum + next, 0);
    const t = this.#context.clock.nowUs();
    let skipped = sent;
    if (this.#pacing.paced) skipped = this.#offering.skip(Math.min(t, endUs - 1) - warmupUs);
    else this.#offering.goOn();
    const event = { t, type: 'records-dropped', load: load.name, worker } as const;
    const { behind } = this.#offering;
    this.#context.port.send({ type: 'event', event: { ...event, count: skipped - sent, behind } });
  }

  get tickMs(): number {
    return this.#tickMs + this.#disturbance.slowMs;
  }

  disturb(disturbance: Disturbance): void {
    this.#disturbance = disturbance;
  }

  tick(): void {
    if (this.#disturbance.slowMs > 0) this.#slowed += 1;
    if (this.#schedule === null || this.#stopping || this.#context.ledger.broken) return;
    const nowUs = this.#context.clock.nowUs();
    if (this.#pacing.paced) this.#offerDue(nowUs, this.#schedule);
    else this.#offerAhead(nowUs, this.#schedule);
    this.#departures.departAll();
    if (nowUs >= this.#schedule.endUs) this.#endLast();
  }

  /** Once nothing more is offered, a transaction that will not be full any more is ended as it is. */
  #endLast(): void {
    for (const { streams, transactions } of this.#members) {
      if (streams.every(({ waiting }) => waiting === 0)) transactions?.endWhenAnswered();
    }
  }

  /** What became due since the last tick is late only as far as this one is, when ticks last as long as the linger. */
  #offerDue(nowUs: number, { warmupUs, endUs }: Schedule): void {
    const sinceUs = this.#tickMs === 1 ? nowUs : nowUs - this.#tickMs * 1000;
    this.#offering.offerDue(Math.min(nowUs, endUs - 1) - warmupUs, sinceUs);
  }

  #offerAhead(nowUs: number, { warmupUs, endUs }: Schedule): void {
    if (nowUs < warmupUs || nowUs >= endUs) return;
    this.#offering.offerAhead(this.#maxAhead - this.#unanswered, nowUs);
  }

  totals(): WorkerTotals {
    let unsettled = 0;
    for (const { transactions } of this.#members) unsettled += transactions?.unsettled ?? 0;
    return {
      offered: this.#offering.offered,
      pending: this.#unanswered + unsettled,
      received: 0,
      slowed: this.#slowed,
    };
  }

  get #unanswered(): number {
    return this.#offering.offered - (this.#tally?.answers ?? 0);
  }

  problems(): RunEvent[] {
    return this.#complaints.take(this.#context.clock.nowUs());
  }

  flush(): Deltas | null {
    return this.#tally?.flush(this.#context.clock.nowUs(), this.#unanswered) ?? null;
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#departures.stop();
    const { clock } = this.#context;
    const until = clock.nowUs() + Math.min(2000, graceMs / 2) * 1000;
    const streams = [...this.#streams.values()];
    while (streams.some(({ unanswered }) => unanswered > 0) && clock.nowUs() < until) {
      await pause(10);
    }
    await Promise.all(this.#members.map(({ transactions }) => transactions?.stop(until)));
    await Promise.all(this.#members.map(({ client }) => client.close(Math.min(2000, graceMs / 4))));
    for (const state of streams) this.#giveUp(state);
  }

  /** What is on its way stays unknown: it has an intent and no outcome. What never left has certainly failed. */
  #giveUp(state: StreamState): void {
    for (const { first, count } of state.abandoned()) {
      this.#tally?.gaveUp(state.records, first, count, 'unknown');
    }
    const { stream, partition, firstWaiting: first, waiting: count } = state;
    if (count === 0) return;
    const timeUs = this.#context.clock.nowUs();
    const { ledger } = this.#context;
    ledger.intent(stream, first, count, -1, timeUs);
    ledger.outcome({ stream, partition, firstSequence: first, count }, -1, NEVER_LEFT, timeUs);
    this.#tally?.gaveUp(state.records, first, count, 'failed');
  }
}
