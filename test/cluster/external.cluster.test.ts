/**
 * A cluster that ordeal did not start, as a guest: with TLS and SCRAM, its clients' links broken from here, in topics of
 * its own that are gone afterwards, and in a topic that was there before only with consent.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Document, parseDocument } from 'yaml';
import type { Result } from '../../src/verify/result.ts';
import { type Admin, openAdmin } from '../../src/wire/admin.ts';
import {
  type Ended,
  eventIn,
  eventsOf,
  ordeal,
  ROOT,
  resultOf,
  scratch,
  start,
} from '../cli/ordeal.ts';
import { startLyingBroker } from '../lying-broker/lying-broker.ts';
import {
  PASSWORD,
  type SecuredBroker,
  startSecuredBroker,
  USER,
} from '../runner/secured-broker.ts';

const folder = scratch();
const SCENARIO = join(ROOT, 'test/scenarios/external.yaml');
const PREFIXED = /^ordeal-[0-9a-f]{8}-orders$/;
let broker: SecuredBroker;
let admin: Admin;
let files = 0;

beforeAll(async () => {
  broker = await startSecuredBroker(join(folder, 'broker'));
  const [host = '', port] = broker.at.INTERNAL.split(':');
  const bootstrap = [{ host, port: Number(port) }];
  admin = await openAdmin({ bootstrap, connection: {}, clientId: 'test' });
});
afterAll(async () => {
  admin?.close();
  await broker?.[Symbol.asyncDispose]();
});
afterEach(async () => {
  await admin.deleteTopics(await topics());
});

/** Without Kafka's own. */
async function topics(): Promise<readonly string[]> {
  const { topics: all } = await admin.metadata();
  return all.map(({ name }) => name).filter((name) => !name.startsWith('__'));
}

async function groupsOf(out: string): Promise<readonly string[]> {
  const topic = eventsOf(out).find((event) => event.type === 'topic');
  const prefix = topic?.type === 'topic' ? topic.inKafka.replace(/orders$/, '') : 'ordeal-none-';
  const found = await admin.describeGroups([`${prefix}billing`]);
  return found.filter(({ state }) => state !== 'Dead').map(({ group }) => group);
}

/** The scenario, changed. */
function written(change: (document: Document) => void): string {
  const document = parseDocument(readFileSync(SCENARIO, 'utf8'));
  change(document);
  const path = join(folder, `scenario-${++files}.yaml`);
  writeFileSync(path, document.toString());
  return path;
}

const inPlain = (document: Document): void => {
  document.setIn(['cluster', 'connection'], {});
  document.deleteIn(['faults']);
  document.setIn(['phases', 'measure'], '2s');
  document.setIn(['expect'], ['lost == 0']);
};

const secure = {
  KAFKA_USER: USER,
  KAFKA_PASSWORD: PASSWORD,
  XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
};
const environment = (changes: Record<string, string> = {}) => ({
  ...secure,
  KAFKA_BOOTSTRAP: broker.at.SASL,
  KAFKA_CA: broker.certificates.trusted,
  ...changes,
});
const plain = () => environment({ KAFKA_BOOTSTRAP: broker.at.INTERNAL });

type Trial = Ended & { readonly out: string };

async function run(scenario: string, env: object, ...flags: string[]): Promise<Trial> {
  const out = join(folder, `run-${++files}`);
  const ended = await ordeal(['run', scenario, '--out', out, ...flags], { env: { ...env } });
  return { ...ended, out };
}

const actual = ({ expectations }: Result, start: string): number =>
  Number(expectations.find(({ expression }) => expression.startsWith(start))?.actual);

function expectRefused({ code, stderr }: Ended, expected: number, ...words: RegExp[]): void {
  expect(code, stderr).toBe(expected);
  if (expected === 3) expect(stderr.match(/^error:/gm), stderr).toHaveLength(1);
  for (const word of words) expect(stderr).toMatch(word);
  expect(stderr).toContain('hint:');
  expect(stderr).not.toMatch(/^ {4}at /m);
}

