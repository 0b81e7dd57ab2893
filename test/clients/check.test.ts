/** What clients cannot do is said with its place; what they do is resolved with every default. */
import { describe, expect, test } from 'vitest';
import { check } from '../../src/clients/check.ts';
import { resolveConfig, resolveConfigs } from '../../src/clients/resolve.ts';
import type { Problem } from '../../src/scenario/problem.ts';
import type { ConsumeLoad, LoadSpec, Scenario } from '../../src/scenario/scenario.ts';
import { consumeLoad, produceLoad } from '../load/fake-client.ts';

const scenario = (...load: LoadSpec[]): Scenario => ({ load }) as unknown as Scenario;
const produce = (config: Record<string, string>) => check(scenario(produceLoad({ config })));
const consume = (config: Record<string, string>) => check(scenario(consumeLoad({ config })));

test('a plain load has no problems', () => {
  expect(produce({ acks: '1', 'compression.type': 'zstd' })).toEqual([]);
  expect(consume({ 'isolation.level': 'read_committed' })).toEqual([]);
});

test('a relay has settings of consumers and producers, and no accumulator', () => {
  const relay = { to: 'book', makes: 'copy', transactional: true, records: 10 } as const;
  const of = (config: Record<string, string>, transactional = true) =>
    check(scenario(consumeLoad({ config, relay: { ...relay, transactional } }))).map(
      ({ message }) => message,
    );
  expect(of({ 'session.timeout.ms': '9000', 'transaction.timeout.ms': '9000' })).toEqual([]);
  expect(of({ acks: '1', 'auto.commit.interval.ms': '100' }, false)).toEqual([]);
  expect(of({ 'linger.ms': '5' })).toHaveLength(1);
  expect(of({ 'auto.commit.interval.ms': '100' })).toHaveLength(1);
  const native = produceLoad({ client: 'native' });
  const [problem] = check(scenario(native, consumeLoad({ relay })));
  expect(problem?.message).toMatch(/checkout produces with the native client cannot be relayed/);
});

describe('refused', () => {
  test.each([
    [{ 'buffer.memory': '1' }, /not supported by the client kafkajs/],
    [{ 'transactional.id': 'x' }, /not supported/],
    [{ 'isolation.level': 'read_committed' }, /for a load that produces/],
    [{ acks: '2' }, /one of all, -1, 1, 0/],
    [{ 'linger.ms': '5ms' }, /whole number/],
    [{ 'linger.ms': '-1' }, /whole number/],
    [{ 'compression.type': 'brotli' }, /one of none, gzip/],
    [{ 'enable.idempotence': 'true', acks: '1' }, /needs `acks: all`/],
    [{ 'enable.idempotence': 'true', retries: '0' }, /at least one retry/],
    [{ 'delivery.timeout.ms': '1000' }, /at least `linger.ms` \+ `request.timeout.ms`/],
  ] as [Record<string, string>, RegExp][])('producer %j', (config, message) => {
    const [problem] = produce(config);
    expect(problem?.message).toMatch(message);
    expect(problem?.path.slice(0, 3)).toEqual(['load', 'checkout', 'config']);
  });

  test.each([
    [{ 'group.instance.id': 'x' }, /not supported/],
    [{ acks: 'all' }, /for a load that consumes/],
    [{ 'auto.offset.reset': 'none' }, /one of earliest, latest/],
    [{ 'partition.assignment.strategy': 'range' }, /RoundRobinAssignor/],
    [{ 'session.timeout.ms': '2000' }, /must be below/],
  ] as [Record<string, string>, RegExp][])('consumer %j', (config, message) => {
    expect(consume(config)[0]?.message).toMatch(message);
  });

  test('a value too small for its identity', () => {
    const load = produceLoad({ size: [{ bytes: 31, weight: 1 }] });
    expect(check(scenario(load))).toMatchObject([{ path: ['load', 'checkout', 'size'] }]);
  });
});

test('every default is shown, what the file says wins, and -1 is all', () => {
  const config = resolveConfig(produceLoad({ config: { acks: '-1', 'linger.ms': '7' } }));
  expect(config).toMatchObject({
    acks: 'all',
    'linger.ms': '7',
    'batch.size': '16384',
    'retry.backoff.ms': '100',
    'retry.backoff.max.ms': '1000',
    'delivery.timeout.ms': '120000',
    'client.id': 'ordeal-checkout',
  });
});

test('settings of the harness are labelled', () => {
  const { checkout } = resolveConfigs(scenario(produceLoad()));
  expect(checkout?.honouredByHarness).toEqual(['batch.size', 'linger.ms']);
});

