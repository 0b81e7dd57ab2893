/**
 * Follows the log while the run goes on: reads it beside the traffic, compares it with what workers' ledgers say was
 * acknowledged, and tells what it finds. It judges nothing: the audit does, at the end. It reads no faster than its
 * budget; where it cannot keep up it skips to the end of the log, and says how much it did not see.
 */
import type { FollowerTotals, RunEvent } from '../../evidence/events.ts';
import type { LedgerEntry, RawEntry } from '../../evidence/ledger.ts';
import { pause } from '../../lib/deadline.ts';
import { topicInKafka } from '../../scenario/kafka-names.ts';
import type { Admin } from '../../wire/admin.ts';
import type { ResponseOf } from '../../wire/api.ts';
import { fetch } from '../../wire/apis/fetch.ts';
import { Brokers, isPassing } from '../../wire/brokers.ts';
import { codeOf } from '../../wire/errors.ts';
import { Leaders } from '../leaders.ts';
import { readBatches } from '../read-batches.ts';
import { RunWriter } from '../run-writer.ts';
import { FollowedPlace, type Found } from './followed-place.ts';
import { foundEvent } from './found-event.ts';
import { LedgerTail } from './ledger-tail.ts';
import type { FollowPlan } from './protocol.ts';

const ROUND_MS = 200;
const LEADERS_MS = 1000;
const TELL_MS = 2000;
const FETCH_MS = 5000;
/** Of one partition at a time; a broker sends a whole batch anyway. */
const PLACE_BYTES = 1024 * 1024;
/** Of all brokers together. */
const BYTES_PER_SECOND = 8 * 1024 * 1024;
/** Runs that are held, over all partitions; about a hundred bytes each. */
const RUNS = 200_000;
const LEAST_RUNS = 64;
const MOST_OF_A_PLACE = 4096;
/** So long a partition may be behind before the follower skips to its end. */
const BEHIND_US = 10_000_000;
/** Rounds in which nothing new came, after which it has caught up. */
const QUIET_ROUNDS = 3;
const CATCH_UP_MS = 3000;

const OFFSET_OUT_OF_RANGE = codeOf('OFFSET_OUT_OF_RANGE');

type Fetched = ResponseOf<typeof fetch>['topics'][number]['partitions'][number];

type Followed = {
  readonly topic: string;
  readonly inKafka: string;
  readonly partition: number;
  readonly state: FollowedPlace;
  readonly writer: RunWriter;
  epoch: number;
  /** Since when it was not seen at the end of the log; -1: it was. */
  behindSinceUs: number;
};

export type FollowOptions = {
  readonly plan: FollowPlan;
  readonly admin: Admin;
  readonly nowUs: () => number;
  readonly onEvent: (event: RunEvent) => void;
  /** Lets it catch up and end. */
  readonly stopping: AbortSignal;
};

/** Resolves when it has ended. Throws for what is neither Kafka's doing nor a topic's that is gone. */
export async function follow(options: FollowOptions): Promise<void> {
  await using follower = new Follower(options);
  await follower.run();
}

class Follower implements AsyncDisposable {
  readonly #options: FollowOptions;
  readonly #brokers: Brokers;
  readonly #leaders: Leaders;
  readonly #tail: LedgerTail;
  readonly #places: readonly (Followed | null)[];
  readonly #counted = { read: 0, lost: 0, gone: 0, skipped: 0 };
  #lookedAt = -Infinity;
  /** Somebody did not answer as asked in this round. */
  #troubled = false;
  #toldAt = performance.now();
  #told = '';

