/**
 * One member of a consumer group by the classic protocol: joins, keeps its place by heartbeats, commits in its
 * generation's name, leaves. The member that the coordinator makes leader says who reads what.
 */

import type { ResponseOf } from '../../wire/api.ts';
import { heartbeat } from '../../wire/apis/heartbeat.ts';
import { joinGroup } from '../../wire/apis/join-group.ts';
import { leaveGroup } from '../../wire/apis/leave-group.ts';
import { offsetCommit } from '../../wire/apis/offset-commit.ts';
import { offsetFetch } from '../../wire/apis/offset-fetch.ts';
import { syncGroup } from '../../wire/apis/sync-group.ts';
import { codeOf } from '../../wire/errors.ts';
import type { ConsumerContext } from '../client.ts';
import { ASSIGNORS } from './assignors.ts';
import type { Calls } from './calls.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  PROTOCOL_TYPE,
} from './consumer-protocol.ts';
import { Coordinator } from './coordinator.ts';
import type { Directory } from './directory.ts';
import { GroupRefusal, kafkasDoing } from './refusal.ts';

const ILLEGAL_GENERATION = codeOf('ILLEGAL_GENERATION');
const UNKNOWN_MEMBER = codeOf('UNKNOWN_MEMBER_ID');
const MEMBER_ID_REQUIRED = codeOf('MEMBER_ID_REQUIRED');
const REBALANCING = codeOf('REBALANCE_IN_PROGRESS');
const FENCED = codeOf('FENCED_INSTANCE_ID');
/** A join is answered at the end of the rebalance timeout at the latest; the answer needs time to come. */
const JOIN_GRACE_MS = 5000;

/** `rebalance`: it still is a member, of a group that begins its next generation. `lost`: it is none any more. */
export type Standing = 'member' | 'rebalance' | 'lost';

export type Offset = { readonly offset: number; readonly leaderEpoch: number };

type Joined = ResponseOf<typeof joinGroup>;

export class Membership {
  readonly #context: ConsumerContext;
  readonly #directory: Directory;
  readonly #coordinator: Coordinator;
  readonly #timeoutMs: number;
  readonly #assignor: (typeof ASSIGNORS)[string];
  #memberId = '';
  #generation = -1;
  #joining = false;
  /** As a leader: the partitions of its topic that it shared out; null for anybody else. */
  #sharedOut: number | null = null;

  constructor(context: ConsumerContext, directory: Directory, calls: Calls) {
    const { config, group } = context;
    this.#context = context;
    this.#directory = directory;
    this.#coordinator = new Coordinator(group, directory, calls);
    this.#timeoutMs = Number(config['request.timeout.ms']);
    const assignor = ASSIGNORS[config['partition.assignment.strategy'] ?? ''];
    if (assignor === undefined) throw new Error('planning lets only known assignors through');
    this.#assignor = assignor;
  }

  /** As a leader: its topic has other partitions now than those that it shared out. */
  get outdated(): boolean {
    return this.#sharedOut !== null && this.#sharedOut !== this.#directory.partitions;
  }

  /** Resolves with the partitions of the topic. Rejects with GroupRefusal, or as connections do: then it may be tried again. */
  async join(): Promise<readonly number[]> {
    this.#joining = true;
    try {
      return await this.#joinAndSync();
    } finally {
      this.#joining = false;
    }
  }

