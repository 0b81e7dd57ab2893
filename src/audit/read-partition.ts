/** Reads one partition from one offset to another, by position, wherever its leader goes meanwhile. */
import { messageOf } from '../lib/errors.ts';
import { AbortedTransactions } from '../wire/aborted.ts';
import type { Admin } from '../wire/admin.ts';
import type { ResponseOf } from '../wire/api.ts';
import { fetch } from '../wire/apis/fetch.ts';
import { type Brokers, isPassing } from '../wire/brokers.ts';
import { codeOf, kafkaError } from '../wire/errors.ts';
import type { Leaders } from './leaders.ts';
import { readBatches } from './read-batches.ts';
import type { Isolation, RunWriter } from './run-writer.ts';

const FETCH_BYTES = 1024 * 1024;
/** For batches larger than a fetch; brokers send a whole one anyway, others may not. */
const MAX_FETCH_BYTES = 64 * FETCH_BYTES;
/** How long a broker may hold a fetch that finds nothing. */
const WAIT_MS = 500;
const FETCH_MS = 10_000;
const LOG_START_MS = 2000;
/** Without a step forward for so long there will be none: the cluster was healed before the audit. */
const STALL_MS = 60_000;
/** Behind an open transaction, whose end was waited for before the audit. */
const OPEN_MS = 5000;

const OFFSET_OUT_OF_RANGE = codeOf('OFFSET_OUT_OF_RANGE');
/** Not retriable by Kafka's own table, but of no fixed meaning. */
const UNKNOWN_SERVER_ERROR = codeOf('UNKNOWN_SERVER_ERROR');

export type PartitionReading = {
  readonly position: number;
  readonly logStart: number;
  /** Why it ended before `to`, or what is to be known although it did not. */
  readonly reason: string;
};

export type PartitionTask = {
  readonly topic: string;
  /** What Kafka calls the topic. */
  readonly inKafka: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly runId: number;
  readonly isolation: Isolation;
  readonly writer: RunWriter;
  readonly nowUs: () => number;
  readonly onPosition: (position: number) => void;
};

export type Reach = {
  readonly admin: Admin;
  readonly brokers: Brokers;
  readonly leaders: Leaders;
  readonly signal: AbortSignal;
  /** `performance.now()` at which the audit must be over. */
  readonly end: number;
};

/** Never throws for what Kafka does: a partition that cannot be read to the end says why. */
export async function readPartition(task: PartitionTask, reach: Reach): Promise<PartitionReading> {
  const reader = new PartitionReader(task, reach);
  const reading = await reader.run();
  task.writer.flush();
  return reading;
}

type Step = 'on' | 'again' | 'over';
type Fetched = ResponseOf<typeof fetch>['topics'][number]['partitions'][number];

class PartitionReader {
  readonly #task: PartitionTask;
  readonly #reach: Reach;
  #position: number;
  #logStart = -1;
  #fetchBytes = FETCH_BYTES;
  #movedAt = performance.now();
  #moved = '';
  /** How long no step forward is borne. */
  #patienceMs = STALL_MS;
  #trouble = 'the deadline passed';

  constructor(task: PartitionTask, reach: Reach) {
    this.#task = task;
    this.#reach = reach;
    this.#position = task.from;
  }

