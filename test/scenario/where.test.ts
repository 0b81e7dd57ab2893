/** Where faults act: brokers by id and role, links, splits. */
import { describe, expect, test } from 'vitest';
import {
  parseBrokerWhere,
  parseLinks,
  parseLoadWhere,
  parseProcessWhere,
} from '../../src/scenario/where.ts';

describe('brokers', () => {
  test.each([
    ['leader of orders/0', { kind: 'leader', topic: 'orders', partition: 0 }],
    ['follower  of  a.b-c/12', { kind: 'follower', topic: 'a.b-c', partition: 12 }],
    ['controller', { kind: 'controller' }],
    ['coordinator of group billing', { kind: 'coordinator', of: 'group', id: 'billing' }],
    ['coordinator of transaction bank-0', { kind: 'coordinator', of: 'transaction', id: 'bank-0' }],
    ['coordinator of transaction tx-1', { kind: 'coordinator', of: 'transaction', id: 'tx-1' }],
    ['broker 2', { kind: 'broker', id: 2 }],
    ['any broker', { kind: 'any-broker' }],
    ['all brokers', { kind: 'all-brokers' }],
  ])('%s', (text, value) => expect(parseBrokerWhere(text)).toEqual({ ok: true, value }));

  test.each([
    'leader',
    'leader of orders',
    'broker',
    'broker two',
    '2',
    'brokers',
    '',
    'clients -> brokers',
  ])('not %j', (text) =>
    expect(parseBrokerWhere(text)).toMatchObject({ ok: false, hint: expect.any(String) }),
  );
});

const broker = (id: number) => ({ kind: 'broker', id });
const pattern = (from: object, to: object, rest: object = {}) => ({
  from,
  to,
  listener: null,
  both: false,
  ...rest,
});

describe('links', () => {
  const all = { kind: 'all' };
  const brokers = { kind: 'brokers' };
  const clients = { kind: 'clients' };
  const controller = { kind: 'controller' };
  test.each([
    ['clients -> brokers', [pattern(clients, brokers)]],
    ['broker 1 <-> broker 2', [pattern(broker(1), broker(2), { both: true })]],
    ['broker 1 <- broker 2', [pattern(broker(2), broker(1))]],
    ['controller -> all (CONTROLLER)', [pattern(controller, all, { listener: 'CONTROLLER' })]],
    ['isolate controller', [pattern(controller, all, { both: true })]],
    ['isolate broker 1 (BROKER)', [pattern(broker(1), all, { both: true, listener: 'BROKER' })]],
    [
      'broker 1 -> broker 2, clients -> leader of orders/0',
      [
        pattern(broker(1), broker(2)),
        pattern(clients, { kind: 'leader', topic: 'orders', partition: 0 }),
      ],
    ],
    [
      'broker 1 | broker 2, broker 3',
      [
        pattern(broker(1), broker(2), { both: true }),
        pattern(broker(1), broker(3), { both: true }),
      ],
    ],
    [
      'broker 1 | broker 2 (BROKER)',
      [pattern(broker(1), broker(2), { both: true, listener: 'BROKER' })],
    ],
  ])('%s', (text, value) => expect(parseLinks(text)).toEqual({ ok: true, value }));

  test.each([
    ['', 0],
    ['broker 1', 0],
    ['broker 1 -> ', 11],
    ['brokers -> clients', 0],
    ['clients <-> brokers', 0],
    ['isolate clients', 0],
    ['clients -> brokers (CONTROLLER)', 0],
    ['broker 1 -> broker 2 (CLIENT)', 0],
    ['broker 1 -> broker 2 (HARNESS)', 22],
    ['any broker -> brokers', 0],
    ['broker 1 -> broker 2, broker 3 -> brkr', 34],
    ['broker 1 | broker 2 -> broker 3', 0],
    ['broker 1 | ', 11],
  ])('not %j', (text, offset) => {
    const result = parseLinks(text);
    expect(result).toMatchObject({ ok: false, hint: expect.any(String) });
    expect((result.ok ? undefined : result.offset) ?? 0).toBe(offset);
  });
});

describe('workers', () => {
  test.each([
    ['load billing', { kind: 'load', load: 'billing', worker: null }],
    ['load  a.b-c  worker 12', { kind: 'load', load: 'a.b-c', worker: 12 }],
  ])('%s', (text, value) => {
    expect(parseLoadWhere(text)).toEqual({ ok: true, value });
    expect(parseProcessWhere(text)).toEqual({ ok: true, value });
  });

  test.each(['load', 'billing', 'load billing worker', 'load a b', 'broker 1', 'load a worker -1'])(
    'not %j',
    (text) =>
      expect(parseLoadWhere(text)).toMatchObject({
        ok: false,
        hint: expect.stringContaining('load NAME'),
      }),
  );

  test('whoever has a process may be a broker too', () => {
    const value = { kind: 'broker', id: 2 };
    expect(parseProcessWhere('broker 2')).toEqual({ ok: true, value });
    expect(parseProcessWhere('nonsense')).toMatchObject({
      ok: false,
      hint: expect.stringContaining('load NAME'),
    });
  });
});
