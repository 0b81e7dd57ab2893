/** Runs take a kept cluster over a real socket; the clusters behind it only remember what they were asked. */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { ClusterNode, NodeState, RunningCluster } from '../../../src/cluster/cluster.ts';
import { Channel } from '../../../src/cluster/kept/channel.ts';
import { type Condition, Keeper, type Raising } from '../../../src/cluster/kept/keeper.ts';
import type { Snapshot } from '../../../src/cluster/kept/snapshot.ts';
import { useCluster } from '../../../src/cluster/kept/used.ts';
import { environmentError } from '../../../src/lib/errors.ts';
import { dial, type Fake, fakeCluster, LINK, listening } from './fake-cluster.ts';

async function keeping() {
  const raised: Fake[] = [];
  const contexts: Raising[] = [];
  const conditions: Condition[] = [];
  const lost: unknown[] = [];
  const world = {
    /** What the look at a cluster finds. */
    wrong: null as string | null,
    /** Called before a cluster is raised. */
    before: async (): Promise<void> => {},
  };
  const keeper = new Keeper({
    name: 'default',
    raise: async (context) => {
      await world.before();
      context.progress({ task: 'Brokers', state: 'started' });
      const fake = fakeCluster(`cluster-${raised.length + 1}`);
      raised.push(fake);
      contexts.push(context);
      for (const node of [1, 2]) {
        context.onNode({ type: 'started', node, pid: node, dataDir: `/data/${node}` });
      }
      return fake.cluster;
    },
    whatIsWrong: async () => world.wrong,
    onProgress: () => {},
    onChange: (condition) => conditions.push(condition),
    log: () => {},
    onLost: (error) => lost.push(error),
  });
  const path = await listening((socket) => keeper.greet(socket));
  const run = () => visitor(dial(path));
  return { keeper, raised, contexts, conditions, lost, world, run };
}

function visitor(socket: Socket) {
  const told: [string, unknown][] = [];
  const channel = new Channel(socket, { onTold: (what, value) => told.push([what, value]) });
  const take = async (name: string) => {
    const snapshot = (await channel.call('take', [name])) as Snapshot;
    const states = new Map<number, NodeState>(snapshot.states);
    return { snapshot, used: useCluster(channel, snapshot, states) };
  };
  return { socket, channel, told, take };
}

const first = ({ nodes }: Pick<RunningCluster, 'nodes'>): ClusterNode =>
  nodes.get(1) as ClusterNode;

const nameOf = ({ bootstrap }: Snapshot): string | undefined => bootstrap[0]?.host;

const phase = (conditions: readonly Condition[]): string | undefined => conditions.at(-1)?.phase;

test('nodes, containers and links are worked from the other side, and states follow', async () => {
  const { run, raised } = await keeping();
  const { used, snapshot } = await run().take('one');
  expect(snapshot).toMatchObject({ usedBefore: 0, proxied: [LINK] });
  expect(snapshot.started.map(({ node, pid }) => [node, pid])).toEqual([
    [1, 1],
    [2, 2],
  ]);
  const node = first(used);
  await node.kill();
  expect(node.state).toBe('killed');
  node.container?.expectEnd();
  await node.container?.recreate('empty');
  await node.start();
  expect(node.state).toBe('running');
  expect(await node.look()).toEqual({ process: 'process 1', stopped: false });
  expect(await node.container?.exec('pod', ['true'])).toEqual({ exitCode: 0, output: 'done' });
  const heal = await used.links.apply([LINK], { kind: 'cut' });
  expect(await used.links.probe(LINK, 10)).toEqual({ state: 'answered', roundTripMs: 1 });
  await heal();
  expect(raised[0]?.asked).toEqual([
    ...['kill 1', 'expectEnd 1', 'recreate 1 empty', 'start 1', 'apply cut', 'heal cut'],
  ]);
});

test('an abort reaches the work on the other side', async () => {
  const { run, raised } = await keeping();
  const { used } = await run().take('one');
  const controller = new AbortController();
  const work = first(used).container?.exec('node', ['sleep'], controller.signal);
  controller.abort(new Error('interrupted'));
  await expect(work).rejects.toThrow('interrupted');
  await expect.poll(() => raised[0]?.aborted).toBe(true);
});

test('a run that leaves it whole leaves it to the next, which is told how often it was used', async () => {
  const { run, raised, conditions } = await keeping();
  const one = run();
  await one.take('one');
  expect(phase(conditions)).toBe('in use');
  await one.channel.call('release', [true]);
  expect(conditions.at(-1)).toMatchObject({ phase: 'free', run: null, uses: 1 });
  const two = run();
  const { snapshot } = await two.take('two');
  expect(snapshot.usedBefore).toBe(1);
  expect(raised).toHaveLength(1);
  await expect(one.channel.call('node.kill', [1])).rejects.toThrow('nobody answers');
});

