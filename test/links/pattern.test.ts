/** Patterns become exactly the links that exist: who dials whom on which listener. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeLink } from '../../src/links/links.ts';
import { possibleLinks, resolveLinks } from '../../src/links/pattern.ts';
import type { LinkEnd, LinkPattern, Listener } from '../../src/scenario/scenario.ts';

const both = ['broker', 'controller'] as const;
const combined = [1, 2, 3].map((id) => ({ id, roles: both }));
const separate = [
  { id: 1, roles: ['broker'] as const },
  { id: 2, roles: ['broker'] as const },
  { id: 101, roles: ['controller'] as const },
];

const pattern = (
  from: LinkEnd,
  to: LinkEnd,
  listener: Listener | null = null,
  twoWays = false,
): LinkPattern => ({ from, to, listener, both: twoWays });

const clients = { kind: 'clients' } as const;
const all = { kind: 'all' } as const;
const brokers = { kind: 'brokers' } as const;
const controllers = { kind: 'controllers' } as const;
const controller = { kind: 'controller' } as const;
const leader = { kind: 'leader', topic: 't', partition: 0 } as const;
const broker = (id: number) => ({ kind: 'broker', id }) as const;

const names = (patterns: readonly LinkPattern[], nodes: typeof separate | typeof combined) =>
  possibleLinks(patterns, nodes).map(describeLink);

describe('possible links', () => {
  test.each([
    [
      'clients dial CLIENT of brokers only',
      pattern(clients, all),
      ['clients -> broker 1 (CLIENT)', 'clients -> broker 2 (CLIENT)'],
    ],
    [
      'a broker dials brokers and controllers, never itself',
      pattern(broker(1), all),
      ['broker 1 -> broker 2 (BROKER)', 'broker 1 -> broker 101 (CONTROLLER)'],
    ],
    ['a controller dials no broker', pattern(broker(101), brokers), []],
    [
      'both ways keeps only what can be dialled',
      pattern(brokers, controllers, null, true),
      ['broker 1 -> broker 101 (CONTROLLER)', 'broker 2 -> broker 101 (CONTROLLER)'],
    ],
    [
      'one listener',
      pattern(brokers, brokers, 'BROKER'),
      ['broker 1 -> broker 2 (BROKER)', 'broker 2 -> broker 1 (BROKER)'],
    ],
    ['clients cannot reach BROKER', pattern(clients, brokers, 'BROKER'), []],
    ['nobody dials clients', pattern(brokers, clients), []],
    ['a broker that is not there', pattern(clients, broker(9)), []],
  ])('%s', (_, one, expected) => {
    expect(names([one], separate)).toEqual(expected);
  });

  test('a role may be any node that can hold it', () => {
    expect(names([pattern(clients, leader)], combined)).toHaveLength(3);
    expect(names([pattern(controller, all, 'CONTROLLER')], combined)).toHaveLength(6);
  });

  test('each link once, whatever overlaps', () => {
    const twice = [pattern(all, all), pattern(brokers, brokers, 'BROKER', true)];
    expect(names(twice, combined)).toHaveLength(12);
  });
});

test('what a role resolves to is always among the possible links', () => {
  const ends = [clients, all, brokers, controllers, controller, leader, broker(1), broker(101)];
  const anyPattern = fc.record({
    from: fc.constantFrom<LinkEnd>(...ends),
    to: fc.constantFrom<LinkEnd>(...ends),
    listener: fc.constantFrom<Listener | null>(null, 'CLIENT', 'BROKER', 'CONTROLLER'),
    both: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anyPattern), fc.constantFrom(1, 2), (patterns, led) => {
      const possible = names(patterns, separate);
      const resolved = resolveLinks(patterns, separate, (where) => {
        if (where.kind === 'controller') return [101];
        return where.kind === 'broker' ? [where.id] : [led];
      });
      expect(possible).toEqual(expect.arrayContaining(resolved.map(describeLink)));
    }),
  );
});
