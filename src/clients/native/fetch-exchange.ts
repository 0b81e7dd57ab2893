/** Fetch requests and answers of one topic, by its name (version 12) or by its id (13 to 17), alike for whoever asks. */
import { decodeResponse, encodeRequest } from '../../wire/api.ts';
import { fetch } from '../../wire/apis/fetch.ts';
import { fetchById } from '../../wire/apis/fetch-by-id.ts';
import type { VersionRange } from '../../wire/connection.ts';
import { NO_UUID } from '../../wire/schema.ts';
import type { Leader } from './directory.ts';
import type { Position } from './position.ts';

export type FetchSettings = {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly partitionBytes: number;
  readonly committedOnly: boolean;
};

export type FetchedPartition = {
  readonly partition: number;
  readonly errorCode: number;
  readonly divergingEpoch: { readonly epoch: number; readonly endOffset: number };
  readonly currentLeader: { readonly leaderId: number; readonly leaderEpoch: number };
  readonly abortedTransactions:
    | readonly { readonly producerId: number; readonly firstOffset: number }[]
    | null;
  /** A view of the answer's bytes. */
  readonly records: Buffer | null;
};

export type FetchAnswer = {
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
  readonly nodes: readonly {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
  }[];
};

export type Wanted = { readonly position: Position; readonly leader: Leader };

/** Null: not a version that both sides speak. */
export function fetchVersion(versions: ReadonlyMap<number, VersionRange>): number | null {
  const { min, max } = versions.get(fetch.key) ?? { min: 0, max: -1 };
  const version = Math.min(max, fetchById.max);
  return version >= Math.max(min, fetch.max) ? version : null;
}

export class FetchExchange {
  readonly #clientId: string;
  readonly #topic: string;
  readonly #settings: FetchSettings;

  constructor(clientId: string, topic: string, settings: FetchSettings) {
    this.#clientId = clientId;
    this.#topic = topic;
    this.#settings = settings;
  }

  /** The whole frame. `topicId` decides between the two kinds. */
  request(
    version: number,
    correlationId: number,
    topicId: string,
    wanted: readonly Wanted[],
  ): Buffer {
    const { maxWaitMs, minBytes, maxBytes, partitionBytes, committedOnly } = this.#settings;
    const partitions = wanted.map(({ position, leader }) => ({
      ...{ partition: position.partition, fetchOffset: position.offset },
      ...{ currentLeaderEpoch: leader.epoch, lastFetchedEpoch: position.epoch },
      partitionMaxBytes: partitionBytes,
    }));
    const common = { maxWaitMs, minBytes, maxBytes, isolationLevel: committedOnly ? 1 : 0 };
    if (!isById(version, topicId)) {
      const topics = [{ topic: this.#topic, partitions }];
      return encodeRequest(fetch, fetch.max, correlationId, this.#clientId, { ...common, topics });
    }
    const topics = [{ topicId, partitions }];
    return encodeRequest(fetchById, version, correlationId, this.#clientId, { ...common, topics });
  }

  /** `frame`: with its correlation id. Throws ProtocolError. */
  answer(version: number, topicId: string, frame: Buffer): FetchAnswer {
    if (isById(version, topicId)) {
      const { errorCode, topics, nodeEndpoints } = decodeResponse(fetchById, version, frame);
      const partitions = topics.flatMap((one) => one.partitions);
      return { errorCode, partitions, nodes: nodeEndpoints };
    }
    const { errorCode, topics } = decodeResponse(fetch, fetch.max, frame);
    return { errorCode, partitions: topics.flatMap((one) => one.partitions), nodes: [] };
  }
}

const isById = (version: number, topicId: string): boolean =>
  version >= fetchById.min && topicId !== NO_UUID && topicId !== '';
