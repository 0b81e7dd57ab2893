/** What the broker holds, and what happens to every batch that is sent to it, lies included. */
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../src/wire/errors.ts';
import { concerns, corrupted, forged, type Lie } from './lies.ts';
import { PartitionLog, splitBatches } from './partition-log.ts';

/** One batch as it arrived. Times are on the clock the broker was started with. */
export type ProducedBatch = {
  readonly topic: string;
  readonly partition: number;
  /** 0, 1, 2 … within the partition, retries included. */
  readonly batch: number;
  readonly records: number;
  readonly clientId: string;
  readonly receivedUs: number;
  /** null: not answered (yet, or ever). */
  answeredUs: number | null;
  /** Where it was put; -1 when it was not appended. */
  baseOffset: number;
  errorCode: number;
  /** What was done to it. */
  readonly lies: readonly Lie['kind'][];
};

export type Verdict = {
  readonly errorCode: number;
  readonly baseOffset: number;
  readonly delayMs: number;
  readonly silent: boolean;
  /** The connection ends. */
  readonly cut: boolean;
};

type Batch = ReturnType<typeof splitBatches>[number];
type Sender = {
  readonly clientId: string;
  readonly receivedUs: number;
  readonly connection: object;
};

type Appending = {
  readonly copies: number;
  readonly how: NonNullable<Parameters<PartitionLog['append']>[2]>;
  readonly connection: object;
};

const UNKNOWN_TOPIC = codeOf('UNKNOWN_TOPIC_OR_PARTITION');

export class Store {
  /** `topic/partition` of those whose leader is not the one that they began with, and the node's id. */
  readonly moved = new Map<string, number>();
  /** `topic/partition` of those that nobody leads, as metadata has it. */
  readonly headless = new Set<string>();
  readonly topics = new Map<string, readonly PartitionLog[]>();
  readonly produced: ProducedBatch[] = [];
  readonly lies: Lie[];
  readonly #appended = new EventEmitter().setMaxListeners(0);
  readonly #counts = new Map<PartitionLog, number>();
  /** Batches held back until the next over the same connection. */
  readonly #held = new Map<PartitionLog, { readonly by: object; readonly batch: Batch }>();
  readonly #showsOpen: boolean;
  readonly #checksSequences: boolean;
  #stalled: Promise<unknown> = Promise.resolve();

  constructor(
    topics: Readonly<Record<string, number>>,
    lies: readonly Lie[],
    showsOpen = false,
    checksSequences = false,
  ) {
    this.#showsOpen = showsOpen;
    this.#checksSequences = checksSequences;
    this.lies = [...lies];
    for (const [name, partitions] of Object.entries(topics)) this.create(name, partitions);
  }

