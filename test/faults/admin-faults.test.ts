/** The faults that are admin calls, on a cluster of a few objects: what they ask for, prove, tell and undo. */
import { describe, expect, test } from 'vitest';
import type { Arena, AskedChange, Effect, Injection } from '../../src/faults/arena.ts';
import { offsetOf } from '../../src/faults/delete-records.ts';
import { rotated } from '../../src/faults/reassign.ts';
import { inject } from '../../src/faults/registry.ts';
import { createRandom } from '../../src/lib/random.ts';
import { noLinks } from '../../src/links/no-links.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import type { Admin } from '../../src/wire/admin.ts';
import { codeOf } from '../../src/wire/errors.ts';

type Partition = { leader: number; leaderEpoch: number; replicas: number[]; isr: number[] };

/** Does what it is asked at once; `deaf` to what it only says it will do. */
class FakeCluster {
  topicId = 'first';
  deaf = false;
  partitions: Partition[] = [0, 1].map(() => ({
    ...{ leader: 1, leaderEpoch: 5, replicas: [1, 2, 3], isr: [1, 2, 3] },
  }));
  own: Record<string, string> = { 'retention.ms': '1000' };
  readonly inherited: Record<string, string> = {
    'min.insync.replicas': '2',
    'retention.ms': '604800000',
  };
  ranges = [
    [100, 200],
    [100, 300],
  ];
  refusing = 0;

