/** Every container fault: proven when the effect is there, not proven when it is not, and healed. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Arena, Effect, LogLost } from '../../src/faults/arena.ts';
import { inject } from '../../src/faults/registry.ts';
import { createRandom } from '../../src/lib/random.ts';
import { noLinks } from '../../src/links/no-links.ts';
import type { FaultKind, FaultSpec } from '../../src/scenario/scenario.ts';
import type { Admin } from '../../src/wire/admin.ts';
import { encodeBatch } from '../../src/wire/encode-batch.ts';
import { FakeContainerNode } from './fake-container.ts';

const nodes: FakeContainerNode[] = [];
afterAll(async () => {
  for (const { dataDir, harness } of nodes) {
    harness?.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

async function arena(): Promise<{ node: FakeContainerNode; arena: Arena; lost: LogLost[] }> {
  const lost: LogLost[] = [];
  const node = await FakeContainerNode.create(1);
  nodes.push(node);
  const port = await node.listen();
  const brokers = [{ id: 1, host: '127.0.0.1', port }];
  return {
    node,
    lost,
    arena: {
      nodes: new Map([[1, node]]),
      links: noLinks(),
      admin: {
        metadata: async () => ({ brokers, topics: [], clusterId: null }),
      } as unknown as Admin,
      random: createRandom(1, 'test'),
      resolve: async () => [1],
      onChange: () => {},
      workers: () => [],
      onLogLost: (one) => lost.push(one),
      signal: new AbortController().signal,
    },
  };
}

type Fault<K extends FaultKind> = Extract<FaultSpec, { kind: K }>;
const fault = <K extends FaultKind>(kind: K, more: Partial<Fault<K>> = {}): Fault<K> =>
  ({
    kind,
    name: 'boom',
    atMs: 0,
    forMs: null,
    whereText: 'broker 1',
    where: { kind: 'broker', id: 1 },
    ...more,
  }) as unknown as Fault<K>;

/** Fifty batches of ten records, and the mark of a clean shutdown. */
async function writeLog(dataDir: string, topic = 'orders', synced = 0): Promise<string> {
  const folder = join(dataDir, `${topic}-0`);
  await mkdir(folder, { recursive: true });
  const batches = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      encodeBatch({
        baseOffset: i * 10,
        records: Array.from({ length: 10 }, () => ({ value: Buffer.alloc(100, i) })),
      }),
    ),
  );
  const file = join(folder, '00000000000000000000.log');
  await writeFile(file, Buffer.concat(batches));
  await writeFile(join(folder, '00000000000000000000.index'), Buffer.alloc(80));
  await writeFile(
    join(dataDir, 'recovery-point-offset-checkpoint'),
    `0\n1\n${topic} 0 ${synced}\n`,
  );
  return file;
}

type Case = {
  readonly spec: FaultSpec;
  readonly evidence: RegExp;
  readonly without: RegExp;
  readonly before?: (node: FakeContainerNode) => Promise<unknown>;
};

const CASES: readonly Case[] = [
  {
    spec: fault('recreate'),
    evidence: /container c1 became c2 on the same disk/,
    without: /container c1 is the old one/,
  },
  {
    spec: fault('replace'),
    evidence: /process 1 is gone; its disk is empty/,
    without: /process 1 is still there; 1 of 1 disks still hold files/,
  },
  {
    spec: fault('oom'),
    evidence: /process 1 is gone, killed for lack of memory/,
    without: /still there; the kernel did not kill container c1/,
  },
  {
    spec: fault('cpu', { quota: 0.2 }),
    evidence: /a quota of 0.2 cores and was held back [1-9]/,
    without: /no quota and was held back 0 times/,
  },
  {
    spec: fault('disk-full'),
    evidence: /0 of 65536 KiB are free; process 1 is still there/,
    without: /65436 of 65536 KiB are free/,
  },
  {
    spec: fault('disk-readonly'),
    evidence: /no file of the process may grow; process 1 is gone/,
    without: /its files may still grow; process 1 is still there/,
  },
  {
    spec: fault('power-loss', { lose: { kind: 'records', records: 95 }, of: null }),
    evidence: /broker 1 lost 100 records \(\d+ bytes\) of 1 partitions/,
    without: /process 1 is still there/,
    before: ({ dataDir }) => writeLog(dataDir),
  },
  {
    spec: fault('disconnect'),
    evidence: /broker 1 has no network, and does not answer on HARNESS/,
    without: /broker 1 has the network lo, eth0/,
  },
  {
    spec: fault('drop', {
      probability: 0.1,
      where: [
        { from: { kind: 'clients' }, to: { kind: 'broker', id: 1 }, listener: null, both: false },
      ],
    }),
    evidence: /the kernel dropped 7 packets/,
    without: /the kernel dropped 0 packets/,
  },
];