  create(name: string, partitions: number): void {
    this.topics.set(
      name,
      Array.from({ length: partitions }, () => new PartitionLog(this.#showsOpen)),
    );
  }

  /** Of its name, so that a topic made anew has the same; an unknown id names no topic. */
  idOf(topic: string): string {
    return createHash('sha256').update(topic).digest().subarray(0, 16).toString('base64url');
  }

  nameOf(id: string): string {
    return [...this.topics.keys()].find((topic) => this.idOf(topic) === id) ?? '';
  }

  find(topic: string, partition: number): PartitionLog | undefined {
    return this.topics.get(topic)?.[partition];
  }

  /** Nothing is handled while the broker stalls. */
  ready(): Promise<unknown> {
    return this.#stalled;
  }

  stall(ms: number): void {
    this.#stalled = Promise.all([this.#stalled, sleep(ms, undefined, { ref: false })]);
  }

  /** Resolves when something is appended, or after `ms`. */
  async news(ms: number, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
    await once(this.#appended, 'appended', { signal: either }).catch(() => {});
  }

  /** Something was appended. */
  announce(): void {
    this.#appended.emit('appended');
  }

  async produce(
    topic: string,
    partition: number,
    records: Buffer,
    sender: Sender,
  ): Promise<Verdict & { readonly entries: readonly ProducedBatch[] }> {
    const log = this.find(topic, partition);
    const entries: ProducedBatch[] = [];
    const none = { delayMs: 0, silent: false, cut: false };
    let verdict: Verdict = { errorCode: UNKNOWN_TOPIC, baseOffset: -1, ...none };
    if (log === undefined) return { ...verdict, entries };
    for (const [i, batch] of splitBatches(records).entries()) {
      const number = this.#counts.get(log) ?? 0;
      this.#counts.set(log, number + 1);
      const lies = this.lies.filter((lie) => concerns(lie, topic, partition, number));
      for (const lie of lies) if (lie.kind === 'stall') this.stall(lie.ms);
      await this.ready();
      const one = this.#take(this.#chosen(topic, partition, lies), batch, lies, sender.connection);
      verdict = i === 0 ? one : { ...one, baseOffset: verdict.baseOffset };
      entries.push({
        topic,
        partition,
        batch: number,
        records: batch.header.count,
        clientId: sender.clientId,
        receivedUs: sender.receivedUs,
        answeredUs: null,
        baseOffset: one.baseOffset,
        errorCode: one.errorCode,
        lies: lies.map(({ kind }) => kind),
      });
    }
    this.produced.push(...entries);
    return { ...verdict, entries };
  }

  /** The log that a batch for this partition goes to. */
  #chosen(topic: string, partition: number, lies: readonly Lie[]): PartitionLog {
    const logs = this.topics.get(topic) ?? [];
    const shift = lies.some(({ kind }) => kind === 'misplace') ? 1 : 0;
    return logs[(partition + shift) % logs.length] as PartitionLog;
  }

  #take(log: PartitionLog, batch: Batch, lies: readonly Lie[], connection: object): Verdict {
    const told = <K extends Lie['kind']>(kind: K) =>
      lies.find((lie): lie is Extract<Lie, { kind: K }> => lie.kind === kind);
    const error = told('error');
    const cut = told('cut');
    const verdict: Verdict = {
      errorCode: error?.code ?? 0,
      baseOffset: -1,
      delayMs: told('delay')?.ms ?? 0,
      silent: told('swallow-ack') !== undefined,
      cut: cut !== undefined,
    };
    if (told('lose')) return { ...verdict, baseOffset: log.end };
    if (told('reorder')) {
      this.#held.set(log, { by: connection, batch });
      return verdict;
    }
    if (leftOut(error) || leftOut(cut)) return verdict;
    const refusal = this.#refusal(log, batch);
    if (refusal !== 0) return { ...verdict, errorCode: refusal };
    const answered = told('reuse-offset') ? log.newest : null;
    mangle(log, lies);
    const corrupt = told('corrupt');
    const bytes = corrupt === undefined ? batch.bytes : corrupted(batch.bytes, corrupt.how);
    const copies = told('duplicate') ? 2 : 1;
    const how = howStored(log, lies);
    const baseOffset = this.#append(log, { ...batch, bytes }, { copies, how, connection });
    if (told('forge')) log.append(forged(batch.bytes), { ...batch.header, producerId: -1 });
    return { ...verdict, baseOffset: answered ?? baseOffset };
  }

  #refusal(log: PartitionLog, { header }: Batch): number {
    return this.#checksSequences && log.repeated(header) < 0 ? log.refusal(header) : 0;
  }

  #append(
    log: PartitionLog,
    { bytes, header }: Batch,
    { copies, how, connection }: Appending,
  ): number {
    const repeated = log.repeated(header);
    if (repeated >= 0) return repeated;
    const base = log.append(bytes, header, how);
    for (let copy = 1; copy < copies; copy++) log.append(bytes, header);
    const held = this.#held.get(log);
    if (held?.by === connection) {
      this.#held.delete(log);
      log.append(held.batch.bytes, held.batch.header);
    }
    this.announce();
    return base;
  }
}

const howStored = (log: PartitionLog, lies: readonly Lie[]): Appending['how'] => {
  const older = lies.some(({ kind }) => kind === 'old-epoch') ? 1 : 0;
  return { leaderEpoch: log.leaderEpoch - older, hidden: lies.some(({ kind }) => kind === 'hide') };
};

/** The lie is told, and nothing is stored. */
const leftOut = (lie: { readonly appended?: boolean } | undefined): boolean =>
  lie !== undefined && lie.appended !== true;

/** What is done to the log before the batch is appended. */
function mangle(log: PartitionLog, lies: readonly Lie[]): void {
  for (const lie of lies) {
    if (lie.kind === 'gap') log.skip(lie.offsets);
    if (lie.kind === 'truncate') log.truncate(lie.batches);
    if (lie.kind === 'delete-early') log.deleteBefore(Math.floor(log.end / 2));
  }
}
