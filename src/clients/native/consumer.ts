/**
 * Our own member of a consumer group, at least once: records are handed over first and committed afterwards, every
 * `auto.commit.interval.ms`, or after every stretch with `enable.auto.commit: false`. When its group rebalances, what is
 * being handed over comes to its end and is committed before the partitions are given up, as Java's consumer does.
 */
import { pause } from '../../lib/deadline.ts';
import type { ConsumedBatch, ConsumerClient, ConsumerContext } from '../client.ts';
import { partsOf } from '../parts.ts';
import { backoffOf } from './backoff.ts';
import { Calls } from './calls.ts';
import { Commits } from './commits.ts';
import { Directory } from './directory.ts';
import { Fetcher } from './fetcher.ts';
import { KnownBodies } from './known-body.ts';
import { Locator } from './locate.ts';
import { Membership, type Offset, type Standing } from './membership.ts';
import { Position } from './position.ts';
import { kafkasDoing, mayEnd } from './refusal.ts';
import { openStretch, type Stretch } from './stretch.ts';

/** How often timeouts, pauses and missing leaders are looked at. */
const LOOK_MS = 100;
/** How often a commit that failed is tried again when every stretch is committed by itself. */
const RECOMMIT_MS = 1000;
/** Why a membership ends; `leave` is our own wish. */
type End = Exclude<Standing, 'member'> | 'leave';

export const createNativeConsumer = (context: ConsumerContext): ConsumerClient =>
  new NativeConsumer(context);

class NativeConsumer implements ConsumerClient {
  readonly #context: ConsumerContext;
  readonly #calls: Calls;
  readonly #directory: Directory;
  readonly #membership: Membership;
  readonly #fetcher: Fetcher;
  readonly #bodies = new KnownBodies();
  readonly #locator: Locator;
  readonly #commits: Commits;
  readonly #commitEveryMs: number;
  readonly #backoffMs: (attempts: number) => number;
  /** Ends the membership that there is; null while there is none. */
  #end: ((why: End) => void) | null = null;
  #over: Promise<void> = Promise.resolve();
  #left: () => void = () => {};
  #joined = false;
  #closing = false;

