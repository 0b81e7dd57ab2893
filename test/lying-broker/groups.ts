/** Consumer groups, as far as the classic protocol needs a coordinator. Honest: lies are told about batches only. */
import type { RequestOf } from '../../src/wire/api.ts';
import type { heartbeat } from '../../src/wire/apis/heartbeat.ts';
import type { joinGroup } from '../../src/wire/apis/join-group.ts';
import type { leaveGroup } from '../../src/wire/apis/leave-group.ts';
import type { offsetCommit } from '../../src/wire/apis/offset-commit.ts';
import type { syncGroup } from '../../src/wire/apis/sync-group.ts';
import { codeOf } from '../../src/wire/errors.ts';

const UNKNOWN_MEMBER = codeOf('UNKNOWN_MEMBER_ID');
const ILLEGAL_GENERATION = codeOf('ILLEGAL_GENERATION');
const MEMBER_ID_REQUIRED = codeOf('MEMBER_ID_REQUIRED');
const REBALANCING = codeOf('REBALANCE_IN_PROGRESS');
const NON_EMPTY = codeOf('NON_EMPTY_GROUP');
const NOT_FOUND = codeOf('GROUP_ID_NOT_FOUND');
/** How long joins are collected before a generation begins. */
const JOIN_WINDOW_MS = 100;

type JoinRequest = RequestOf<typeof joinGroup>;
type JoinAnswer = {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolName: string;
  readonly leader: string;
  readonly memberId: string;
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[];
};
type SyncAnswer = { readonly errorCode: number; readonly assignment: Buffer };

type Member = {
  readonly id: string;
  protocols: JoinRequest['protocols'];
  sessionMs: number;
  expiry: NodeJS.Timeout | undefined;
  joining: ((answer: JoinAnswer) => void) | null;
  syncing: ((answer: SyncAnswer) => void) | null;
};

class Group {
  readonly members = new Map<string, Member>();
  readonly committed = new Map<string, number>();
  generation = 0;
  leader = '';
  assignments: ReadonlyMap<string, Buffer> | null = null;
  rebalancing = false;
  #window: NodeJS.Timeout | undefined;
  #nextMember = 0;
  /** Who was a member and is none. */
  readonly #left = new Set<string>();

  /** `named`: a newcomer is told its id, and joins when it comes again with it. */
  join(request: JoinRequest, clientId: string, named: boolean): Promise<JoinAnswer> {
    const id = request.memberId || `${clientId}-${this.#nextMember++}`;
    if (named && request.memberId === '') return Promise.resolve(refused(MEMBER_ID_REQUIRED, id));
    const stranger = request.memberId !== '' && this.#left.has(id);
    if (stranger) return Promise.resolve(refused(UNKNOWN_MEMBER, ''));
    const member: Member = this.members.get(id) ?? {
      id,
      protocols: [],
      sessionMs: 0,
      expiry: undefined,
      joining: null,
      syncing: null,
    };
    member.protocols = request.protocols;
    member.sessionMs = request.sessionTimeoutMs;
    this.members.set(id, member);
    this.touch(member);
    this.rebalance();
    return new Promise((resolve) => {
      member.joining = resolve;
    });
  }

  /** A new generation begins when everybody has joined again, or the window closes. */
  rebalance(): void {
    this.rebalancing = true;
    for (const member of this.members.values()) {
      member.syncing?.({ errorCode: REBALANCING, assignment: Buffer.alloc(0) });
      member.syncing = null;
    }
    clearTimeout(this.#window);
    this.#window = setTimeout(() => this.#begin(), JOIN_WINDOW_MS);
  }

  #begin(): void {
    const all = [...this.members.values()];
    // Those who have not heard of it yet learn by their heartbeat; their session bounds the wait.
    if (all.some(({ joining }) => joining === null)) {
      this.#window = setTimeout(() => this.#begin(), JOIN_WINDOW_MS);
      return;
    }
    this.rebalancing = false;
    this.generation++;
    this.assignments = null;
    this.leader = all[0]?.id ?? '';
    const protocolName = all[0]?.protocols[0]?.name ?? '';
    for (const member of all) {
      const members = member.id === this.leader ? all : [];
      member.joining?.({
        errorCode: 0,
        generationId: this.generation,
        protocolName,
        leader: this.leader,
        memberId: member.id,
        members: members.map(({ id, protocols }) => ({
          memberId: id,
          metadata:
            protocols.find(({ name }) => name === protocolName)?.metadata ?? Buffer.alloc(0),
        })),
      });
      member.joining = null;
    }
  }