  constructor(options: FollowOptions) {
    const { plan, admin } = options;
    this.#options = options;
    this.#brokers = new Brokers({ ...plan, clientId: 'ordeal-follower' });
    this.#places = this.#createPlaces();
    const topics = new Set(this.#places.flatMap((one) => (one === null ? [] : [one.inKafka])));
    this.#leaders = new Leaders(admin, this.#brokers, [...topics]);
    const wanted = (name: string): boolean =>
      plan.loads.some((load) => name.startsWith(`${load}-`) && LEDGER.test(name));
    this.#tail = new LedgerTail(plan.ledgers, wanted);
  }

  async run(): Promise<void> {
    const { stopping } = this.#options;
    while (!stopping.aborted) await this.#round();
    const end = performance.now() + CATCH_UP_MS;
    for (let quiet = 0; quiet < QUIET_ROUNDS && performance.now() < end; ) {
      quiet = (await this.#round()) === 0 && !this.#troubled ? quiet + 1 : 0;
    }
    this.#tellTotals();
    const { user, system } = process.cpuUsage();
    const places = this.#places.filter((one) => one !== null);
    this.#options.onEvent({
      ...{ t: this.#options.nowUs(), type: 'follower-ended', ...this.#totals },
      compared: places.reduce((sum, { state }) => sum + state.matched, 0),
      notCompared: places.reduce((sum, { state }) => sum + state.unjudged + state.waiting, 0),
      cpuMs: Math.round((user + system) / 1000),
    });
  }

  get #totals(): FollowerTotals {
    const hidden = this.#places.reduce((sum, place) => sum + (place?.state.hidden ?? 0), 0);
    return { ...this.#counted, hidden };
  }

  #createPlaces(): readonly (Followed | null)[] {
    const { streams, from, except, names } = this.#options.plan;
    const share = Math.floor(RUNS / Math.max(1, streams.partitions.length));
    const limit = Math.min(MOST_OF_A_PLACE, Math.max(LEAST_RUNS, share));
    return streams.partitions.map(({ topic, partition }, place) => {
      if (except.includes(topic)) return null;
      const state = new FollowedPlace(from[place] ?? 0, limit);
      const append = (entry: LedgerEntry): void => {
        if (entry.kind !== 'read') return;
        this.#counted.read += entry.count;
        const { baseOffset: offset, count, stream, first } = entry;
        state.read({ offset, count, stream, first });
      };
      const writer = new RunWriter({ append }, place);
      const inKafka = topicInKafka(names, topic);
      return { topic, inKafka, partition, state, writer, epoch: -1, behindSinceUs: -1 };
    });
  }

  /** Returns how many bytes of log came. */
  async #round(): Promise<number> {
    const began = performance.now();
    while (!this.#tail.poll((entry) => this.#hear(entry)));
    await this.#lookAtLeaders();
    this.#troubled = false;
    const bytes = await Promise.all(
      [...this.#byLeader()].map(([leader, places]) => this.#fetch(leader, places)),
    );
    const sum = bytes.reduce((total, one) => total + one, 0);
    if (performance.now() - this.#toldAt >= TELL_MS) this.#tellTotals();
    const spent = performance.now() - began;
    await pause(
      Math.max(ROUND_MS, (sum / BYTES_PER_SECOND) * 1000) - Math.min(spent, ROUND_MS / 2),
    );
    return sum;
  }

  /** Those that somebody leads. */
  #byLeader(): ReadonlyMap<number, readonly Followed[]> {
    const led = new Map<number, Followed[]>();
    for (const place of this.#places) {
      if (place === null) continue;
      const leader = this.#leaders.of(place.inKafka, place.partition);
      if (leader >= 0) led.set(leader, [...(led.get(leader) ?? []), place]);
    }
    return led;
  }

  #hear({ kind, outcome, stream, first, count, baseOffset, timeUs }: RawEntry): void {
    if (kind !== 'outcome' || outcome !== 'acknowledged' || baseOffset < 0) return;
    const place = this.#places[this.#options.plan.streams.streams[stream]?.place ?? -1];
    place?.state.acknowledged({ offset: baseOffset, count, stream, first }, timeUs);
  }

  /** Behind a new epoch the log may be another one. */
  async #lookAtLeaders(): Promise<void> {
    if (performance.now() - this.#lookedAt < LEADERS_MS) return;
    this.#lookedAt = performance.now();
    await this.#leaders.refresh();
    for (const place of this.#places) {
      if (place === null) continue;
      const epoch = this.#leaders.epochOf(place.inKafka, place.partition);
      if (place.epoch >= 0 && epoch > place.epoch) place.state.lookAgain();
      place.epoch = Math.max(place.epoch, epoch);
    }
  }

