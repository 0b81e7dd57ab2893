/** A reset is proven by a reset: a link that is only refused was cut, unless a proxy in between cannot pass resets on. */
import { expect, test } from 'vitest';
import type { Arena } from '../../src/faults/arena.ts';
import { reset } from '../../src/faults/reset.ts';
import type { LinkProbe, Links } from '../../src/links/links.ts';
import type { ResetFault } from '../../src/scenario/scenario.ts';

const spec: ResetFault = {
  kind: 'reset',
  name: 'boom',
  atMs: 0,
  forMs: null,
  whereText: 'clients -> broker 1',
  where: [
    { from: { kind: 'clients' }, to: { kind: 'broker', id: 1 }, listener: null, both: false },
  ],
};

async function effect(after: LinkProbe) {
  let applied = false;
  const links = {
    apply: async () => {
      applied = true;
      return async () => {};
    },
    probe: async () => (applied ? after : { state: 'answered', roundTripMs: 1 }),
  } as unknown as Links;
  const linkNodes = [{ id: 1, roles: ['broker'] }] as const;
  const arena = { links, linkNodes, nodes: new Map(), resolve: async () => [1] };
  const { probe } = await reset.inject(spec, arena as unknown as Arena);
  return (await probe()).proven;
}

test.each([
  ['a reset', { state: 'reset' }, true],
  ['a refusal', { state: 'refused' }, false],
  ['a refusal behind another proxy', { state: 'refused', indirect: true }, true],
  ['an answer behind another proxy', { state: 'answered', indirect: true }, false],
] as const)('%s', async (_, after, proven) =>
  expect(await effect({ roundTripMs: null, ...after })).toBe(proven),
);