  async run(): Promise<PartitionReading> {
    while (this.#position < this.#task.to && !this.#mustEnd()) {
      const step = await this.#step();
      if (step === 'over') break;
      if (step === 'again') await this.#reach.leaders.refresh();
    }
    if (this.#logStart < 0) await this.#askLogStart();
    const done = this.#position >= this.#task.to;
    const reasons = [this.#moved, done ? '' : this.#trouble].filter((reason) => reason !== '');
    return {
      position: this.#position,
      logStart: this.#logStart,
      reason: reasons.join('; ') || 'read to the end',
    };
  }

  #mustEnd(): boolean {
    const now = performance.now();
    if (this.#reach.signal.aborted) this.#trouble = 'interrupted';
    else if (now >= this.#reach.end) this.#trouble = `out of time: ${this.#trouble}`;
    else if (now - this.#movedAt >= this.#patienceMs) {
      this.#trouble = `no progress for ${this.#patienceMs / 1000} s: ${this.#trouble}`;
    } else return false;
    return true;
  }

  async #step(): Promise<Step> {
    const { topic, partition } = this.#task;
    const leader = this.#reach.leaders.of(topic, partition);
    if (leader < 0) return this.#wait('the partition has no leader');
    try {
      const answer = await this.#fetch(leader);
      const found = answer.topics[0]?.partitions[0];
      if (answer.errorCode !== 0) return this.#refused(answer.errorCode);
      if (found === undefined) return this.#wait('the leader left the partition out of its answer');
      if (found.logStartOffset >= 0) this.#logStart = found.logStartOffset;
      if (found.errorCode === OFFSET_OUT_OF_RANGE) return await this.#findRange();
      if (found.errorCode !== 0) return this.#refused(found.errorCode);
      return await this.#read(found);
    } catch (error) {
      if (!isPassing(error) && !this.#reach.signal.aborted) throw error;
      return this.#wait(messageOf(error));
    }
  }

  #fetch(leader: number): Promise<ResponseOf<typeof fetch>> {
    const { inKafka, partition, isolation } = this.#task;
    return this.#reach.brokers.to(
      leader,
      fetch,
      {
        maxWaitMs: WAIT_MS,
        minBytes: 1,
        maxBytes: this.#fetchBytes,
        isolationLevel: isolation === 'read_committed' ? 1 : 0,
        topics: [
          {
            topic: inKafka,
            partitions: [
              { partition, fetchOffset: this.#position, partitionMaxBytes: this.#fetchBytes },
            ],
          },
        ],
      },
      FETCH_MS,
    );
  }

  async #read(found: Fetched): Promise<Step> {
    const { writer, runId, to, isolation, nowUs } = this.#task;
    const { highWatermark, lastStableOffset } = found;
    const bytes = found.records ?? Buffer.alloc(0);
    const committed = isolation === 'read_committed';
    const aborted = committed ? new AbortedTransactions(found.abortedTransactions ?? []) : null;
    writer.timeUs = nowUs();
    const stretch = { bytes, position: this.#position, to, runId, aborted };
    const next = await readBatches(stretch, writer);
    if (next > this.#position) {
      this.#moveTo(next);
      return 'on';
    }
    this.#fetchBytes = Math.min(this.#fetchBytes * 2, MAX_FETCH_BYTES);
    if (committed && lastStableOffset >= 0 && lastStableOffset <= this.#position) {
      this.#patienceMs = OPEN_MS;
      return this.#wait(`a transaction is open: the last stable offset is ${lastStableOffset}`);
    }
    return this.#wait(
      `nothing to read at ${this.#position}; the high watermark is ${highWatermark}`,
    );
  }

  #moveTo(position: number): void {
    this.#position = position;
    this.#movedAt = performance.now();
    this.#patienceMs = STALL_MS;
    this.#fetchBytes = FETCH_BYTES;
    this.#task.onPosition(Math.min(position, this.#task.to));
  }

  #refused(code: number): Step {
    const { name, retriable } = kafkaError(code);
    this.#wait(`the leader answered ${name}`);
    return retriable || code === UNKNOWN_SERVER_ERROR ? 'again' : 'over';
  }

  #wait(trouble: string): Step {
    this.#trouble = trouble;
    return 'again';
  }

  /** Either the log begins later now (retention), or it ends earlier (truncation). */
  async #findRange(): Promise<Step> {
    await this.#askLogStart();
    if (this.#logStart <= this.#position) {
      return this.#wait(`the log ends before ${this.#position}, which had been read`);
    }
    this.#moved = `the log begins at ${this.#logStart} now: ${this.#position} to ${this.#logStart - 1} are gone`;
    this.#moveTo(this.#logStart);
    return 'on';
  }

  async #askLogStart(): Promise<void> {
    const { topic, partition } = this.#task;
    try {
      const query = { topic, partition, at: 'earliest' as const };
      const [answer] = await this.#reach.admin.listOffsets([query], { timeoutMs: LOG_START_MS });
      if (answer?.errorCode === 0) this.#logStart = answer.offset;
    } catch (error) {
      if (!isPassing(error) && !this.#reach.signal.aborted) throw error;
      this.#trouble = messageOf(error);
    }
  }
}