  get admin(): Admin {
    const told = (topic: string) => ({
      ...{ name: topic, topicId: this.topicId, errorCode: 0 },
      partitions: this.partitions.map((one, partition) => ({ partition, errorCode: 0, ...one })),
    });
    const admin: Partial<Admin> = {
      metadata: async (names = []) => ({
        clusterId: 'c',
        brokers: [1, 2, 3, 4].map((id) => ({ id, host: 'h', port: id })),
        topics: names.filter((name) => name === 'orders').map(told),
      }),
      electLeaders: async (kind, places) =>
        (places ?? []).map((place) => ({ ...place, ...this.#elect(kind, place.partition) })),
      alterReassignments: async (wanted) =>
        wanted.map(({ topic, partition, replicas }) => {
          if (this.refusing === 0 && !this.deaf) this.#move(partition, [...replicas]);
          return { topic, partition, errorCode: this.refusing, message: 'no' };
        }),
      createPartitions: async (name, count) => {
        while (this.partitions.length < count && !this.deaf) {
          this.partitions.push({ ...(this.partitions[0] as Partition) });
        }
        return { name, errorCode: this.refusing, message: null };
      },
      incrementalAlterConfigs: async (changes) =>
        changes.map(({ kind, name, set = {}, unset = [] }) => {
          if (!this.deaf) Object.assign(this.own, set);
          for (const one of unset) delete this.own[one];
          return { kind, name, errorCode: this.refusing, message: null };
        }),
      describeConfigs: async (resources) =>
        resources.map((one) => ({
          ...{ ...one, errorCode: 0, message: null },
          entries: Object.entries({ ...this.inherited, ...this.own }).map(([name, value]) => ({
            ...{ name, value, isDefault: false, isOwn: name in this.own },
          })),
        })),
      deleteTopics: async ([name = '']) => [{ name, errorCode: this.refusing, message: null }],
      createTopics: async ([topic]) => {
        this.topicId = 'second';
        this.own = { ...topic?.config };
        return [{ name: topic?.name ?? '', errorCode: 0, message: null }];
      },
      listOffsets: async (queries) =>
        queries.map(({ topic, partition, at }) => ({
          ...{ topic, partition, leaderEpoch: 5, errorCode: 0 },
          offset: this.ranges[partition]?.[at === 'earliest' ? 0 : 1] ?? 0,
        })),
      deleteRecords: async ({ partition }, before) => {
        const range = this.ranges[partition];
        if (range !== undefined) range[0] = before;
        return { lowWatermark: before, errorCode: this.refusing };
      },
    };
    return admin as Admin;
  }

  #elect(kind: 'preferred' | 'unclean', partition: number) {
    const place = this.partitions[partition] as Partition;
    const [preferred = -1] = place.replicas;
    const needed = kind === 'preferred' ? place.leader !== preferred : place.leader < 0;
    if (needed) {
      place.leader = preferred;
      place.leaderEpoch++;
    }
    const code = needed ? 0 : codeOf('ELECTION_NOT_NEEDED');
    return { errorCode: this.refusing || code, message: null };
  }

  #move(partition: number, replicas: number[]): void {
    Object.assign(this.partitions[partition] as Partition, { replicas, isr: replicas });
  }
}

type Played = {
  readonly effect: Effect;
  readonly told: readonly AskedChange[];
  readonly injection: Injection;
};

async function play(fault: string, cluster: FakeCluster): Promise<Played> {
  const { scenario } = loadScenario(
    `# ?
name: x
topics: { orders: { partitions: 2, replicas: 3 } }
load: { l: { produce: orders, rate: 1/s } }
faults: { f: { at: 1s, ${fault} } }
`,
    { file: 's', env: {} },
  );
  const told: AskedChange[] = [];
  const arena: Arena = {
    nodes: new Map(),
    links: noLinks(),
    admin: cluster.admin,
    random: createRandom(1, 'test'),
    resolve: async () => [],
    workers: () => [],
    onLogLost: () => {},
    onChange: (change) => told.push(change),
    signal: AbortSignal.timeout(cluster.deaf ? 300 : 30_000),
  };
  const [spec] = scenario.faults;
  if (spec === undefined) throw new Error('no fault');
  const injection = await inject(spec, arena);
  return { effect: await injection.probe(), told, injection };
}

const steps = (told: readonly AskedChange[]) =>
  told.map(({ step, change }) => ({ step, ...change }));

describe('elect', () => {
  test('gives the lead back to the preferred replica', async () => {
    const cluster = new FakeCluster();
    Object.assign(cluster.partitions[0] as Partition, { leader: 3 });
    const { effect, told } = await play('elect: preferred leader of orders/0', cluster);
    expect(effect).toEqual({ proven: true, evidence: 'leader 3 → 1, epoch 5 → 6' });
    expect(steps(told)).toMatchObject([
      { step: 'asked', kind: 'election', election: 'preferred', partition: 0 },
      { step: 'seen', kind: 'election' },
    ]);
  });

  test('has no effect where Kafka sees no need, and then threatens nothing for long', async () => {
    const { effect, told } = await play('elect: unclean leader of orders/0', new FakeCluster());
    expect(effect).toMatchObject({ proven: false });
    expect(effect.evidence).toContain('ELECTION_NOT_NEEDED');
    expect(told.map(({ step }) => step)).toEqual(['asked', 'seen']);
  });

  test('that is refused fails, and nobody knows what it did', async () => {
    const cluster = new FakeCluster();
    cluster.refusing = codeOf('CLUSTER_AUTHORIZATION_FAILED');
    await expect(play('elect: preferred leader of orders/0', cluster)).rejects.toThrow(
      'refused to elect a leader of orders/0: CLUSTER_AUTHORIZATION_FAILED',
    );
  });
});

describe('reassign', () => {
  test('moves each replica to the next broker', () => {
    expect(rotated([1, 2, 3], [1, 2, 3])).toEqual([2, 3, 1]);
    expect(rotated([1, 2, 3], [1, 2, 3, 4])).toEqual([2, 3, 4]);
    expect(rotated([4, 1], [1, 2, 3, 4])).toEqual([1, 2]);
    expect(rotated([7], [3, 7])).toEqual([3]);
  });

  test('moves replicas and lead, and back', async () => {
    const cluster = new FakeCluster();
    const { effect, told, injection } = await play('reassign: orders/1, for: 2s', cluster);
    expect(effect).toEqual({
      ...{ proven: true, evidence: 'replicas 1, 2, 3 → 2, 3, 4, leader 1 → 2' },
    });
    expect(cluster.partitions[1]).toMatchObject({ replicas: [2, 3, 4], leader: 2 });
    expect(injection.ends).toBeUndefined();
    await injection.heal();
    expect(cluster.partitions[1]).toMatchObject({ replicas: [1, 2, 3], leader: 1 });
    expect(steps(told).map(({ step, kind }) => `${step} ${kind}`)).toEqual([
      ...['asked reassignment', 'seen reassignment', 'asked reassignment', 'seen reassignment'],
    ]);
  });

  test('without an end stays where it was moved to', async () => {
    const cluster = new FakeCluster();
    const { injection } = await play('reassign: orders/1, to: [3, 2, 1]', cluster);
    await injection.ends;
    await injection.heal();
    expect(cluster.partitions[1]).toMatchObject({ replicas: [3, 2, 1], leader: 3 });
  });

  test('that is never done is no effect', async () => {
    const cluster = new FakeCluster();
    cluster.deaf = true;
    await expect(play('reassign: orders/1', cluster)).rejects.toThrow();
  });
});

test('add-partitions adds to what is there', async () => {
  const cluster = new FakeCluster();
  const { effect, told } = await play('add-partitions: orders, count: 3', cluster);
  expect(effect).toEqual({ proven: true, evidence: 'partitions 2 → 5' });
  expect(steps(told)[1]).toMatchObject({ step: 'seen', kind: 'partitions', partitions: 5 });
});

describe('alter-config', () => {
  test('changes settings and takes them back to what they were, own or inherited', async () => {
    const cluster = new FakeCluster();
    const { effect, told, injection } = await play(
      'alter-config: orders, for: 1s, config: { min.insync.replicas: 1, retention.ms: 5 }',
      cluster,
    );
    expect(effect.proven).toBe(true);
    expect(effect.evidence).toBe('min.insync.replicas 2 → 1, retention.ms 1000 → 5');
    await injection.heal();
    expect(cluster.own).toEqual({ 'retention.ms': '1000' });
    const before = { 'min.insync.replicas': '2', 'retention.ms': '1000' };
    expect(steps(told).at(-1)).toMatchObject({ step: 'seen', topic: 'orders', config: before });
  });

  test('to what it is already has no effect', async () => {
    const { effect } = await play(
      'alter-config: orders, config: { min.insync.replicas: 2 }',
      new FakeCluster(),
    );
    expect(effect.proven).toBe(false);
  });

  test('of a setting that there is not fails before anything is changed', async () => {
    const cluster = new FakeCluster();
    await expect(play('alter-config: orders, config: { no.such: 1 }', cluster)).rejects.toThrow(
      'no.such is no setting of it',
    );
    expect(cluster.own).toEqual({ 'retention.ms': '1000' });
  });

  test('that nobody sees fails, and stays asked for', async () => {
    const cluster = new FakeCluster();
    cluster.deaf = true;
    await expect(
      play('alter-config: orders, config: { min.insync.replicas: 1 }', cluster),
    ).rejects.toThrow();
  });
});

test('recreate-topic makes the same topic again, which is another one', async () => {
  const cluster = new FakeCluster();
  const { effect, told } = await play('recreate-topic: orders', cluster);
  expect(effect).toEqual({ proven: true, evidence: 'topic id first → second' });
  expect(cluster.own).toEqual({ 'retention.ms': '1000' });
  expect(steps(told)).toEqual([
    { step: 'asked', kind: 'recreation', topic: 'orders' },
    { step: 'seen', kind: 'recreation', topic: 'orders' },
  ]);
});

test('recreate-topic goes on where its deletion was done and not heard of', async () => {
  const cluster = new FakeCluster();
  cluster.refusing = codeOf('UNKNOWN_TOPIC_OR_PARTITION');
  expect((await play('recreate-topic: orders', cluster)).effect.proven).toBe(true);
});

describe('delete-records', () => {
  test('of a topic deletes in every partition', async () => {
    const cluster = new FakeCluster();
    const { effect, told } = await play('delete-records: orders, before: 50%', cluster);
    expect(effect.proven).toBe(true);
    expect(effect.evidence).toContain('orders/1 begins at offset 200, not at 100');
    expect(cluster.ranges.map(([first]) => first)).toEqual([150, 200]);
    expect(steps(told)).toContainEqual(
      expect.objectContaining({ step: 'seen', kind: 'deletion', partition: 0, before: 150 }),
    );
  });

  test('of what is gone already has no effect', async () => {
    const { effect, told } = await play('delete-records: orders/0, before: 100', new FakeCluster());
    expect(effect).toEqual({ proven: false, evidence: 'orders/0 begins at offset 100 already' });
    expect(told).toEqual([]);
  });

  test('stays within the log', () => {
    expect(offsetOf({ kind: 'offset', offset: 500 }, 100, 200)).toBe(200);
    expect(offsetOf({ kind: 'latest' }, 100, 200)).toBe(200);
    expect(offsetOf({ kind: 'share', share: 0.25 }, 100, 200)).toBe(125);
  });
});
