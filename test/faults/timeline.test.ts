/** The timeline heals whatever it injected, whatever happens, and tells every step in order. */
import { describe, expect, test } from 'vitest';
import type { ClusterNode, NodeLook, NodeState } from '../../src/cluster/cluster.ts';
import type { Arena } from '../../src/faults/arena.ts';
import { type FaultEvent, runTimeline } from '../../src/faults/timeline.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { createRandom } from '../../src/lib/random.ts';
import type { Link, LinkEffect, LinkProbe, Links } from '../../src/links/links.ts';
import type { FaultSpec, LatencyFault } from '../../src/scenario/scenario.ts';
import type { KillFault } from '../../src/scenario/worker-fault.ts';
import type { Admin } from '../../src/wire/admin.ts';

/** A node with a new process at each start, and none while it is down. */
class FakeNode implements ClusterNode {
  readonly id: number;
  readonly roles = ['broker', 'controller'] as const;
  readonly dataDir = '/nowhere';
  readonly container = null;
  state: NodeState = 'running';
  calls: string[] = [];
  failing = new Set<string>();

  constructor(id: number) {
    this.id = id;
  }
  #starts = 1;
  async look(): Promise<NodeLook> {
    const alive = this.state === 'running' || this.state === 'paused';
    return { process: alive ? `process ${this.#starts}` : null, stopped: this.state === 'paused' };
  }
  async #to(call: string, state: NodeState): Promise<void> {
    this.calls.push(call);
    if (this.failing.has(call)) throw new Error(`${call} failed`);
    this.state = state;
  }
  kill = (): Promise<void> => this.#to('kill', 'killed');
  stop = (): Promise<void> => this.#to('stop', 'stopped');
  start = (): Promise<void> => {
    this.#starts++;
    return this.#to('start', 'running');
  };
  pause = (): Promise<void> => this.#to('pause', 'paused');
  resume = (): Promise<void> => this.#to('resume', 'running');
}

