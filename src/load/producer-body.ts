/**
 * A producer worker without its process. Each tick offers what is due by the pacing, whatever the cluster does: a
 * stalled broker only lets the queues grow. Batches go out when they are full or their linger is over, and as soon
 * as a stream's last slice was answered; in transactions only as far as the producer's open one takes them.
 */
import type { ClientLibrary, PayloadSource, SendResult, Slice } from '../clients/client.ts';
import type { RunEvent } from '../evidence/events.ts';
import { pause } from '../lib/deadline.ts';
import { createTemplate, type Template } from '../payload/template.ts';
import { createKeys } from '../scenario/records/keys.ts';
import type { ProduceLoad } from '../scenario/scenario.ts';
import type { Batching } from './accumulator.ts';
import { Complaints } from './complaints.ts';
import type { Schedule } from './control.ts';
import { indexOfNth, nthAt, routeOf, runLength, type Share } from './offers.ts';
import { createPacing, type Pacing } from './pacing.ts';
import { createProducerMember, type ProducerMember } from './producer-member.ts';
import type { ProducerTransactions } from './producer-transactions.ts';
import { type Disturbance, UNDISTURBED, type WorkerPlan } from './protocol.ts';
import { SendTally } from './send-tally.ts';
import type { StreamState } from './stream-state.ts';
import type { Deltas } from './tally.ts';
import type { BodyContext, WorkerBody, WorkerTotals } from './worker-body.ts';

/** Between two looks at the clock, so that answers are heard while a pause is being caught up. */
const OFFERS_PER_TICK = 20_000;
/** `rate: max` keeps this many batches per stream offered. */
const BATCHES_AHEAD = 2;

export class ProducerBody implements WorkerBody {
  readonly #plan: WorkerPlan;
  readonly #context: BodyContext;
  readonly #pacing: Pacing;
  readonly #share: Share;
  readonly #template: Template;
  readonly #batching: Batching;
  readonly #complaints: Complaints;
  readonly #members: readonly ProducerMember[];
  /** By stream number minus the plan's first; empty for producers that live elsewhere. */
  readonly #streams = new Map<number, StreamState>();
  /** Streams with records that wait for their linger. */
  readonly #lingering = new Set<StreamState>();
  readonly #maxAhead: number;
  readonly #memberOf = new Map<StreamState, ProducerMember>();
  #schedule: Schedule | null = null;
  #tally: SendTally | null = null;
  #nth = 0;
  /** Where this process began to count. */
  #firstNth = 0;
  #disturbance = UNDISTURBED;
  #slowed = 0;
  #stopping = false;