  touch(member: Member): void {
    clearTimeout(member.expiry);
    member.expiry = setTimeout(() => this.remove(member.id), member.sessionMs);
  }

  remove(id: string): void {
    const member = this.members.get(id);
    if (member === undefined) return;
    clearTimeout(member.expiry);
    this.members.delete(id);
    this.#left.add(id);
    if (this.members.size > 0) this.rebalance();
  }

  stop(): void {
    clearTimeout(this.#window);
    for (const member of this.members.values()) clearTimeout(member.expiry);
  }
}

export class Groups {
  readonly #groups = new Map<string, Group>();

  of(name: string): Group {
    const group = this.#groups.get(name) ?? new Group();
    this.#groups.set(name, group);
    return group;
  }

  join(request: JoinRequest, clientId: string, named: boolean): Promise<JoinAnswer> {
    return this.of(request.groupId).join(request, clientId, named);
  }

  sync(request: RequestOf<typeof syncGroup>): Promise<SyncAnswer> {
    const group = this.of(request.groupId);
    const member = group.members.get(request.memberId);
    const errorCode = this.#check(group, request.memberId, request.generationId);
    if (member === undefined || errorCode !== 0) {
      return Promise.resolve({ errorCode, assignment: Buffer.alloc(0) });
    }
    if (member.id === group.leader) {
      group.assignments = new Map(
        request.assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)]),
      );
      for (const other of group.members.values()) {
        other.syncing?.({ errorCode: 0, assignment: assignmentOf(group, other.id) });
        other.syncing = null;
      }
    }
    if (group.assignments !== null) {
      return Promise.resolve({ errorCode: 0, assignment: assignmentOf(group, member.id) });
    }
    return new Promise((resolve) => {
      member.syncing = resolve;
    });
  }

  heartbeat(request: RequestOf<typeof heartbeat>): number {
    const group = this.of(request.groupId);
    const member = group.members.get(request.memberId);
    if (member !== undefined) group.touch(member);
    return this.#check(group, request.memberId, request.generationId);
  }

  leave(request: RequestOf<typeof leaveGroup>): void {
    const group = this.of(request.groupId);
    group.remove(request.memberId);
    for (const { memberId } of request.members) group.remove(memberId);
  }

  commit(request: RequestOf<typeof offsetCommit>): number {
    const group = this.of(request.groupId);
    if (request.generationId >= 0) {
      if (!group.members.has(request.memberId)) return UNKNOWN_MEMBER;
      if (request.generationId !== group.generation) return ILLEGAL_GENERATION;
    }
    for (const { name, partitions } of request.topics) {
      for (const { partition, committedOffset } of partitions) {
        group.committed.set(`${name}/${partition}`, committedOffset);
      }
    }
    return 0;
  }

  delete(name: string): number {
    const group = this.#groups.get(name);
    if (group === undefined) return NOT_FOUND;
    if (group.members.size > 0) return NON_EMPTY;
    this.#groups.delete(name);
    return 0;
  }

  stop(): void {
    for (const group of this.#groups.values()) group.stop();
  }

  #check(group: Group, memberId: string, generation: number): number {
    if (!group.members.has(memberId)) return UNKNOWN_MEMBER;
    if (group.rebalancing) return REBALANCING;
    return generation === group.generation ? 0 : ILLEGAL_GENERATION;
  }
}

const refused = (errorCode: number, memberId: string): JoinAnswer => ({
  ...{ errorCode, generationId: -1, protocolName: '', leader: '', memberId, members: [] },
});

const assignmentOf = (group: Group, id: string): Buffer =>
  group.assignments?.get(id) ?? Buffer.alloc(0);