describe('two runs at once', () => {
  test('the second gets one clear error', async () => {
    const { run } = await keeping();
    const [one, two] = [run(), run()];
    await one.take('one');
    await expect(two.take('two')).rejects.toMatchObject({
      kind: 'input',
      code: 'kept.busy',
      message: 'the kept cluster default is in use by one',
    });
    await two.channel.call('release', [true]);
    await one.channel.call('node.kill', [1]);
    await expect(two.channel.call('node.kill', [1])).rejects.toThrow('nobody answers');
  });

  test('also while the first still waits', async () => {
    const { run, world, conditions } = await keeping();
    world.wrong = 'node 1 is exited';
    let go = (): void => {};
    world.before = () =>
      new Promise((resolve) => {
        go = resolve;
      });
    const [one, two] = [run(), run()];
    const waiting = one.take('one');
    await expect.poll(() => conditions.at(-1)).toMatchObject({ phase: 'raising', run: 'one' });
    await expect(two.take('two')).rejects.toMatchObject({ code: 'kept.busy' });
    go();
    expect(nameOf((await waiting).snapshot)).toBe('cluster-2');
    expect(one.told.map(([what]) => what)).toContain('progress');
  });
});

describe('it is raised anew, and the next run waits for that', () => {
  test('after a run that was killed, once its calls are over', async () => {
    const { run, raised } = await keeping();
    const one = run();
    const { used } = await one.take('one');
    await used.links.apply([LINK], { kind: 'cut' });
    const work = first(used).container?.exec('node', ['sleep']);
    one.socket.destroy();
    await expect(work).rejects.toMatchObject({ code: 'kept.gone' });
    let snapshot: Snapshot | undefined;
    await expect
      .poll(async () => {
        snapshot = await run()
          .take('two')
          .then((taken) => taken.snapshot)
          .catch(() => undefined);
        return snapshot !== undefined;
      })
      .toBe(true);
    expect(nameOf(snapshot as Snapshot)).toBe('cluster-2');
    expect(snapshot?.usedBefore).toBe(0);
    expect(raised[0]?.asked).toEqual(['apply cut', 'end of exec 1', 'dispose']);
  });

  test('after a run that does not say that it left it whole', async () => {
    const { run, raised } = await keeping();
    const one = run();
    await one.take('one');
    await one.channel.call('release', [false]);
    expect(nameOf((await run().take('two')).snapshot)).toBe('cluster-2');
    expect(raised[0]?.asked).toEqual(['dispose']);
  });

  test('when something is wrong with it, whatever the last run said', async () => {
    const { run, world } = await keeping();
    const one = run();
    await one.take('one');
    world.wrong = 'settings were changed';
    await one.channel.call('release', [true]);
    const { snapshot } = await run().take('two');
    expect(nameOf(snapshot)).not.toBe('cluster-1');
  });

  test('when what it stands on was gone', async () => {
    const { run, contexts } = await keeping();
    const one = run();
    await one.take('one');
    contexts[0]?.onFailure(environmentError('links.died', 'Toxiproxy died'));
    await expect.poll(() => one.told.map(([what]) => what)).toContain('failure');
    await one.channel.call('release', [true]);
    expect(nameOf((await run().take('two')).snapshot)).toBe('cluster-2');
  });
});

test('a run hears of nodes that end by themselves, and of none of another time', async () => {
  const { run, contexts } = await keeping();
  const end = { type: 'exited', node: 2, code: 1, signal: null, expected: false } as const;
  const one = run();
  await one.take('one');
  contexts[0]?.onNode(end);
  await expect.poll(() => one.told).toHaveLength(1);
  expect(one.told[0]).toMatchObject(['node', { event: end }]);
  await one.channel.call('release', [true]);
  contexts[0]?.onNode(end);
  await run().take('two');
  expect(one.told).toHaveLength(1);
});

test('a run that gave up waiting is not lent to', async () => {
  const { run, world, conditions } = await keeping();
  world.wrong = 'node 1 is exited';
  let go = (): void => {};
  world.before = () =>
    new Promise((resolve) => {
      go = resolve;
    });
  const one = run();
  const waiting = one.take('one').catch(() => {});
  await expect.poll(() => conditions.at(-1)?.run).toBe('one');
  one.socket.destroy();
  await waiting;
  await expect.poll(() => conditions.at(-1)?.run).toBe(null);
  world.wrong = null;
  go();
  expect((await run().take('two')).snapshot.usedBefore).toBe(0);
});

test('a cluster that cannot be raised anew is told to whoever waits, and lost', async () => {
  const { run, world, lost } = await keeping();
  world.wrong = 'node 1 is exited';
  world.before = () => Promise.reject(environmentError('docker.engine', 'no engine'));
  await expect(run().take('one')).rejects.toMatchObject({ code: 'docker.engine' });
  await expect.poll(() => lost).toMatchObject([{ code: 'docker.engine' }]);
});

test('its end tears it down and tells whoever has it', async () => {
  const { run, keeper, raised, lost } = await keeping();
  const one = run();
  await one.take('one');
  await keeper.end();
  await one.channel.closed;
  expect(raised.map(({ asked }) => asked)).toEqual([['dispose']]);
  expect(lost).toEqual([]);
});