/** Links on which effects are counted, and probes answer as the effects in force would have it. */
class FakeLinks implements Links {
  readonly proxied: readonly Link[] = [];
  inForce: LinkEffect[] = [];
  works = true;
  /** What the machine's other work adds to the next probes, in ms. */
  noise: number[] = [];
  async apply(_links: readonly Link[], effect: LinkEffect): Promise<() => Promise<void>> {
    if (this.works) this.inForce.push(effect);
    return async () => {
      this.inForce = this.inForce.filter((one) => one !== effect);
    };
  }
  async probe(): Promise<LinkProbe> {
    const delay = this.inForce.reduce(
      (ms, one) => ms + (one.kind === 'latency' ? one.delayMs : 0),
      1 + (this.noise.shift() ?? 0),
    );
    return { state: 'answered', roundTripMs: delay };
  }
  async healAll(): Promise<void> {
    this.inForce = [];
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

function arenaOf(nodes: readonly FakeNode[], links: Links, signal: AbortSignal): Arena {
  return {
    nodes: new Map(nodes.map((node) => [node.id, node])),
    links,
    admin: {} as Admin,
    random: createRandom(1, 'test'),
    resolve: async (where) => (where.kind === 'broker' ? [where.id] : []),
    onChange: () => {},
    workers: () => [],
    onLogLost: () => {},
    signal,
  };
}

const kill = (over: Partial<KillFault> = {}): KillFault => ({
  kind: 'kill',
  name: 'boom',
  atMs: 5,
  forMs: 20,
  whereText: 'broker 1',
  where: { kind: 'broker', id: 1 },
  ...over,
});

const latency: LatencyFault = {
  kind: 'latency',
  name: 'slow',
  atMs: 1,
  forMs: 20,
  whereText: 'clients -> broker 1',
  where: [
    { from: { kind: 'clients' }, to: { kind: 'broker', id: 1 }, listener: null, both: false },
  ],
  delayMs: 50,
  jitterMs: 10,
  stream: 'request',
};

async function play(
  faults: readonly FaultSpec[],
  setup: (node: FakeNode, links: FakeLinks, stop: AbortController) => void = () => {},
): Promise<{ events: FaultEvent[]; node: FakeNode; links: FakeLinks }> {
  const node = new FakeNode(1);
  const links = new FakeLinks();
  const stop = new AbortController();
  const events: FaultEvent[] = [];
  setup(node, links, stop);
  await runTimeline({
    faults,
    arena: arenaOf([node], links, stop.signal),
    clock: createClock(monotonicNs()),
    measureUs: 0,
    endUs: 60_000,
    onEvent: (event) => events.push(event),
  });
  return { events, node, links };
}

const types = (events: readonly FaultEvent[]): string[] => events.map(({ type }) => type);

describe('a fault', () => {
  test('is injected, proven and healed, in this order', async () => {
    const { events, node } = await play([kill()]);
    expect(types(events)).toEqual([
      'fault-injecting',
      'fault-injected',
      'fault-probed',
      'fault-healing',
      'fault-healed',
    ]);
    expect(events[2]).toMatchObject({ proven: true });
    expect(node.calls).toEqual(['kill', 'start']);
  });

  test('without `for` heals at the end of measure', async () => {
    const { node } = await play([kill({ forMs: null })]);
    expect(node.state).toBe('running');
  });

  test('that cannot be injected is told, and nothing is healed', async () => {
    const { events, node } = await play([kill()], (one) => one.failing.add('kill'));
    expect(types(events)).toEqual(['fault-injecting', 'fault-failed']);
    expect(events[1]).toMatchObject({ step: 'inject', message: 'kill failed' });
    expect(node.calls).toEqual(['kill']);
  });

  test('that cannot be healed is told', async () => {
    const { events } = await play([kill()], (one) => one.failing.add('start'));
    expect(events.at(-1)).toMatchObject({ type: 'fault-failed', step: 'heal' });
  });

  test('is healed at once when the run is interrupted', async () => {
    const { events, node } = await play([kill({ forMs: 3_600_000 })], (_node, _links, stop) => {
      setTimeout(() => stop.abort(), 30);
    });
    expect(types(events).at(-1)).toBe('fault-healed');
    expect(node.state).toBe('running');
  });

  test('that has not fired yet never fires after an interruption', async () => {
    const { events } = await play([kill({ atMs: 3_600_000 })], (_node, _links, stop) => {
      setTimeout(() => stop.abort(), 10);
    });
    expect(events).toEqual([]);
  });
});

describe('a budget', () => {
  const budgeted = (name: string, over: Partial<KillFault> = {}): KillFault =>
    kill({ name, budget: 1, ...over });

  /** Node 2 is no replica in sync while `lags` says so. */
  async function playWith(
    faults: readonly FaultSpec[],
    lags: () => boolean,
  ): Promise<{ events: FaultEvent[]; nodes: readonly FakeNode[] }> {
    const nodes = [new FakeNode(1), new FakeNode(2)];
    const events: FaultEvent[] = [];
    const arena = arenaOf(nodes, new FakeLinks(), new AbortController().signal);
    const metadata = async () => ({
      topics: [{ partitions: [{ replicas: [1, 2], isr: lags() ? [1] : [1, 2] }] }],
    });
    await runTimeline({
      faults,
      arena: { ...arena, admin: { metadata } as unknown as Admin },
      clock: createClock(monotonicNs()),
      measureUs: 0,
      endUs: 10_000_000,
      onEvent: (event) => events.push(event),
    });
    return { events, nodes };
  }

  test('lets a fault fire when all is well', async () => {
    const { events } = await playWith([budgeted('a')], () => false);
    expect(types(events)).toContain('fault-healed');
  });

  test('leaves a fault out that never had room, and says why', async () => {
    const { events, nodes } = await playWith([budgeted('a')], () => true);
    expect(events).toEqual([
      { type: 'fault-skipped', fault: 'a', reason: 'broker 2 down or out of sync' },
    ]);
    expect(nodes[0]?.calls).toEqual([]);
  });

  test('makes a fault wait until the cluster is whole', async () => {
    let asked = 0;
    const { events } = await playWith([budgeted('a', { forMs: 5000 })], () => asked++ < 1);
    expect(asked).toBeGreaterThan(1);
    expect(types(events)).toContain('fault-injected');
  });

  test('is not spent twice at once, although the harm is not to be seen yet', async () => {
    const second = budgeted('b', { whereText: 'broker 2', where: { kind: 'broker', id: 2 } });
    const { events } = await playWith([budgeted('a', { forMs: 1500 }), second], () => false);
    expect(types(events).filter((type) => type === 'fault-injected')).toHaveLength(1);
    expect(types(events).filter((type) => type === 'fault-skipped')).toHaveLength(1);
  });

  test('is no matter to a fault that has none', async () => {
    const { events } = await playWith([kill()], () => true);
    expect(types(events)).toContain('fault-injected');
  });
});

describe('restarts', () => {
  test('end when the node is back', async () => {
    const { events, node } = await play([{ ...kill(), kind: 'restart', forMs: null } as FaultSpec]);
    expect(node.calls).toEqual(['stop', 'start']);
    expect(types(events).at(-1)).toBe('fault-healed');
  });

  test('that fail to start are told as not healed', async () => {
    const { events } = await play(
      [{ ...kill(), kind: 'restart', forMs: null } as FaultSpec],
      (one) => one.failing.add('start'),
    );
    expect(events.at(-1)).toMatchObject({ type: 'fault-failed', step: 'heal' });
  });
});

describe('link faults', () => {
  test('prove a latency by the round trip', async () => {
    const { events, links } = await play([latency]);
    expect(events.find(({ type }) => type === 'fault-probed')).toMatchObject({ proven: true });
    expect(links.inForce).toEqual([]);
  });

  test('are seen through the noise of a busy machine', async () => {
    const { events } = await play([latency], (_node, links) => {
      links.noise = [70, 45, 60, 52];
    });
    expect(events.find(({ type }) => type === 'fault-probed')).toMatchObject({ proven: true });
  });

  test('say so when nothing happened on the link', async () => {
    const { events } = await play([latency], (_node, links) => {
      links.works = false;
    });
    expect(events.find(({ type }) => type === 'fault-probed')).toMatchObject({ proven: false });
  });
});
