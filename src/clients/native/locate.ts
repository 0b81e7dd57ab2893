/** Where a partition's log begins and ends, asked of its leader, and where a reader begins who has no place of its own. */
import { EARLIEST, LATEST, listOffsets } from '../../wire/apis/list-offsets.ts';
import { errorName, kafkaError } from '../../wire/errors.ts';
import type { ConsumerContext } from '../client.ts';
import type { Calls } from './calls.ts';
import type { Directory } from './directory.ts';
import type { Position } from './position.ts';

export class Locator {
  readonly #context: ConsumerContext;
  readonly #directory: Directory;
  readonly #calls: Calls;

  constructor(context: ConsumerContext, directory: Directory, calls: Calls) {
    this.#context = context;
    this.#directory = directory;
    this.#calls = calls;
  }

  /** By `auto.offset.reset`. False when nobody could be asked, or nobody knew. */
  async toBegin(position: Position): Promise<boolean> {
    const earliest = this.#context.config['auto.offset.reset'] === 'earliest';
    const offset = await this.#ask(position.partition, earliest ? EARLIEST : LATEST);
    if (offset !== null) position.moveTo(offset, -1);
    return offset !== null;
  }

  /**
   * Its leader says that the log does not have the position. A leader that is none any more may say so, and one that
   * does not know the epoch of what was read; then it is read on where it was.
   */
  async again(position: Position): Promise<boolean> {
    const start = await this.#ask(position.partition, EARLIEST);
    const end = start === null ? null : await this.#ask(position.partition, LATEST);
    if (start === null || end === null) return false;
    if (position.offset < start || position.offset > end) return this.toBegin(position);
    position.moveTo(position.offset, -1);
    return true;
  }

  async #ask(partition: number, timestamp: number): Promise<number | null> {
    const leader = this.#directory.leaderOf(partition);
    const address = leader === undefined ? undefined : this.#directory.addressOf(leader.id);
    if (leader === undefined || address === undefined) return null;
    const { topic, config } = this.#context;
    const partitions = [{ partition, currentLeaderEpoch: leader.epoch, timestamp }];
    const answer = await this.#calls.to(
      address,
      listOffsets,
      {
        isolationLevel: config['isolation.level'] === 'read_committed' ? 1 : 0,
        topics: [{ name: topic, partitions }],
      },
      Number(config['request.timeout.ms']),
    );
    const found = answer.topics[0]?.partitions[0];
    if (found?.errorCode === 0 && found.offset >= 0) return found.offset;
    const code = found?.errorCode ?? -1;
    this.#context.onProblem('native.offsets', `partition ${partition}: ${errorName(code)}`);
    if (kafkaError(code).retriable) this.#directory.refresh();
    return null;
  }
}