describe('transactions', () => {
  const transaction = { records: 100, abort: 0.1 };
  const rate = { kind: 'constant', perSecond: 1000 } as const;
  const problems = (changes: Parameters<typeof produceLoad>[0]) =>
    check(scenario(produceLoad({ transaction, rate, ...changes })));

  test('bring idempotence, acks=all and a timeout with them', () => {
    const load = produceLoad({ transaction, config: { 'transaction.timeout.ms': '9000' } });
    expect(check(scenario(load))).toEqual([]);
    expect(resolveConfig(load)).toMatchObject({
      ...{ acks: 'all', 'enable.idempotence': 'true', 'transaction.timeout.ms': '9000' },
    });
  });

  test.each([
    [{ config: { acks: '1' } }, /must be one of all, -1 in transactions/, 'acks'],
    [{ config: { 'enable.idempotence': 'false' } }, /in transactions/, 'enable.idempotence'],
    [{ config: { retries: '0' } }, /at least one retry/, 'retries'],
    [{ config: { 'transactional.id': 'mine' } }, /not supported/, 'transactional.id'],
  ] as const)('refuse %j', (changes, message, setting) => {
    const [problem] = problems(changes);
    expect(problem?.message).toMatch(message);
    expect(problem?.path).toEqual(['load', 'checkout', 'config', setting]);
  });

  test('refuse sends over several partitions', () => {
    expect(problems({ sends: 'many-partitions' })).toMatchObject([
      { path: ['load', 'checkout', 'sends'] },
    ]);
  });

  test('that fill only after their timeout are refused', () => {
    expect(problems({ rate: { kind: 'constant', perSecond: 1 } })).toMatchObject([
      { path: ['load', 'checkout', 'transaction'] },
    ]);
  });

  test('their timeout belongs to nobody else', () => {
    expect(produce({ 'transaction.timeout.ms': '1' })[0]?.hint).toMatch(/with `transaction`/);
  });
});

describe('the native client', () => {
  const native = (changes: Parameters<typeof produceLoad>[0]) =>
    check(scenario(produceLoad({ client: 'native', ...changes })));

  test('produces with the settings it honours by itself', () => {
    const load = produceLoad({ client: 'native', config: { 'max.request.size': '65536' } });
    expect(check(scenario(load))).toEqual([]);
    expect(resolveConfigs(scenario(load))['checkout']).toMatchObject({ honouredByHarness: [] });
  });

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])('compresses by %s', (codec) => {
    const config = { 'compression.type': codec };
    expect(check(scenario(produceLoad({ client: 'native', config })))).toEqual([]);
  });

  test('consumes with settings that kafkajs does not have', () => {
    const config = { 'max.poll.interval.ms': '60000' };
    expect(check(scenario(consumeLoad({ client: 'native', config })))).toEqual([]);
    expect(check(scenario(consumeLoad({ config })))).toHaveLength(1);
  });

  test('does not relay yet', () => {
    const relay = { to: 'copies', makes: 'copy', transactional: false, records: 10 } as const;
    expect(check(scenario(consumeLoad({ client: 'native', relay })))).toMatchObject([
      { path: ['load', 'billing', 'client'], hint: expect.stringContaining('kafkajs') },
    ]);
  });

  test.each([
    [{ transaction: { records: 10, abort: 0 } }, 'transaction', /no transactions yet/],
    [{ sends: 'many-partitions' }, 'sends', /anyway/],
    [{ afterGivingUp: 'reuse' }, 'after-giving-up', /new numbers/],
    [{ config: { 'buffer.memory': '1' } }, 'config', /not supported by the client native/],
    [
      {
        config: {
          'enable.idempotence': 'true',
          'max.in.flight.requests.per.connection': '6',
        },
      },
      'config',
      /at most 5/,
    ],
  ] as [Parameters<typeof produceLoad>[0], string, RegExp][])('refuses %j', (changes, at, why) => {
    const [problem] = native(changes);
    expect(problem?.message).toMatch(why);
    expect(problem?.path.slice(0, 3)).toEqual(['load', 'checkout', at]);
    expect(problem?.hint).toBeTruthy();
  });
});

describe('members of one group', () => {
  const RANGE = 'org.apache.kafka.clients.consumer.RangeAssignor';
  const together = (one: Partial<ConsumeLoad>, other: Partial<ConsumeLoad>): Problem[] => {
    const loads = [consumeLoad({ name: 'a', ...one }), consumeLoad({ name: 'b', ...other })];
    return check(scenario(...loads));
  };

  test('must know a common way to share partitions out', () => {
    const mixed = together({ group: 'g' }, { group: 'g', client: 'native' });
    expect(mixed).toMatchObject([
      { path: ['load', 'b', 'group'], hint: expect.stringMatching(/same `client`/) },
    ]);
    const config = { 'partition.assignment.strategy': RANGE };
    const ways = together(
      { group: 'g', client: 'native' },
      { group: 'g', client: 'native', config },
    );
    expect(ways).toMatchObject([{ message: expect.stringMatching(/different strategies/) }]);
  });

  test.each(['kafkajs', 'native'] as const)('of %s do', (client) => {
    expect(together({ group: 'g', client }, { group: 'g', client })).toEqual([]);
    expect(together({ group: 'g' }, { group: 'h', client })).toEqual([]);
  });
});
