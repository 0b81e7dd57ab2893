/** Where an address is really dialled. */
import { expect, test } from 'vitest';
import { createRoute, NO_ROUTES, type RouteTable } from '../../src/lib/route.ts';

const at = (host: string, port: number) => ({ host, port });
const ROUTES: RouteTable['routes'] = [
  { to: at('Kafka-1.example', 9092), via: at('127.0.0.1', 4001) },
];

test('without routes every address is what it says', () => {
  expect(createRoute(NO_ROUTES)('kafka-1.example', 9092)).toEqual(at('kafka-1.example', 9092));
});

test('a route is found by host and port, whatever the capitals', () => {
  const route = createRoute({ routes: ROUTES, others: 'direct' });
  expect(route('kafka-1.EXAMPLE', 9092)).toEqual(at('127.0.0.1', 4001));
  expect(route('kafka-1.example', 9093)).toEqual(at('kafka-1.example', 9093));
});

test('who came later is refused where a fault may name anybody', () => {
  const route = createRoute({ routes: ROUTES, others: 'refused' });
  expect(route('kafka-1.example', 9092)).toEqual(at('127.0.0.1', 4001));
  expect(() => route('kafka-4.example', 9092)).toThrow(/kafka-4\.example:9092 appeared after/);
});

test('it travels as JSON', () => {
  const table: RouteTable = { routes: ROUTES, others: 'refused' };
  const there = JSON.parse(JSON.stringify(table)) as RouteTable;
  expect(createRoute(there)('kafka-1.example', 9092)).toEqual(at('127.0.0.1', 4001));
});
