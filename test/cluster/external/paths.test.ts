/** Which proxies stand before a cluster that ordeal does not run, and what its clients dial. */
import { describe, expect, test } from 'vitest';
import {
  type LiveBroker,
  linksToProxy,
  placeProxies,
} from '../../../src/cluster/external/paths.ts';
import type { FaultSpec, LinkPattern } from '../../../src/scenario/scenario.ts';
import { parseLinks } from '../../../src/scenario/where.ts';

const at = (host: string, port = 9092) => ({ host, port });

const BROKERS: readonly LiveBroker[] = [
  { id: 4, roles: ['broker'], address: at('k4') },
  { id: 5, roles: ['broker', 'controller'], address: at('k5') },
  { id: 9, roles: ['broker'], address: at('k9') },
];

function cut(whereText: string): FaultSpec {
  const where = parseLinks(whereText);
  if (!where.ok) throw new Error(where.message);
  const patterns: readonly LinkPattern[] = where.value;
  return { kind: 'partition', name: 'cut', whereText, where: patterns, atMs: 0, forMs: 1000 };
}

const kill: FaultSpec = {
  ...{ kind: 'kill', name: 'k', whereText: 'broker 1', where: { kind: 'broker', id: 1 } },
  ...{ atMs: 0, forMs: null },
};

function place(where: string, bootstrap = [at('k4')]) {
  const plan = { faults: [cut(where), kill], brokers: BROKERS, bootstrap };
  const links = linksToProxy(plan);
  const ports = links.map((_, i) => 7000 + i);
  return { links, ...placeProxies(plan, links, ports) };
}

describe('who gets a proxy', () => {
  test.each([
    ['clients -> brokers', [4, 5, 9]],
    ['clients -> leader of orders/0', [4, 5, 9]],
    ['clients -> controller', [5]],
    ['clients -> broker 9', [9]],
    ['clients -> broker 9, clients -> broker 4', [9, 4]],
  ])('%s', (where, ids) => {
    const { links, table } = place(where);
    expect(links.map(({ to }) => to)).toEqual(ids);
    expect(table.routes.map(({ to }) => to.host)).toEqual(ids.map((id) => `k${id}`));
    expect(table.routes.map(({ via }) => via.port)).toEqual(ids.map((_, i) => 7000 + i));
  });

  test('nobody without faults on links', () => {
    expect(linksToProxy({ faults: [kill], brokers: BROKERS, bootstrap: [at('k4')] })).toEqual([]);
  });

  test('a fault that means no broker of the cluster is told, with those there are', () => {
    expect(() => place('clients -> broker 1')).toThrow(/fault cut: no broker of the cluster/);
  });
});

describe('bootstrap addresses that no broker advertises', () => {
  const bootstrap = [at('balancer'), at('K5'), at('other', 443)];

  test('have proxies of their own where a fault may mean any broker', () => {
    const { proxies } = place('clients -> brokers', bootstrap);
    expect(proxies.map(({ link, upstream }) => [link.to, upstream.host])).toEqual([
      [4, 'k4'],
      [5, 'k5'],
      [9, 'k9'],
      [-1, 'balancer'],
      [-2, 'other'],
    ]);
  });

  test('are left alone by faults on single brokers', () => {
    expect(place('clients -> broker 5', bootstrap).links.map(({ to }) => to)).toEqual([5]);
  });
});

describe('brokers that come later', () => {
  test.each([
    ['clients -> brokers', 'refused'],
    ['clients -> leader of orders/0', 'refused'],
    ['clients -> broker 5', 'direct'],
  ])('%s: %s', (where, others) => {
    expect(place(where).table.others).toBe(others);
  });
});
