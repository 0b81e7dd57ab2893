/**
 * A producer worker without its process. Each tick offers what is due by the pacing, whatever the cluster does: a
 * stalled broker only lets the queues grow. Batches go out when they are full or their linger is over, and as soon
 * as a stream's last slice was answered.
 */
import type {
  ClientLibrary,
  PayloadSource,
  ProducerClient,
  SendResult,
  Slice,
} from '../clients/client.ts';
import type { RunEvent } from '../evidence/events.ts';
import { pause } from '../lib/deadline.ts';
import { createRoute } from '../lib/route.ts';
import { createKeys } from '../payload/keys.ts';
import { createTemplate, type Template } from '../payload/template.ts';
import { topicInKafka } from '../scenario/kafka-names.ts';
import type { ProduceLoad } from '../scenario/scenario.ts';
import type { Batching } from './accumulator.ts';
import { Complaints } from './complaints.ts';
import type { Schedule } from './control.ts';
import { indexOfNth, routeOf, runLength, type Share } from './offers.ts';
import { createPacing, type Pacing } from './pacing.ts';
import type { WorkerPlan } from './protocol.ts';
import { SendTally } from './send-tally.ts';
import { StreamState } from './stream-state.ts';
import type { Deltas } from './tally.ts';
import type { BodyContext, WorkerBody, WorkerTotals } from './worker-body.ts';

/** Between two looks at the clock, so that answers are heard while a pause is being caught up. */
const OFFERS_PER_TICK = 20_000;
/** `rate: max` keeps this many batches per stream offered. */
const BATCHES_AHEAD = 2;

export class ProducerBody implements WorkerBody {
  readonly tickMs = 1;
  readonly #plan: WorkerPlan;
  readonly #context: BodyContext;
  readonly #pacing: Pacing;
  readonly #share: Share;
  readonly #template: Template;
  readonly #batching: Batching;
  readonly #complaints: Complaints;
  readonly #clients: readonly ProducerClient[];
  /** By stream number minus the plan's first; empty for producers that live elsewhere. */
  readonly #streams = new Map<number, StreamState>();
  /** Streams with records that wait for their linger. */
  readonly #lingering = new Set<StreamState>();
  readonly #maxAhead: number;
  #schedule: Schedule | null = null;
  #tally: SendTally | null = null;
  #nth = 0;
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
    this.#clients = plan.members.map((member) => this.#createClient(member, load, library));
    const smallest = Math.min(...load.size.map(({ bytes }) => bytes));
    const perBatch = Math.max(1, Math.ceil(this.#batching.batchBytes / smallest));
    this.#maxAhead = this.#streams.size * perBatch * BATCHES_AHEAD;
  }

  #createClient(member: number, load: ProduceLoad, library: ClientLibrary): ProducerClient {
    const { bootstrap, routes, connection, config, firstStream } = this.#plan;
    const client = library.createProducer({
      bootstrap,
      route: createRoute(routes),
      connection,
      config,
      clientId: `${config['client.id']}-${member}`,
      topic: topicInKafka(this.#plan.names, load.topic),
      clock: this.#context.clock,
      onProblem: (code, message) => this.#complaints.add(code, message),
      source: this.#source(load),
      sends: load.sends,
    });
    for (let partition = 0; partition < this.#share.partitions; partition++) {
      const slot = member * this.#share.partitions + partition;
      this.#streams.set(slot, new StreamState(firstStream + slot, partition, client));
    }
    return client;
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
    await Promise.all(this.#clients.map((client) => client.connect()));
  }

  begin(schedule: Schedule): void {
    const { load, worker } = this.#plan;
    this.#schedule = schedule;
    this.#tally = new SendTally(load.name, worker, schedule.measureUs, this.#pacing.paced);
  }

  tick(): void {
    if (this.#schedule === null || this.#stopping || this.#context.ledger.broken) return;
    const nowUs = this.#context.clock.nowUs();
    if (this.#pacing.paced) this.#offerDue(nowUs, this.#schedule);
    else this.#offerAhead(nowUs, this.#schedule);
    for (const state of this.#lingering) this.#pump(state, nowUs);
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
    while (this.totals().pending < this.#maxAhead) {
      this.#offer(indexOfNth(this.#nth, this.#share), nowUs, nowUs);
    }
  }

  #offer(index: number, intendedUs: number, nowUs: number): void {
    const { producer, partition } = routeOf(index, this.#share);
    const state = this.#streams.get(producer * this.#share.partitions + partition) as StreamState;
    state.records.push(index, intendedUs, nowUs);
    this.#lingering.add(state);
    this.#tally?.offered(intendedUs, nowUs);
    this.#nth += 1;
  }

  #pump(state: StreamState, nowUs: number): void {
    const sizeOf = (sequence: number): number => this.#template.sizeOf(state.stream, sequence);
    for (;;) {
      const count = this.#stopping ? 0 : state.due(nowUs, this.#batching, sizeOf);
      if (count === 0) break;
      this.#send(state, count);
      if (this.#context.ledger.broken) return;
    }
    if (state.waiting === 0) this.#lingering.delete(state);
  }

  #send(state: StreamState, count: number): void {
    const { ledger, clock } = this.#context;
    const { stream, partition, client, firstWaiting: first } = state;
    ledger.append({ kind: 'intent', stream, first, count, timeUs: clock.nowUs() });
    if (ledger.broken) return;
    const slice = { stream, partition, firstSequence: first, count };
    const departed = state.depart(count);
    client.send(slice, (result) => {
      this.#answered(state, slice, result);
      state.answer(departed);
      this.#pump(state, clock.nowUs());
    });
  }

  #answered(state: StreamState, slice: Slice, result: SendResult): void {
    const { ledger, clock } = this.#context;
    const nowUs = clock.nowUs();
    const { stream, firstSequence: first, count } = slice;
    const { outcome, attempts, errorCode, baseOffset } = result;
    ledger.append({
      ...{ kind: 'outcome', stream, first, count, outcome },
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
    return { offered: this.#nth, pending: this.#nth - (this.#tally?.answers ?? 0), received: 0 };
  }

  problems(): RunEvent[] {
    return this.#complaints.take(this.#context.clock.nowUs());
  }

  flush(): Deltas | null {
    return this.#tally?.flush(this.#context.clock.nowUs(), this.totals().pending) ?? null;
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    const { clock } = this.#context;
    const until = clock.nowUs() + Math.min(2000, graceMs / 2) * 1000;
    const streams = [...this.#streams.values()];
    while (streams.some(({ unanswered }) => unanswered > 0) && clock.nowUs() < until) {
      await pause(10);
    }
    await Promise.all(this.#clients.map((client) => client.close(Math.min(2000, graceMs / 4))));
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