  constructor(context: ConsumerContext) {
    const { config } = context;
    this.#context = context;
    this.#calls = new Calls(context);
    this.#directory = new Directory(context, () => this.#fetcher.pump());
    this.#membership = new Membership(context, this.#directory, this.#calls);
    this.#locator = new Locator(context, this.#directory, this.#calls);
    this.#commits = new Commits(context, this.#membership, (standing) => this.#heard(standing));
    this.#fetcher = new Fetcher(context, this.#directory, {
      onStretch: (position, stretch) => this.#handOver(position, stretch),
      onOutOfRange: (position) => void this.#find(position, () => this.#locator.again(position)),
    });
    this.#commitEveryMs =
      config['enable.auto.commit'] === 'true' ? Number(config['auto.commit.interval.ms']) : 0;
    this.#backoffMs = backoffOf(config);
  }

  /** Rejects when it cannot join at all. */
  async start(): Promise<void> {
    await this.#directory.connect();
    await new Promise<void>((resolve, reject) => {
      this.#over = this.#live(resolve).then(resolve, (error: unknown) => {
        if (this.#joined) throw error; // A defect of ours, and nobody waits for it any more.
        reject(error);
      });
    });
  }

  async rejoin(): Promise<void> {
    const end = this.#end;
    // Without a membership it is joining already.
    if (this.#closing || end === null) return;
    await new Promise<void>((resolve) => {
      this.#left = resolve;
      end('leave');
    });
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    const abandon = new AbortController();
    await Promise.race([this.#goneFromGroup(), pause(deadlineMs, abandon.signal)]);
    abandon.abort();
    this.#fetcher.close();
    this.#directory.close();
    this.#calls.close();
  }

  async #goneFromGroup(): Promise<void> {
    if (this.#end !== null) this.#end('leave');
    else await this.#leave();
    await this.#over;
  }

  /** One membership after the other. Rejects when the first cannot be had, and for a defect of ours. */
  async #live(onJoined: () => void): Promise<void> {
    let failures = 0;
    while (!this.#closing) {
      try {
        const partitions = await this.#membership.join();
        failures = 0;
        await this.#belong(partitions, onJoined);
      } catch (error) {
        const message = kafkasDoing(error);
        if (this.#closing) return;
        if (!this.#joined && !mayEnd(error)) throw error;
        failures += 1;
        this.#context.onProblem('native.group', message);
        await pause(this.#backoffMs(failures));
      }
    }
  }

  /** From one assignment to the end of it. */
  async #belong(partitions: readonly number[], onJoined: () => void): Promise<void> {
    const positions = partitions.map((partition) => new Position(partition));
    const ended = new Promise<End>((resolve) => {
      this.#end = resolve;
    });
    if (this.#closing) this.#heard('leave');
    const upkeep = this.#keepUp();
    this.#context.handlers.onAssigned(partitions);
    this.#joined = true;
    onJoined();
    void this.#begin(positions, ended);
    const why = await ended;
    await this.#giveUp(positions, why);
    await upkeep.stop();
    this.#end = null;
    if (why === 'leave') await this.#leave();
    this.#left();
  }

  /** Heartbeats, commits, and what takes its time. */
  #keepUp(): { readonly stop: () => Promise<void> } {
    const { 'heartbeat.interval.ms': everyMs, 'metadata.max.age.ms': ageMs } = this.#context.config;
    let beating: Promise<void> | null = null;
    const beat = async (): Promise<void> => {
      this.#heard(await this.#membership.heartbeat());
      beating = null;
    };
    const timers = [
      setInterval(() => {
        beating ??= beat();
      }, Number(everyMs)),
      setInterval(() => void this.#commits.commit(), this.#commitEveryMs || RECOMMIT_MS),
      setInterval(() => {
        this.#fetcher.look(performance.now());
        this.#directory.refreshIfOlderThan(Number(ageMs));
        if (this.#membership.outdated) this.#heard('rebalance');
      }, LOOK_MS),
    ];
    return {
      stop: async () => {
        for (const timer of timers) clearInterval(timer);
        await beating; // What it says is of this membership and not of the next.
      },
    };
  }

  #heard(standing: Standing | 'leave'): void {
    if (standing !== 'member') this.#end?.(standing);
  }

  /** Where the group goes on, or where its settings let it begin. */
  async #begin(positions: readonly Position[], ended: Promise<End>): Promise<void> {
    let over = false;
    void ended.then(() => {
      over = true;
    });
    const partitions = positions.map(({ partition }) => partition);
    for (let failures = 1; ; failures++) {
      const offsets = await this.#tried(() => this.#membership.committed(partitions));
      if (over) return;
      if (offsets !== null) {
        this.#read(positions, offsets);
        return;
      }
      await pause(this.#backoffMs(failures));
    }
  }

  #read(positions: readonly Position[], offsets: ReadonlyMap<number, Offset>): void {
    for (const position of positions) {
      const known = offsets.get(position.partition);
      if (known !== undefined) position.moveTo(known.offset, known.leaderEpoch);
      else void this.#find(position, () => this.#locator.toBegin(position));
    }
    this.#fetcher.assign(positions);
  }

  /** Nothing is asked about the position until it is found. */
  async #find(position: Position, look: () => Promise<boolean>): Promise<void> {
    position.notBeforeMs = Number.POSITIVE_INFINITY;
    for (let failures = 1; !position.stopped && !this.#closing; failures++) {
      if (await this.#tried(look)) break;
      await pause(this.#backoffMs(failures));
    }
    position.notBeforeMs = 0;
    this.#fetcher.pump();
  }

  /** Null when Kafka did not let it happen. */
  async #tried<T>(attempt: () => Promise<T>): Promise<T | null> {
    try {
      return await attempt();
    } catch (error) {
      this.#context.onProblem('native.offsets', kafkasDoing(error));
      this.#directory.refresh();
      return null;
    }
  }

  async #handOver(position: Position, stretch: Stretch): Promise<void> {
    const batches = await openStretch(stretch, this.#bodies, (message) =>
      this.#context.onProblem('native.damaged', message),
    );
    const whole = await this.#handOverParts(position, batches, stretch.epoch);
    if (whole) await this.#done(position, stretch.next, stretch.epoch);
  }

  /** False when it was told to stop before it came to the last part. */
  async #handOverParts(
    position: Position,
    batches: readonly ConsumedBatch[],
    epoch: number,
  ): Promise<boolean> {
    const { recordsAtOnce, handlers } = this.#context;
    const parts =
      recordsAtOnce === undefined
        ? batches
        : batches.flatMap((batch) => [...partsOf(batch, recordsAtOnce)]);
    for (const [i, part] of parts.entries()) {
      if (position.revoked) return false;
      await handlers.onBatch(part);
      if (recordsAtOnce === undefined || i === parts.length - 1) continue;
      await this.#done(position, part.offsetAt(part.count - 1) + 1, epoch);
      if (position.stopped) return false;
    }
    return true;
  }

  /** What was taken from it meanwhile is no longer its to commit. */
  async #done({ revoked, partition }: Position, next: number, epoch: number): Promise<void> {
    if (revoked) return;
    this.#commits.add(partition, next, epoch);
    if (this.#commitEveryMs === 0) await this.#commits.commit();
  }

  async #giveUp(positions: readonly Position[], why: End): Promise<void> {
    this.#fetcher.assign([]);
    // Whoever is no member any more has nothing left to commit, and others may read already.
    if (why === 'lost') this.#revoke(positions);
    else await this.#fetcher.idle();
    await this.#commits.commit();
    if (why !== 'lost') this.#revoke(positions);
  }

  #revoke(positions: readonly Position[]): void {
    for (const position of positions) position.revoked = true;
    this.#commits.drop();
    if (positions.length === 0) return;
    this.#context.handlers.onRevoked(positions.map(({ partition }) => partition));
  }

  async #leave(): Promise<void> {
    try {
      await this.#membership.leave();
    } catch (error) {
      this.#context.onProblem('native.leave', kafkasDoing(error));
    }
  }
}