  async #fetch(leader: number, places: readonly Followed[]): Promise<number> {
    const request = {
      ...{ maxWaitMs: 0, minBytes: 1, maxBytes: BYTES_PER_SECOND, isolationLevel: 0 },
      topics: places.map(({ inKafka, partition, state }) => ({
        topic: inKafka,
        partitions: [{ partition, fetchOffset: state.asks, partitionMaxBytes: PLACE_BYTES }],
      })),
    };
    try {
      const { topics } = await this.#brokers.to(leader, fetch, request, FETCH_MS);
      const answers = new Map(
        topics.flatMap(({ topic, partitions }) =>
          partitions.map((found) => [`${topic}/${found.partition}`, found] as const),
        ),
      );
      let bytes = 0;
      for (const place of places) {
        const found = answers.get(`${place.inKafka}/${place.partition}`);
        if (found !== undefined) bytes += await this.#take(place, found);
      }
      return bytes;
    } catch (error) {
      // The observer tells what is wrong with the cluster.
      if (!isPassing(error)) throw error;
      this.#doubtLeaders();
      return 0;
    }
  }

  async #take(place: Followed, found: Fetched): Promise<number> {
    const { state, writer } = place;
    if (found.errorCode === OFFSET_OUT_OF_RANGE) await this.#findRange(place);
    if (found.errorCode !== 0) {
      this.#doubtLeaders();
      return 0;
    }
    const bytes = state.probing ? Buffer.alloc(0) : (found.records ?? Buffer.alloc(0));
    const { runId } = this.#options.plan.streams;
    const { position } = state;
    const next = await readBatches({ bytes, position, to: Infinity, runId, aborted: null }, writer);
    writer.flush();
    const { highWatermark, logStartOffset: logStart } = found;
    const nowUs = this.#options.nowUs();
    this.#tell(place, state.passed(next, { logStart, highWatermark }, nowUs));
    this.#keepUp(place, highWatermark, nowUs);
    return bytes.length;
  }

  #doubtLeaders(): void {
    this.#troubled = true;
    this.#lookedAt = -Infinity;
  }

  #keepUp(place: Followed, highWatermark: number, nowUs: number): void {
    const behind = highWatermark - place.state.position;
    if (behind <= 0) place.behindSinceUs = -1;
    else if (place.behindSinceUs < 0) place.behindSinceUs = nowUs;
    else if (nowUs - place.behindSinceUs >= BEHIND_US) {
      this.#counted.skipped += behind;
      place.state.skipTo(highWatermark);
      place.behindSinceUs = -1;
    }
  }

  /** The log begins behind what was asked for, or ends before it. */
  async #findRange(place: Followed): Promise<void> {
    const { inKafka: topic, partition, state } = place;
    const [low, high] = await this.#options.admin.listOffsets([
      { topic, partition, at: 'earliest' },
      { topic, partition, at: 'latest' },
    ]);
    if (low?.errorCode !== 0 || high?.errorCode !== 0) return;
    if (low.offset > state.position) state.beginsAt(low.offset);
    else if (state.probing || (high.offset < state.position && !state.lookAgain())) {
      this.#tell(place, state.endsAt(Math.min(high.offset, state.position)));
    }
  }

  #tell({ topic, partition }: Followed, found: readonly Found[]): void {
    const at = { t: this.#options.nowUs(), topic, partition };
    for (const one of found) {
      if (one.kind === 'lost' || one.kind === 'gone') this.#counted[one.kind] += one.count;
      this.#options.onEvent({ ...at, ...foundEvent(one) });
    }
  }

  /** Only what is new. */
  #tellTotals(): void {
    this.#toldAt = performance.now();
    const totals = this.#totals;
    const told = JSON.stringify(totals);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.onEvent({ t: this.#options.nowUs(), type: 'followed', ...totals });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tail[Symbol.dispose]();
    this.#brokers.close();
  }
}

/** `load-0.ledger`, `load-0.1.ledger`. */
const LEDGER = /-\d+(?:\.\d+)?\.ledger$/;