  constructor(plan: WorkerPlan, load: ProduceLoad, library: ClientLibrary, context: BodyContext) {
    this.#plan = plan;
    this.#context = context;
    this.#pacing = createPacing(load.rate, load.arrival, plan.seed);
    this.#template = createTemplate(load, plan.runId, plan.seed);
    this.#complaints = new Complaints(load.name, plan.worker);
    const places = plan.places.filter(({ topic }) => topic === load.topic);
    this.#batching = {
      lingerUs: Number(plan.config['linger.ms']) * 1000,
      batchBytes: Number(plan.config['batch.size']),
    };
    this.#share = {
      producers: load.producers,
      partitions: places.length,
      members: plan.members,
      keyOf: createKeys(load.keys, plan.seed),
      run: runLength(load, this.#batching),
    };
    this.#members = plan.members.map((member) => this.#createMember(member, load, library));
    const smallest = Math.min(...load.size.map(({ bytes }) => bytes));
    const perBatch = Math.max(1, Math.ceil(this.#batching.batchBytes / smallest));
    const inTransactions = (load.transaction?.records ?? 0) * plan.members.length;
    this.#maxAhead = Math.max(this.#streams.size * perBatch, inTransactions) * BATCHES_AHEAD;
  }

  #createMember(number: number, load: ProduceLoad, library: ClientLibrary): ProducerMember {
    const { partitions } = this.#share;
    const around = {
      ...{ plan: this.#plan, load, library, context: this.#context, partitions },
      source: this.#source(load),
      onProblem: (code: string, message: string) => this.#complaints.add(code, message),
      onRoom: (streams: readonly StreamState[]) => {
        const nowUs = this.#context.clock.nowUs();
        for (const state of streams) this.#pump(state, nowUs);
      },
    };
    const member = createProducerMember(around, number);
    for (const state of member.streams) {
      this.#streams.set(state.stream - this.#plan.firstStream, state);
      this.#memberOf.set(state, member);
    }
    return member;
  }

  #source(load: ProduceLoad): PayloadSource {
    const records = (stream: number) =>
      (this.#streams.get(stream - this.#plan.firstStream) as StreamState).records;
    return {
      headers: load.headers,
      keyOf: (stream, sequence) => this.#share.keyOf(records(stream).indexOf(sequence)),
      valueOf: (stream, sequence) =>
        this.#template.valueOf(stream, sequence, records(stream).intendedUs(sequence)),
    };
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

  /** The schedule went on while nobody was there: what was due by now is dropped, and told. */
  #goOn({ warmupUs, endUs }: Schedule): void {
    const { load, worker, begun } = this.#plan;
    const sent = begun.reduce((sum, { next }) => sum + next, 0);
    const t = this.#context.clock.nowUs();
    const due = this.#pacing.dueBy(Math.min(t, endUs - 1) - warmupUs);
    this.#nth = this.#pacing.paced ? nthAt(due, this.#share) : sent;
    this.#firstNth = this.#nth;
    const event = { t, type: 'records-dropped', load: load.name, worker } as const;
    this.#context.port.send({ type: 'event', event: { ...event, count: this.#nth - sent } });
  }

  get tickMs(): number {
    return 1 + this.#disturbance.slowMs;
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
    for (const state of this.#lingering) this.#pump(state, nowUs);
    if (nowUs >= this.#schedule.endUs) this.#endLast();
  }

  /** Once nothing more is offered, a transaction that will not be full any more is ended as it is. */
  #endLast(): void {
    for (const { streams, transactions } of this.#members) {
      if (streams.every(({ waiting }) => waiting === 0)) transactions?.endWhenAnswered();
    }
  }

  #offerDue(nowUs: number, { warmupUs, endUs }: Schedule): void {
    const due = this.#pacing.dueBy(Math.min(nowUs, endUs - 1) - warmupUs);
    for (let offers = 0; offers < OFFERS_PER_TICK; offers++) {
      const index = indexOfNth(this.#nth, this.#share);
      if (index >= due) return;
      this.#offer(index, warmupUs + this.#pacing.intendedUs(index), nowUs);
    }
  }

  #offerAhead(nowUs: number, { warmupUs, endUs }: Schedule): void {
    if (nowUs < warmupUs || nowUs >= endUs) return;
    while (this.#unanswered < this.#maxAhead) {
      this.#offer(indexOfNth(this.#nth, this.#share), nowUs, nowUs);
    }
  }

  #offer(index: number, intendedUs: number, nowUs: number): void {
    const { producer, partition } = routeOf(index, this.#share);
    const state = this.#streams.get(producer * this.#share.partitions + partition) as StreamState;
    state.records.push(index, intendedUs, nowUs);
    this.#transactionsOf(state)?.offered();
    this.#lingering.add(state);
    this.#tally?.offered(intendedUs, nowUs);
    this.#nth += 1;
  }

  #pump(state: StreamState, nowUs: number): void {
    const sizeOf = (sequence: number): number => this.#template.sizeOf(state.stream, sequence);
    for (;;) {
      const due = this.#stopping ? 0 : state.due(nowUs, this.#batching, sizeOf);
      const count =
        due === 0 ? 0 : Math.min(due, this.#transactionsOf(state)?.roomFor(state) ?? due);
      if (count === 0) break;
      this.#send(state, count);
      if (this.#context.ledger.broken) return;
    }
    if (state.waiting === 0) this.#lingering.delete(state);
  }

  #transactionsOf(state: StreamState): ProducerTransactions | null {
    return this.#memberOf.get(state)?.transactions ?? null;
  }

  #send(state: StreamState, count: number): void {
    const { ledger, clock } = this.#context;
    const { stream, partition, client, firstWaiting: first } = state;
    const transactions = this.#transactionsOf(state);
    const within = transactions === null ? {} : { transaction: transactions.number };
    ledger.append({ kind: 'intent', stream, first, count, ...within, timeUs: clock.nowUs() });
    // Should this process be killed, its successor must know which sequences are used.
    ledger.flush();
    if (ledger.broken) return;
    const slice = { stream, partition, firstSequence: first, count };
    const departed = state.depart(count);
    transactions?.departed(count);
    client.send(slice, (result) => {
      this.#answered(state, slice, result, within);
      state.answer(departed);
      transactions?.answered(count, result.outcome);
      this.#pump(state, clock.nowUs());
    });
  }

  #answered(
    state: StreamState,
    slice: Slice,
    result: SendResult,
    within: { readonly transaction?: number },
  ): void {
    const { ledger, clock } = this.#context;
    const nowUs = clock.nowUs();
    const { stream, firstSequence: first, count } = slice;
    const { outcome, attempts, errorCode, baseOffset } = result;
    ledger.append({
      ...{ kind: 'outcome', stream, first, count, ...within, outcome },
      ...{ attempts, errorCode, baseOffset, timeUs: nowUs },
    });
    if (result.error !== null) this.#complaints.add(`send.${errorCode}`, result.error);
    this.#tally?.answered(state.records, slice, result, nowUs, this.#bytesOf(slice));
  }

  #bytesOf({ stream, firstSequence, count }: Slice): number {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += this.#template.sizeOf(stream, firstSequence + i);
    return bytes;
  }

  totals(): WorkerTotals {
    let unsettled = 0;
    for (const { transactions } of this.#members) unsettled += transactions?.unsettled ?? 0;
    return {
      offered: this.#nth - this.#firstNth,
      pending: this.#unanswered + unsettled,
      received: 0,
      slowed: this.#slowed,
    };
  }

  get #unanswered(): number {
    return this.#nth - this.#firstNth - (this.#tally?.answers ?? 0);
  }

  problems(): RunEvent[] {
    return this.#complaints.take(this.#context.clock.nowUs());
  }

  flush(): Deltas | null {
    return this.#tally?.flush(this.#context.clock.nowUs(), this.#unanswered) ?? null;
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
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
    const { stream, firstWaiting: first, waiting: count } = state;
    if (count === 0) return;
    const timeUs = this.#context.clock.nowUs();
    this.#context.ledger.append({ kind: 'intent', stream, first, count, timeUs });
    this.#context.ledger.append({
      ...{ kind: 'outcome', stream, first, count, outcome: 'failed' },
      ...{ attempts: 0, errorCode: -2, baseOffset: -1, timeUs },
    });
    this.#tally?.gaveUp(state.records, first, count, 'failed');
  }
}