describe('with TLS and SCRAM', () => {
  test.each([
    ['by the address that the broker advertises', (at: string) => at],
    ['by another name of it', (at: string) => at.replace('127.0.0.1', 'localhost')],
  ])('clients meet the latency of their links, %s', async (_, name) => {
    const env = environment({ KAFKA_BOOTSTRAP: name(broker.at.SASL) });
    const { stderr, out } = await run(SCENARIO, env);
    const result = resultOf(out);
    // A noisy machine may make the harness late, which is `unknown`; it must never be called a failure of Kafka.
    const late = ['generator-bound', 'expectation-unknown'];
    expect(
      result.reasons.filter(({ code }) => !late.includes(code)),
      stderr,
    ).toEqual([]);
    expect(result.delivery).toMatchObject({ lost: 0, acknowledged: 1100, read: 1100 });
    expect(result.delivery.byTopic).toHaveProperty('orders');
    expect(result.delivery.groups['billing']).toMatchObject({ skipped: 0, lagAtEnd: 0 });
    const [fault] = result.faults;
    expect(fault).toMatchObject({
      target: 'clients -> broker 1 (CLIENT)',
      effect: { proven: true },
    });
    const slow = actual(result, 'p50(service) of checkout during slow-way');
    expect(slow - actual(result, 'p50(service) of checkout during steady')).toBeGreaterThan(200);
    const made = eventsOf(out).find((event) => event.type === 'topic');
    expect(made).toMatchObject({ topic: 'orders', inKafka: expect.stringMatching(PREFIXED) });
    expect(await topics()).toEqual([]);
    expect(await groupsOf(out)).toEqual([]);
  });

  test('every other fault on links of clients is proven', async () => {
    const verbs = [
      { partition: 'clients -> leader of orders/0' },
      { reset: 'clients -> broker 1' },
      { blackhole: 'clients -> brokers' },
      { bandwidth: 'clients -> brokers', rate: '16KiB/s' },
    ];
    const scenario = written((document) => {
      const faults = verbs.map((verb, i) => [
        `fault-${i}`,
        { at: `${1 + 4 * i}s`, for: '2s', ...verb },
      ]);
      document.setIn(['faults'], document.createNode(Object.fromEntries(faults)));
      document.setIn(['phases', 'measure'], '17s');
      document.setIn(['expect'], ['lost == 0']);
    });
    const { stderr, out } = await run(scenario, environment());
    const { faults, delivery } = resultOf(out);
    expect(faults.map(({ kind }) => kind)).toEqual(verbs.flatMap((verb) => Object.keys(verb)[0]));
    for (const { effect } of faults) expect(effect, stderr).toMatchObject({ proven: true });
    expect(delivery).toMatchObject({ lost: 0 });
  });

  test('a wrong password is one message', async () => {
    const trial = await run(SCENARIO, environment({ KAFKA_PASSWORD: 'not-the-passw0rd' }));
    expectRefused(trial, 3, /refused the login/);
    expect(trial.stderr).not.toContain('not-the-passw0rd');
  });
});

test('of several brokers only the one that a fault names is slow', async () => {
  await using lying = await startLyingBroker({ topics: {}, nodes: 2 });
  const scenario = written((document) => {
    inPlain(document);
    // Broker 2 leads one partition of three.
    document.setIn(['topics', 'orders'], { partitions: 3, replicas: 1 });
    document.setIn(['phases', 'measure'], '6s');
    const fault = { at: '1s', for: '4s', latency: 'clients -> broker 2', delay: '1s' };
    document.setIn(['faults'], { 'slow-way': fault });
    document.setIn(
      ['expect'],
      [
        'p90(service) of checkout during slow-way >= 1s',
        'p50(service) of checkout during slow-way < 1s',
      ],
    );
  });
  const env = environment({ KAFKA_BOOTSTRAP: lying.brokers[0] as string });
  const { code, stderr, out } = await run(scenario, env);
  expect(code, stderr).toBe(0);
  expect(resultOf(out).faults[0]).toMatchObject({
    target: 'clients -> broker 2 (CLIENT)',
    effect: { proven: true },
  });
});

