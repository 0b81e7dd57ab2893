/** Links that cannot be broken here are named before anything starts. */
import { expect, test } from 'vitest';
import { plannedNodes } from '../../src/cluster/nodes.ts';
import { check } from '../../src/links/check.ts';
import type { FaultSpec, LinkEnd } from '../../src/scenario/scenario.ts';
import { scenarioWith } from '../cluster/scenarios.ts';

const cut = (from: LinkEnd, to: LinkEnd): FaultSpec => ({
  name: 'gap',
  kind: 'partition',
  atMs: 0,
  forMs: null,
  where: [{ from, to, listener: null, both: false }],
  whereText: 'somewhere',
});
const brokers = { kind: 'brokers' } as const;
const clients = { kind: 'clients' } as const;
const problems = (fault: FaultSpec, platform: NodeJS.Platform) => {
  const scenario = scenarioWith({}, [fault]);
  return check(scenario, plannedNodes(scenario), platform);
};

test('links between brokers need Linux; those of clients do not', () => {
  expect(problems(cut(brokers, brokers), 'linux')).toEqual([]);
  expect(problems(cut(clients, brokers), 'darwin')).toEqual([]);
  expect(problems(cut(brokers, brokers), 'darwin')).toMatchObject([
    { path: ['faults', 'gap', 'where'], message: expect.stringContaining('need Linux') },
  ]);
});

test('a pattern that matches no link is a problem', () => {
  expect(problems(cut(brokers, clients), 'linux')).toMatchObject([
    { message: expect.stringContaining('no link') },
  ]);
});