  async #joinAndSync(): Promise<readonly number[]> {
    this.#sharedOut = null;
    const joined = await this.#join();
    this.#memberId = joined.memberId;
    this.#generation = joined.generationId;
    const assignments = joined.leader === joined.memberId ? await this.#share(joined) : [];
    const { errorCode, assignment } = await this.#coordinator.ask(
      syncGroup,
      {
        ...this.#self(),
        ...{ protocolType: PROTOCOL_TYPE, protocolName: this.#assignor?.name ?? null },
        assignments,
      },
      this.#joinTimeoutMs,
    );
    this.#check('joining the group', errorCode);
    const { topic } = this.#context;
    return decodeAssignment(assignment)
      .filter((one) => one.topic === topic)
      .flatMap(({ partitions }) => partitions);
  }

  /** Nothing is thrown for what Kafka does: a coordinator that cannot be reached ends a membership by its own clock. */
  async heartbeat(): Promise<Standing> {
    try {
      const { errorCode } = await this.#coordinator.ask(heartbeat, this.#self(), this.#timeoutMs);
      return this.standing(errorCode);
    } catch (error) {
      this.#context.onProblem('native.heartbeat', kafkasDoing(error));
      return 'member';
    }
  }

  /** What an answer to a member says of its membership. */
  standing(errorCode: number): Standing {
    this.#coordinator.answered(errorCode);
    if (errorCode === UNKNOWN_MEMBER || errorCode === FENCED) this.#memberId = '';
    else if (errorCode === REBALANCING) return 'rebalance';
    else if (errorCode !== ILLEGAL_GENERATION) return 'member';
    return 'lost';
  }

  /** By partition, what the group goes on with; those that nobody committed are left out. Rejects as `join`. */
  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Offset>> {
    const { group: groupId, topic, config } = this.#context;
    const topics = [{ name: topic, partitions }];
    const answer = await this.#coordinator.ask(
      offsetFetch,
      {
        ...{ groupId, topics, groups: [{ groupId, topics }] },
        requireStable: config['isolation.level'] === 'read_committed',
      },
      this.#timeoutMs,
    );
    const found = answer.groups[0] ?? answer;
    this.#check('committed offsets', found.errorCode);
    const offsets = new Map<number, Offset>();
    for (const one of found.topics.flatMap((each) => each.partitions)) {
      this.#check(`the committed offset of partition ${one.partition}`, one.errorCode);
      const { committedOffset: offset, committedLeaderEpoch: leaderEpoch } = one;
      if (offset >= 0) offsets.set(one.partition, { offset, leaderEpoch });
    }
    return offsets;
  }

  /** By partition Kafka's code. Rejects as connections do. */
  async commit(offsets: ReadonlyMap<number, Offset>): Promise<ReadonlyMap<number, number>> {
    const partitions = [...offsets].map(([partition, { offset, leaderEpoch }]) => ({
      ...{ partition, committedOffset: offset, committedLeaderEpoch: leaderEpoch },
      metadata: null,
    }));
    const { topics } = await this.#coordinator.ask(
      offsetCommit,
      { ...this.#self(), topics: [{ name: this.#context.topic, partitions }] },
      this.#timeoutMs,
    );
    const answers = topics.flatMap((each) => each.partitions);
    return new Map(answers.map(({ partition, errorCode }) => [partition, errorCode]));
  }

  /** Rejects as connections do; then its place lasts until the end of its session. */
  async leave(): Promise<void> {
    const memberId = this.#memberId;
    if (memberId === '') return;
    this.#memberId = '';
    this.#generation = -1;
    // A join that is under way would be answered first.
    if (this.#joining) this.#coordinator.hangUp();
    const { group: groupId } = this.#context;
    const members = [{ memberId, groupInstanceId: null }];
    await this.#coordinator.ask(leaveGroup, { groupId, memberId, members }, this.#timeoutMs);
  }

  async #join(): Promise<Joined> {
    const answer = await this.#ask();
    if (answer.errorCode !== MEMBER_ID_REQUIRED) return this.#accepted(answer);
    this.#memberId = answer.memberId;
    return this.#accepted(await this.#ask());
  }

  #ask(): Promise<Joined> {
    const { group: groupId, config, topic } = this.#context;
    return this.#coordinator.ask(
      joinGroup,
      {
        ...{ groupId, memberId: this.#memberId, protocolType: PROTOCOL_TYPE },
        sessionTimeoutMs: Number(config['session.timeout.ms']),
        rebalanceTimeoutMs: Number(config['max.poll.interval.ms']),
        protocols: [{ name: this.#assignor?.name ?? '', metadata: encodeSubscription([topic]) }],
      },
      this.#joinTimeoutMs,
    );
  }

  #accepted(answer: Joined): Joined {
    this.#check('joining the group', answer.errorCode);
    return answer;
  }

  #check(what: string, errorCode: number): void {
    if (errorCode === 0) return;
    this.standing(errorCode);
    throw new GroupRefusal(what, errorCode);
  }

  /** As the leader. */
  async #share({ members }: Joined): Promise<{ memberId: string; assignment: Buffer }[]> {
    const subscribers = members.map(({ memberId, metadata }) => ({
      memberId,
      topics: decodeSubscription(metadata),
    }));
    const topics = [...new Set(subscribers.flatMap((one) => one.topics))];
    const partitions = await this.#directory.countPartitions(topics);
    this.#sharedOut = partitions.get(this.#context.topic) ?? 0;
    const owned = this.#assignor?.assign(subscribers, partitions) ?? new Map();
    return [...owned].map(([memberId, own]) => ({ memberId, assignment: encodeAssignment(own) }));
  }

  get #joinTimeoutMs(): number {
    const { config } = this.#context;
    const rebalanceMs = Number(config['max.poll.interval.ms']);
    return Math.max(this.#timeoutMs, rebalanceMs + JOIN_GRACE_MS);
  }

  #self(): { groupId: string; generationId: number; memberId: string } {
    const { group: groupId } = this.#context;
    return { groupId, generationId: this.#generation, memberId: this.#memberId };
  }
}