describe('a topic that was there before', () => {
  const existing = written((document) => {
    inPlain(document);
    document.setIn(['topics', 'orders'], { partitions: 2, existing: 'true' });
  });

  async function makeOrders(partitions = 2): Promise<void> {
    const config = { 'min.insync.replicas': '1', 'retention.ms': '123456789' };
    await admin.createTopics([{ name: 'orders', partitions, replicas: 1, config }]);
  }

  test('is written to with consent only', async () => {
    await makeOrders();
    const refused = await run(existing, plain());
    expectRefused(
      refused,
      2,
      /:\d+:\d+: load `checkout` would write into `orders`/,
      /--allow-destructive/,
    );
    const inFile = written((document) => {
      inPlain(document);
      document.setIn(['cluster', 'allow-destructive'], 'true');
    });
    expectRefused(await run(inFile, plain()), 2, /`allow-destructive` is consent to one run/);
  });

  test('is judged by its real settings, read from where the run begins, and stays', async () => {
    await makeOrders();
    for (let round = 0; round < 2; round++) {
      const { code, stderr, out } = await run(existing, plain(), '--allow-destructive');
      expect(code, stderr).toBe(0);
      const { delivery } = resultOf(out);
      expect(delivery).toMatchObject({ lost: 0, acknowledged: 300, read: 300 });
      // The second round's group does not read what the first has left.
      expect(delivery.groups['billing']).toMatchObject({
        delivered: 300,
        redelivered: 0,
        lagAtEnd: 0,
      });
      expect(eventsOf(out).find((event) => event.type === 'topic')).toMatchObject({
        ...{ topic: 'orders', inKafka: 'orders', partitions: 2, replicas: 1 },
        config: { 'retention.ms': '123456789', 'min.insync.replicas': '1' },
      });
      const resolved = readFileSync(join(out, 'scenario.resolved.yaml'), 'utf8');
      expect(resolved).toContain('allow-destructive: true');
      expect(await groupsOf(out)).toEqual([]);
    }
    expect(await topics()).toEqual(['orders']);
  });

  test('must be what the scenario says', async () => {
    const missing = await run(existing, plain(), '--allow-destructive');
    expectRefused(missing, 3, /topic orders: UNKNOWN_TOPIC_OR_PARTITION/);
    await makeOrders(3);
    const differs = await run(existing, plain(), '--allow-destructive');
    expectRefused(differs, 3, /has 3 partitions, and the scenario says 2/, /partitions: 3/);
  });
});

describe('what a run made', () => {
  const long = written((document) => {
    inPlain(document);
    document.setIn(['phases', 'measure'], '60s');
  });

  test('is gone after Ctrl-C', async () => {
    const out = join(folder, `run-${++files}`);
    const { child, ended } = start(['run', long, '--out', out], { env: plain() });
    await eventIn(out, 'the traffic', ({ type }) => type === 'schedule');
    expect(await topics()).toEqual([expect.stringMatching(PREFIXED)]);
    child.kill('SIGINT');
    await ended;
    expect(await topics()).toEqual([]);
    expect(await groupsOf(out)).toEqual([]);
  });

  test('stays when asked for', async () => {
    const { code, stderr } = await run(written(inPlain), plain(), '--keep-topics');
    expect(code, stderr).toBe(0);
    const [kept = ''] = await topics();
    expect(kept).toMatch(PREFIXED);
    expect(stderr).toContain(`--delete --topic '${kept}'`);
  });

  test('is told by `ordeal clean` when the harness was killed', async () => {
    const env = { ...plain(), XDG_CACHE_HOME: join(folder, 'cache') };
    const out = join(folder, `run-${++files}`);
    const { child, ended } = start(['run', long, '--out', out], { env });
    await eventIn(out, 'the traffic', ({ type }) => type === 'schedule');
    const [left = ''] = await topics();
    // A living run is not told.
    expect((await ordeal(['clean'], { env })).stdout).not.toContain(left);
    child.kill('SIGKILL');
    await ended;
    const { stdout } = await ordeal(['clean'], { env });
    expect(stdout).toContain(
      `kafka-topics.sh --bootstrap-server ${broker.at.INTERNAL} --delete --topic '${left}'`,
    );
    expect(stdout).toMatch(
      /kafka-consumer-groups\.sh .* --delete --group 'ordeal-[0-9a-f]{8}-billing'/,
    );
    expect(await topics()).toEqual([left]);
    expect((await ordeal(['clean'], { env })).stdout).toContain('nothing was left behind');
  });
});

describe('what cannot be', () => {
  const faulty = (fault: object): string =>
    written((document) => {
      inPlain(document);
      document.setIn(['faults'], { odd: { at: '1s', for: '1s', ...fault } });
    });

  test.each([
    ['kill', { kill: 'leader of orders/0' }, /needs a cluster that ordeal runs itself/],
    [
      'links between brokers',
      { partition: 'broker 1 -> broker 2' },
      /links inside an external cluster/,
    ],
  ])('%s is refused with its line', async (_, fault, words) => {
    expectRefused(
      await run(faulty(fault), plain()),
      2,
      /scenario-\d+\.yaml:\d+:\d+:/,
      words,
      /local or docker/,
    );
    expect(await topics()).toEqual([]);
  });

  test('a broker that the cluster does not have', async () => {
    const fault = { latency: 'clients -> broker 7', delay: '1ms' };
    expectRefused(
      await run(faulty(fault), plain()),
      3,
      /fault odd: no broker of the cluster is `clients -> broker 7`/,
      /broker 1 \(127/,
    );
    expect(await topics()).toEqual([]);
  });

  test('nobody at the bootstrap address', async () => {
    const env = environment({ KAFKA_BOOTSTRAP: '127.0.0.1:1' });
    expectRefused(await run(written(inPlain), env), 3, /127\.0\.0\.1:1 cannot be reached/);
  });
});
