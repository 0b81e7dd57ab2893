/**
 * What a relay does with a batch: so many records at a time it makes its outputs of them, sends those, and has the
 * group's offset committed with them, in one transaction, or leaves that to the consumer behind acknowledged outputs.
 */
import type {
  ConsumedBatch,
  PayloadSource,
  ProducerClient,
  RelayOutput,
  SendResult,
  Slice,
} from '../clients/client.ts';
import { partsOf } from '../clients/parts.ts';
import { pause } from '../lib/deadline.ts';
import { readStamp, STAMP_BYTES, type Stamp, writeStamp } from '../payload/stamp.ts';
import { type Relayed, relayedOf } from '../scenario/records/relayed.ts';
import type { RelaySpec } from '../scenario/relay-spec.ts';
import type { WorkerPlan } from './protocol.ts';

const AGAIN_MS = 100;

/** A record to be written; `stream` is the number of its relayed stream. */
type Output = Relayed &
  Pick<Stamp, 'stream' | 'sequence' | 'intendedUs'> & { readonly rest: Buffer };

export type RelayListener = {
  /** These records of a batch are worked off next. */
  readonly onTaken: (part: ConsumedBatch) => Promise<void>;
  /** The group's offset was committed with the outputs. */
  readonly onCommitted: (partition: number, nextOffset: number) => void;
  readonly onProblem: (code: string, message: string) => void;
};

export class Relaying {
  readonly #plan: WorkerPlan;
  readonly #spec: RelaySpec;
  readonly #partitions: number;
  readonly #listener: RelayListener;
  readonly #numbers: ReadonlyMap<number, number>;
  /** By input partition: the outputs of the records that are being worked off, by output partition. */
  readonly #underWay = new Map<number, readonly Output[]>();
  readonly #stamp: Stamp = { runId: 0, stream: 0, sequence: 0, intendedUs: 0, valueBytes: 0 };
  #closed = false;

  constructor(plan: WorkerPlan, spec: RelaySpec, listener: RelayListener) {
    this.#plan = plan;
    this.#spec = spec;
    this.#listener = listener;
    this.#partitions = plan.places.filter(({ topic }) => topic === spec.to).length;
    this.#numbers = new Map(plan.relayed.map(({ source, number }) => [source, number]));
  }

  /** Slices number the outputs that are under way: `stream` is the input partition, and sequences count from 0. */
  readonly source: PayloadSource = {
    headers: {},
    fixed: null,
    keyOf: (partition, at) => this.#output(partition, at).key,
    valueOf: (partition, at) => this.#valueOf(this.#output(partition, at)),
  };

  close(): void {
    this.#closed = true;
  }

  /** In transactions. `again`: what was not committed by now is to be read again. */
  async inTransactions(batch: ConsumedBatch, output: RelayOutput): Promise<'done' | 'again'> {
    for (const part of partsOf(batch, this.#spec.records)) {
      if (!(await output.begin())) return 'again';
      await this.#listener.onTaken(part);
      const next = part.offsetAt(part.count - 1) + 1;
      if (!(await this.#transact(part, next, output))) return 'again';
      this.#listener.onCommitted(part.partition, next);
    }
    return 'done';
  }

  /** Resolves when every output is acknowledged, however often it had to be sent. Throws when it was closed before. */
  async plainly(batch: ConsumedBatch, producer: ProducerClient): Promise<void> {
    for (const part of partsOf(batch, this.#spec.records)) {
      await this.#listener.onTaken(part);
      let slices = this.#take(part);
      while (slices.length > 0) {
        if (this.#closed) throw new Error('closed before its outputs were acknowledged');
        const results = await Promise.all(slices.map((slice) => this.#send(producer, slice)));
        slices = slices.filter((_, i) => results[i]?.outcome !== 'acknowledged');
        if (slices.length > 0) await pause(AGAIN_MS);
      }
    }
  }

  /** False when it was not committed, or nobody knows whether it was. */
  async #transact(part: ConsumedBatch, next: number, output: RelayOutput): Promise<boolean> {
    const slices = this.#take(part);
    const results = await Promise.all(slices.map((slice) => this.#send(output, slice)));
    const sent = results.every(({ outcome }) => outcome === 'acknowledged');
    if (!sent || !(await output.sendOffset(next))) {
      const { error, errorCode } = await output.abort();
      if (error !== null) this.#listener.onProblem(`abort.${errorCode}`, error);
      return false;
    }
    const { outcome, error, errorCode } = await output.commit();
    if (error !== null) this.#listener.onProblem(`commit.${errorCode}`, error);
    return outcome === 'acknowledged';
  }

  #send(client: ProducerClient, slice: Slice): Promise<SendResult> {
    return new Promise((resolve) => {
      client.send(slice, (result) => {
        const { error, errorCode } = result;
        if (error !== null) this.#listener.onProblem(`send.${errorCode}`, error);
        resolve(result);
      });
    });
  }

  /** One slice for each output partition that the records have outputs in. */
  #take({ partition: input, count, valueAt }: ConsumedBatch): readonly Slice[] {
    const outputs: Output[] = [];
    for (let i = 0; i < count; i++) this.#make(input, valueAt(i), outputs);
    outputs.sort((a, b) => a.partition - b.partition);
    this.#underWay.set(input, outputs);
    const slices: Slice[] = [];
    for (let at = 0; at < outputs.length; ) {
      const { partition } = outputs[at] as Output;
      const end = outputs.findLastIndex((output) => output.partition === partition) + 1;
      slices.push({ stream: input, partition, firstSequence: at, count: end - at });
      at = end;
    }
    return slices;
  }

  /** Of a record of this run; others have no identity that their outputs could be known by. */
  #make(partition: number, value: Buffer | null, outputs: Output[]): void {
    const stamp = this.#stamp;
    if (value === null || readStamp(value, 0, value.length, stamp) !== 'ok') return;
    const first = this.#numbers.get(stamp.stream);
    if (stamp.runId !== this.#plan.runId || first === undefined) return;
    const { stream, sequence, intendedUs } = stamp;
    const rest = value.subarray(STAMP_BYTES);
    const input = { stream, sequence, partition };
    for (const relayed of relayedOf(this.#spec.makes, input, this.#partitions)) {
      outputs.push({ ...relayed, stream: first + relayed.leg, sequence, intendedUs, rest });
    }
  }

  #output(partition: number, at: number): Output {
    const output = this.#underWay.get(partition)?.[at];
    if (output === undefined)
      throw new Error(`output ${at} of partition ${partition} is not under way`);
    return output;
  }

  #valueOf({ stream, sequence, intendedUs, key, amount, rest }: Output): Buffer {
    const text = this.#spec.makes === 'copy' ? rest : Buffer.from(`${key}: ${amount}`);
    const value = Buffer.allocUnsafe(STAMP_BYTES + text.length);
    text.copy(value, STAMP_BYTES);
    const valueBytes = value.length;
    writeStamp(value, 0, { runId: this.#plan.runId, stream, sequence, intendedUs, valueBytes });
    return value;
  }
}
