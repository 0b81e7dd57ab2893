/** Settings, ports, names and proxies of a cluster, as pure functions of the scenario. */
import { describe, expect, test } from 'vitest';
import { nodeConfig, propertiesText } from '../../src/cluster/broker-config.ts';
import { plannedNodes } from '../../src/cluster/nodes.ts';
import { peerHosts, place, portsNeeded, routesOf } from '../../src/cluster/placement.ts';
import { check } from '../../src/cluster/providers.ts';
import type { Link } from '../../src/links/links.ts';
import type { ClusterSpec, FaultSpec } from '../../src/scenario/scenario.ts';
import { hostWith, scenarioWith } from './scenarios.ts';

const placed = (cluster: Partial<ClusterSpec>, proxied: readonly Link[] = []) => {
  const nodes = plannedNodes(scenarioWith(cluster));
  const ports = Array.from({ length: portsNeeded(nodes, proxied) }, (_, i) => 1001 + i);
  return place(nodes, proxied, ports, ({ id }) => ({ host: '127.0.0.1', dataDir: `/data/${id}` }));
};

const configOf = (cluster: Partial<ClusterSpec>, id: number, proxied: readonly Link[] = []) => {
  const nodes = placed(cluster, proxied);
  const node = nodes.find((one) => one.id === id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return nodeConfig(scenarioWith(cluster).cluster, node, nodes);
};

describe('roles', () => {
  test.each([
    [{ brokers: 1 }, ['1 broker,controller']],
    [
      { brokers: 4 },
      ['1 broker,controller', '2 broker,controller', '3 broker,controller', '4 broker'],
    ],
    [{ brokers: 2, controllers: 1 }, ['1 broker', '2 broker', '101 controller']],
    [{ provider: 'external' as const }, []],
  ])('%j', (cluster, expected) => {
    const nodes = plannedNodes(scenarioWith(cluster));
    expect(nodes.map(({ id, roles }) => `${id} ${roles.join()}`)).toEqual(expected);
  });
});

describe('settings', () => {
  test('one broker: everything has one replica', () => {
    expect(configOf({ brokers: 1 }, 1)).toEqual({
      'offsets.topic.replication.factor': '1',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'share.coordinator.state.topic.replication.factor': '1',
      'share.coordinator.state.topic.min.isr': '1',
      'group.initial.rebalance.delay.ms': '0',
      'node.id': '1',
      'process.roles': 'broker,controller',
      listeners:
        'CLIENT://127.0.0.1:1001,BROKER://127.0.0.1:1002,HARNESS://127.0.0.1:1003,CONTROLLER://127.0.0.1:1004',
      'advertised.listeners':
        'CLIENT://127.0.0.1:1001,BROKER://broker-1:1002,HARNESS://127.0.0.1:1003,CONTROLLER://controller-1:1004',
      'listener.security.protocol.map':
        'CLIENT:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,HARNESS:PLAINTEXT',
      'inter.broker.listener.name': 'BROKER',
      'controller.listener.names': 'CONTROLLER',
      'controller.quorum.voters': '1@controller-1:1004',
      'log.dirs': '/data/1',
    });
  });

  test('the user decides over our defaults, verbatim', () => {
    const config = { 'group.initial.rebalance.delay.ms': '3000', 'made.up': 'a' };
    expect(configOf({ brokers: 1, config }, 1)).toMatchObject(config);
  });

  test('separate controllers vote, brokers do not', () => {
    const config = configOf({ brokers: 1, controllers: 2 }, 101);
    expect(config).toMatchObject({
      'process.roles': 'controller',
      listeners: 'CONTROLLER://127.0.0.1:1004',
      'controller.quorum.voters': '101@controller-101:1004,102@controller-102:1005',
    });
  });

  test('properties survive what Java reads specially', () => {
    expect(propertiesText({ 'a b': ' x\\y\nzé' })).toBe('a\\ b=\\ x\\\\y\\nz\\u00e9\n');
  });
});

describe('proxies', () => {
  const proxied: readonly Link[] = [
    { from: 'clients', to: 2, listener: 'CLIENT' },
    { from: 1, to: 2, listener: 'BROKER' },
  ];
  const nodes = placed({ brokers: 2 }, proxied);

  test('clients are told the proxy, HARNESS stays direct', () => {
    const listeners = configOf({ brokers: 2 }, 2, proxied)['advertised.listeners'];
    expect(listeners).toContain('CLIENT://127.0.0.1:1009,');
    expect(listeners).toContain('HARNESS://127.0.0.1:1007,');
  });

  test('each link has its own listening address, and leads to the real port', () => {
    expect(routesOf(proxied, nodes)).toMatchObject([
      { listen: { host: '127.0.0.1', port: 1009 }, upstream: { host: '127.0.0.1', port: 1005 } },
      { listen: { host: '127.0.1.2', port: 1006 }, upstream: { host: '127.0.0.1', port: 1006 } },
    ]);
  });

  test('only the dialer of a link finds the proxy, and only on that listener', () => {
    const [one, two] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
    expect(peerHosts(one, nodes, proxied).map(({ address, name }) => `${address} ${name}`)).toEqual(
      [
        '127.0.0.1 broker-1',
        '127.0.0.1 controller-1',
        '127.0.1.2 broker-2',
        '127.0.0.1 controller-2',
      ],
    );
    expect(JSON.stringify(peerHosts(two, nodes, proxied))).not.toContain('127.0.1.2');
  });
});

describe('what a provider cannot do', () => {
  const kill: FaultSpec = {
    name: 'dies',
    kind: 'kill',
    atMs: 0,
    forMs: null,
    where: { kind: 'controller' },
    whereText: 'controller',
  };
  test.each<[Partial<ClusterSpec>, readonly FaultSpec[], readonly (string | number)[]]>([
    [{ config: { listeners: 'X' } }, [], ['cluster', 'config', 'listeners']],
    [
      { config: { 'listener.name.client.max.connections': '1' } },
      [],
      ['cluster', 'config', 'listener.name.client.max.connections'],
    ],
    [{ kafka: '0.9' }, [], ['cluster', 'kafka']],
    [{ connection: { 'sasl.mechanism': 'PLAIN' } }, [], ['cluster', 'connection']],
    [{ provider: 'docker', config: { 'log.dirs': '/d' } }, [], ['cluster', 'config', 'log.dirs']],
    [{ provider: 'external' }, [kill], ['faults', 'dies', 'where']],
    [{ provider: 'external', config: { a: 'b' } }, [], ['cluster', 'config', 'a']],
  ])('%j', (cluster, faults, path) => {
    expect(check(scenarioWith(cluster, faults), hostWith()).map((one) => one.path)).toEqual([path]);
  });

  test('nothing is wrong with an ordinary scenario', () => {
    expect(check(scenarioWith({}, [kill]), hostWith())).toEqual([]);
  });
});
