/** What the engine is asked for, as pure functions of the plan. */
import { describe, expect, test } from 'vitest';
import { nodeConfig } from '../../src/cluster/broker-config.ts';
import {
  environmentOf,
  nodeSpec,
  podNode,
  podPortsNeeded,
  podSpec,
  variableOf,
  withEntry,
} from '../../src/cluster/docker/container-spec.ts';
import { hostIn } from '../../src/cluster/docker/network.ts';
import { resourcesOf } from '../../src/cluster/docker/resources.ts';
import { plannedNodes } from '../../src/cluster/nodes.ts';
import { peerHosts, place, portsNeeded, routesOf } from '../../src/cluster/placement.ts';
import type { Link } from '../../src/links/links.ts';
import { scenarioWith } from './scenarios.ts';

const run = resourcesOf('7-11');
const scenario = scenarioWith({ brokers: 2, cpus: 0.5, memoryBytes: 2 ** 30 });
const proxied: readonly Link[] = [
  { from: 'clients', to: 1, listener: 'CLIENT' },
  { from: 1, to: 2, listener: 'BROKER' },
];

const planned = plannedNodes(scenario);
const ports = Array.from({ length: portsNeeded(planned, proxied) }, (_, i) => 1001 + i);
const nodes = place(planned, proxied, ports, ({ id }) => ({
  host: `172.18.0.${10 + id}`,
  dataDir: '/data',
})).map((node) =>
  podNode(
    node,
    proxied,
    Array.from({ length: podPortsNeeded(node.id, proxied) }, (_, i) => 2000 + 100 * node.id + i),
  ),
);
const [one, two] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];

describe('a pod', () => {
  const podOf = (node: typeof one) =>
    podSpec(node, {
      run,
      network: 'net',
      image: 'proxy',
      hosts: peerHosts(node, nodes, proxied),
      netAdmin: false,
    });

  test('publishes on loopback what is dialled from outside, and nothing that peers dial', () => {
    const bindings = podOf(one).HostConfig?.PortBindings as Record<string, { HostIp: string }[]>;
    expect(Object.values(bindings).flat()).toSatisfy((all: { HostIp: string }[]) =>
      all.every(({ HostIp }) => HostIp === '127.0.0.1'),
    );
    const inside = [8474, one.ports.HARNESS, one.advertisedClientPort, 2101];
    expect(Object.keys(bindings)).toEqual(inside.map((port) => `${port}/tcp`));
    expect(Object.keys(bindings)).not.toContain(`${one.ports.BROKER}/tcp`);
  });

  test('sends a dialer through its proxy, and everybody else straight', () => {
    expect(podOf(one).HostConfig?.ExtraHosts).toContain('broker-2:127.0.1.2');
    expect(podOf(two).HostConfig?.ExtraHosts).toContain('broker-2:172.18.0.12');
  });

  test('has the address its brokers are bound to', () => {
    const { NetworkingConfig } = podOf(two);
    expect(NetworkingConfig?.EndpointsConfig?.['net']).toEqual({
      IPAMConfig: { IPv4Address: '172.18.0.12' },
    });
    const config = nodeConfig(scenario.cluster, two, nodes);
    expect(config['listeners']).toContain(`BROKER://172.18.0.12:${two.ports.BROKER}`);
    expect(config['advertised.listeners']).toContain(`CLIENT://127.0.0.1:${two.ports.CLIENT}`);
  });
});

test('the harness gets into a proxy from outside: directly, or through a second one', () => {
  const [client, broker] = routesOf(proxied, nodes).map((route) => withEntry(route, nodes));
  expect(client).toMatchObject({
    listen: { host: '172.18.0.11', port: one.advertisedClientPort },
    entry: { dial: { host: '127.0.0.1', port: one.advertisedClientPort } },
  });
  expect(broker).toMatchObject({
    listen: { host: '127.0.1.2', port: two.ports.BROKER },
    entry: {
      dial: { host: '127.0.0.1', port: 2101 },
      through: { host: '172.18.0.11', port: 2101 },
    },
  });
});

test('a node joins its pod, with the limits the scenario gives it', () => {
  const { cluster } = scenario;
  const spec = nodeSpec(one, { run, pod: 'pod-id', image: 'kafka', cluster, config: {} });
  expect(spec).toMatchObject({
    name: 'ordeal-7-11-broker-1',
    Labels: { 'ordeal.run': '7-11' },
    HostConfig: { NetworkMode: 'container:pod-id', NanoCpus: 5e8, Memory: 2 ** 30 },
  });
});

test.each([
  ['log.dirs', 'KAFKA_LOG_DIRS'],
  ['some_thing.x-y', 'KAFKA_SOME__THING_X___Y'],
])('%s is %s', (setting, variable) => {
  expect(variableOf(setting)).toBe(variable);
});

test('the heap and the compiler are those of the scenario', () => {
  const environment = environmentOf({ 'log.dirs': '/d' }, { heapBytes: 2 ** 28, jvm: 'quick' });
  expect(environment).toMatchObject({ KAFKA_HEAP_OPTS: '-Xms256m -Xmx256m', KAFKA_LOG_DIRS: '/d' });
  expect(environment['KAFKA_JVM_PERFORMANCE_OPTS']).toContain('-XX:TieredStopAtLevel=1');
});

test.each([
  ['172.18.0.0/16', 11, '172.18.0.11'],
  ['10.0.255.0/24', 111, '10.0.255.111'],
  ['192.168.0.0/16', 300, '192.168.1.44'],
])('host %s %d', (subnet, index, address) => {
  expect(hostIn(subnet, index)).toBe(address);
});

test('a subnet that is too small is said so', () => {
  expect(() => hostIn('10.0.0.0/28', 15)).toThrow('no room');
});
