/**
 * What every provider that runs brokers has to keep, on real brokers: it raises what it says, breaks what it is told
 * to, and leaves nothing.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClusterNode, RunningCluster } from '../../src/cluster/cluster.ts';
import { plannedNodes } from '../../src/cluster/nodes.ts';
import { startTimeOf } from '../../src/host/identity.ts';
import { stateFile } from '../../src/host/run-state.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { possibleLinks } from '../../src/links/pattern.ts';
import type { LinkPattern } from '../../src/scenario/scenario.ts';
import { type Admin, openAdmin } from '../../src/wire/admin.ts';
import { dockerSkipped } from '../docker/engine.ts';
import { providers } from './built.ts';
import { contextIn, hostWith, pidOf, scenarioWith } from './scenarios.ts';

const everything: readonly LinkPattern[] = [
  { from: { kind: 'clients' }, to: { kind: 'brokers' }, listener: null, both: false },
  { from: { kind: 'all' }, to: { kind: 'all' }, listener: null, both: true },
];
const patient = { timeoutMs: 60_000, everyMs: 200 };
/** What Kafka finalized, by provider: the same, or their verdicts would be about two different systems. */
const features: Partial<Record<string, RunningCluster['facts']['finalizedFeatures']>> = {};

describe.each(['local', 'docker'] as const)('%s: three brokers, a proxy in every link', (name) => {
  if (name === 'docker' && dockerSkipped(test)) return;
  const scenario = scenarioWith({ config: { 'min.insync.replicas': '2' } });
  const proxied = possibleLinks(everything, plannedNodes(scenario));
  const runFolder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  const context = contextIn(runFolder);
  let cluster: RunningCluster;
  let admin: Admin;

  beforeAll(async () => {
    const host = hostWith();
    cluster = await (await providers.providerOf(name, host)).start({ scenario, proxied }, context);
    admin = await openAdmin({
      bootstrap: cluster.harness,
      connection: cluster.connection,
      clientId: 'test',
    });
  });

  afterAll(async () => {
    const pids = [...cluster.nodes.keys()].map((id) => pidOf(context, id));
    const folders = [...cluster.nodes.values()].map(({ dataDir }) => dataDir);
    features[name] = cluster.facts.finalizedFeatures;
    admin.close();
    await cluster[Symbol.asyncDispose]();
    rmSync(runFolder, { recursive: true });
    expect(pids.map(startTimeOf)).toEqual([undefined, undefined, undefined]);
    expect(folders.filter(existsSync)).toEqual([]);
    expect(existsSync(stateFile(hostWith(), `${context.runId}-${process.pid}`))).toBe(false);
    if (name === 'docker') expect(features['docker']).toEqual(features['local']);
  });

  const node = (id: number): ClusterNode => cluster.nodes.get(id) as ClusterNode;

  const registered = async (): Promise<readonly number[]> =>
    (await admin.metadata([])).brokers.map(({ id }) => id).sort();

  test('are registered, with every feature finalized and their settings recorded', async () => {
    expect(await registered()).toEqual([1, 2, 3]);
    expect(cluster.facts.finalizedFeatures).toMatchObject({
      'metadata.version': expect.any(Number),
      'transaction.version': 2,
      'group.version': 1,
      'eligible.leader.replicas.version': 1,
    });
    expect(cluster.facts.nodeConfig['2']).toMatchObject({
      'node.id': '2',
      'process.roles': 'broker,controller',
      'min.insync.replicas': '2',
      'offsets.topic.replication.factor': '3',
    });
    expect(readFileSync(join(runFolder, 'logs', 'broker-1.log'), 'utf8')).toContain('Kafka');
  });

  test('one is killed, reported, and started again on its disk', async () => {
    await node(2).kill();
    expect(node(2).state).toBe('killed');
    expect(await node(2).look()).toMatchObject({ process: null });
    expect(context.events.at(-1)).toMatchObject({ type: 'exited', node: 2, expected: true });
    await node(2).start();
    expect(node(2).state).toBe('running');
    expect(await registered()).toEqual([1, 2, 3]);
  });

  test('one that dies by itself is reported as unexpected', async () => {
    process.kill(pidOf(context, 3), 'SIGKILL');
    await waitFor('the exit', () => node(3).state === 'exited', patient);
    expect(context.events.at(-1)).toMatchObject({ type: 'exited', node: 3, expected: false });
    await node(3).start();
    expect(await registered()).toEqual([1, 2, 3]);
  });

  test('one is paused: its process stays and stops', async () => {
    const { process, stopped } = await node(1).look();
    expect(stopped).toBe(false);
    await node(1).pause();
    await waitFor('a stopped process', async () => (await node(1).look()).stopped, patient);
    expect(await node(1).look()).toEqual({ process, stopped: true });
    await node(1).resume();
    await waitFor('it to go on', async () => (await node(1).look()).stopped === false, patient);
    expect(node(1).state).toBe('running');
    expect((await node(1).look()).process).toBe(process);
  });

  test('latency on the links of clients is measured by the probe and healed', async () => {
    const links = proxied.filter(({ from }) => from === 'clients');
    const heal = await cluster.links.apply(links, {
      kind: 'latency',
      delayMs: 300,
      jitterMs: 0,
      stream: 'response',
    });
    for (const link of links) {
      const probed = await cluster.links.probe(link, 5000);
      expect(probed.state).toBe('answered');
      expect(probed.roundTripMs).toBeGreaterThanOrEqual(290);
    }
    await heal();
    await waitFor(
      'the latency to be gone',
      async () => ((await cluster.links.probe(links[0] as never, 5000)).roundTripMs ?? 999) < 290,
      patient,
    );
  });

  test('cutting every link of the active controller moves controllership; HARNESS goes on', async () => {
    const before = await waitFor(
      'a controller',
      async () => {
        const { leaderId } = await admin.quorum();
        return leaderId > 0 && leaderId;
      },
      patient,
    );
    const links = proxied.filter(({ from, to }) => from === before || to === before);
    const heal = await cluster.links.apply(links, { kind: 'cut' });
    const internal = links.filter(({ from }) => from !== 'clients');
    expect(await cluster.links.probe(internal[0] as never, 2000)).toMatchObject({
      state: 'refused',
    });
    const after = await waitFor(
      'another controller',
      async () => {
        const { leaderId } = await admin.quorum();
        return leaderId > 0 && leaderId !== before && leaderId;
      },
      patient,
    );
    expect(after).not.toBe(before);
    await heal();
    await waitFor(
      'all three in sync again',
      async () => {
        const { topics } = await admin.metadata(['__consumer_offsets']);
        const partitions = topics[0]?.partitions ?? [];
        return partitions.length > 0 && partitions.every(({ isr }) => isr.length === 3);
      },
      patient,
    );
  });
});