const patience = { timeout: 30_000 };

describe.concurrent.each(CASES.map((one) => [one.spec.kind, one] as const))('%s', (_, one) => {
  const play = async (works: boolean): Promise<{ effect: Effect; node: FakeContainerNode }> => {
    const { node, arena: where } = await arena();
    await one.before?.(node);
    node.works = works;
    const injection = await inject(one.spec, where);
    const effect = await injection.probe();
    await injection.heal();
    return { effect, node };
  };

  test('is proven by its effect, and heals', patience, async () => {
    const { effect, node } = await play(true);
    expect(effect).toEqual({ proven: true, evidence: expect.stringMatching(one.evidence) });
    expect((await node.look()).process).not.toBeNull();
    expect({ quota: node.quota, filled: node.filled, rules: node.rules }).toEqual({
      quota: null,
      filled: false,
      rules: [],
    });
  });

  test('is not proven without it', patience, async () => {
    const { effect } = await play(false);
    expect(effect).toEqual({ proven: false, evidence: expect.stringMatching(one.without) });
  });
});

describe('a fault that got stuck halfway says so and brings its node back', () => {
  test('recreate', async () => {
    const { node, arena: where } = await arena();
    node.failing.add('recreate');
    const { ends } = await inject(fault('recreate'), where);
    await expect(ends).rejects.toThrow('recreate failed');
    expect(node.calls).toEqual(['stop', 'recreate same', 'start']);
  });

  test('replace', async () => {
    const { node, arena: where, lost } = await arena();
    node.failing.add('recreate');
    const { probe, heal } = await inject(fault('replace'), where);
    await expect(probe()).rejects.toThrow('recreate failed');
    expect(lost).toEqual([{ fault: 'boom', broker: 1, from: null }]);
    await heal();
    expect(node.calls).toEqual(['kill', 'recreate empty', 'start']);
  });

  test('power-loss', async () => {
    const { node, arena: where } = await arena();
    const spec = fault('power-loss', { lose: { kind: 'bytes', bytes: 1 }, of: null });
    const { probe, heal } = await inject(spec, where);
    await expect(probe()).rejects.toMatchObject({ code: 'docker.command' });
    await heal();
    expect(node.calls).toEqual(['kill', 'start']);
  });
});

test.each(['oom', 'disk-full', 'disk-readonly'] as const)('%s may end its node', async (kind) => {
  const { node, arena: where } = await arena();
  await (await inject(fault(kind), where)).probe();
  expect(node.mayEnd).toBe(true);
});

describe('power-loss', () => {
  const lose = { kind: 'records', records: 1 } as const;

  test('cuts whole batches from the end and takes the mark of a clean shutdown', async () => {
    const { node, arena: where, lost } = await arena();
    const file = await writeLog(node.dataDir);
    const before = await readFile(file);
    await (await inject(fault('power-loss', { lose, of: null }), where)).probe();
    expect(lost).toEqual([{ fault: 'boom', broker: 1, from: { 'orders/0': 490 } }]);
    const after = await readFile(file);
    expect(after).toEqual(before.subarray(0, (before.length / 50) * 49));
    expect(await readdir(node.dataDir)).not.toContain('.kafka_cleanshutdown');
  });

  test('loses nothing that was synced, and says so', async () => {
    const { node, arena: where, lost } = await arena();
    const file = await writeLog(node.dataDir, 'orders', 500);
    const before = await readFile(file);
    const { probe } = await inject(fault('power-loss', { lose, of: null }), where);
    expect(await probe()).toMatchObject({ proven: false });
    expect(lost).toEqual([{ fault: 'boom', broker: 1, from: {} }]);
    expect(await readFile(file)).toEqual(before);
  });

  test.each([
    ["Kafka's own topics, unless named", '__consumer_offsets', null, 0],
    ['named', '__consumer_offsets', { topic: '__consumer_offsets', partition: 0 }, 10],
    ['others than the named topic', 'orders', { topic: 'payments', partition: null }, 0],
    ['others than the named partition', 'orders', { topic: 'orders', partition: 1 }, 0],
  ])('of %s', async (_, topic, of, lost) => {
    const { node, arena: where } = await arena();
    await writeLog(node.dataDir, topic);
    const { probe } = await inject(fault('power-loss', { lose, of }), where);
    expect((await probe()).evidence).toContain(`lost ${lost} records`);
  });
});
