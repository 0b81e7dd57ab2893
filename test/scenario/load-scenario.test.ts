/** Loading whole scenarios: what comes out, defaults, positions, and that it reads back. */
import { describe, expect, test } from 'vitest';
import { STAMP_BYTES } from '../../src/payload/stamp.ts';
import {
  formatProblems,
  loadScenario,
  locateProblems,
  ScenarioError,
} from '../../src/scenario/load-scenario.ts';
import { SMALLEST_VALUE_BYTES } from '../../src/scenario/schema/load.ts';
import { problemsOf } from './problems-of.ts';

const load = (text: string, env: Record<string, string> = {}, set: readonly string[] = []) =>
  loadScenario(text, { file: 's.yaml', env, set });

const SMALL = `# Is it small?
# Expected: yes.
# yaml-language-server: $schema=x.json
name: small
topics:
  orders: {}
load:
  checkout: { produce: orders, rate: 5k/s }
`;

const FULL = `name: full
cluster:
  provider: local
  brokers: 5
  controllers: 3
  kafka: 4.10.0
  config: { min.insync.replicas: 2, auto.create.topics.enable: no }
  heap: 1GiB
topics:
  orders: { partitions: 6, replicas: 3, config: { retention.ms: 600000 } }
  a.b-c_D: { partitions: 2 }
load:
  stairs:
    produce: orders
    client: native
    producers: 4
    workers: 2
    from: 1k/s
    stages: [{ to: 20k/s, over: 30s }, { to: 0/s, over: 1m }]
    arrival: poisson
    size: [{ bytes: 1KiB, weight: 3 }, { bytes: 64B }]
    keys: { zipf: 1000 }
    headers: { trace: on }
    compressibility: 50%
    sends: many-partitions
    config: { acks: all, linger.ms: 5 }
  flood: { produce: a.b-c_D, rate: max, keys: { uniform: 10 } }
  billing: { consume: orders, consumers: 2, workers: 2, config: { isolation.level: read_committed } }
  audit: { consume: orders, group: the.auditors }
phases: { warmup: 0s, measure: 2m, drain: 10s }
faults:
  a: { at: 1s, kill: leader of orders/0, for: 20s }
  b: { at: 2s, stop: any broker }
  c: { at: 3s, pause: follower of a.b-c_D/1 }
  d: { at: 4s, restart: coordinator of group the.auditors }
  e: { at: 5s, rolling-restart: all brokers }
  f: { at: 6s, latency: clients -> brokers, delay: 50ms, jitter: 10ms, stream: both, for: 1s }
  g: { at: 7s, bandwidth: ["broker 1 -> broker 2", "broker 2 -> broker 3, broker 3 -> broker 1"], rate: 1MiB/s }
  h: { at: 8s, reset: controller -> all (CONTROLLER) }
  i: { at: 9s, blackhole: clients -> leader of orders/0, stream: response }
  j: { at: 10s, partition: "broker 1, broker 2 | broker 3" }
expect:
  - lost == 0
  - unavailable after a < 15s
must-find: acknowledged-loss
attempts: 3
`;

test('defaults', () => {
  const { scenario } = load(SMALL);
  expect(scenario).toEqual({
    name: 'small',
    question: 'Is it small?\nExpected: yes.',
    cluster: {
      provider: 'auto',
      brokers: 3,
      controllers: 0,
      kafka: '4.3.1',
      config: {},
      heapBytes: 512 * 1024 * 1024,
      cpus: null,
      memoryBytes: null,
      volume: { kind: 'volume' },
      jvm: 'quick',
      images: {},
      bootstrap: [],
      connection: {},
      allowDestructive: false,
      keepTopics: false,
    },
    topics: { orders: { partitions: 1, replicas: 3, config: {} } },
    load: [
      {
        kind: 'produce',
        name: 'checkout',
        topic: 'orders',
        client: 'kafkajs',
        producers: 1,
        workers: 1,
        rate: { kind: 'constant', perSecond: 5000 },
        arrival: 'constant',
        size: [{ bytes: 1024, weight: 1 }],
        keys: { kind: 'none' },
        headers: {},
        compressibility: 0,
        sends: 'one-partition',
        afterGivingUp: 'renew',
        config: {},
      },
    ],
    phases: { warmupMs: 10_000, measureMs: 60_000, drainMs: 60_000 },
    faults: [],
    expect: [],
    abortOn: [],
    mustFind: null,
    attempts: 1,
  });
});

test('everything', () => {
  const { scenario } = load(FULL);
  expect(scenario.cluster).toMatchObject({
    kafka: '4.10.0',
    config: { 'min.insync.replicas': '2', 'auto.create.topics.enable': 'no' },
  });
  expect(scenario.topics['a.b-c_D']).toEqual({ partitions: 2, replicas: 3, config: {} });
  const [stairs, flood, billing, audit] = scenario.load;
  expect(stairs).toMatchObject({
    rate: {
      kind: 'stages',
      fromPerSecond: 1000,
      stages: [
        { toPerSecond: 20_000, overMs: 30_000 },
        { toPerSecond: 0, overMs: 60_000 },
      ],
    },
    size: [
      { bytes: 1024, weight: 0.75 },
      { bytes: 64, weight: 0.25 },
    ],
    keys: { kind: 'zipf', count: 1000, exponent: 0.99 },
    headers: { trace: 'on' },
    compressibility: 0.5,
  });
  expect(flood).toMatchObject({ rate: { kind: 'max' }, keys: { kind: 'uniform', count: 10 } });
  expect(billing).toMatchObject({ kind: 'consume', group: 'billing', consumers: 2 });
  expect(audit).toMatchObject({ group: 'the.auditors' });
  expect(scenario.faults.map(({ name, kind, atMs, forMs }) => [name, kind, atMs, forMs])).toEqual([
    ['a', 'kill', 1000, 20_000],
    ['b', 'stop', 2000, null],
    ['c', 'pause', 3000, null],
    ['d', 'restart', 4000, null],
    ['e', 'rolling-restart', 5000, null],
    ['f', 'latency', 6000, 1000],
    ['g', 'bandwidth', 7000, null],
    ['h', 'reset', 8000, null],
    ['i', 'blackhole', 9000, null],
    ['j', 'partition', 10_000, null],
  ]);
  expect(scenario.faults[5]).toMatchObject({ delayMs: 50, jitterMs: 10, stream: 'both' });
  expect(scenario.faults[6]).toMatchObject({
    bytesPerSecond: 1_048_576,
    whereText: 'broker 1 -> broker 2, broker 2 -> broker 3, broker 3 -> broker 1',
  });
  expect(scenario.faults[6]?.where).toHaveLength(3);
  expect(scenario.faults[9]?.where).toHaveLength(2);
  expect(scenario.mustFind).toBe('acknowledged-loss');
});

/** What only containers can take. */
const CONTAINED = `# Is it contained?
# Expected: yes.
name: contained
cluster:
  provider: docker
  controllers: 1
  cpus: 1.5
  memory: 1536MiB
  volume: { tmpfs: 512MiB }
topics:
  orders: { partitions: 6, replicas: 3 }
load:
  checkout: { produce: orders, rate: 5k/s }
faults:
  a: { at: 1s, recreate: leader of orders/0 }
  b: { at: 2s, replace: broker 2, for: 5s }
  c: { at: 3s, oom: any broker }
  d: { at: 4s, cpu: all brokers, quota: 0.2, for: 10s }
  e: { at: 5s, disk-full: broker 1 }
  f: { at: 6s, disk-readonly: broker 2 }
  g: { at: 7s, power-loss: all brokers, lose: 1k records }
  h: { at: 8s, power-loss: broker 3, lose: 64KiB, of: orders/5 }
  i: { at: 9s, power-loss: broker 3, lose: 1 record, of: orders }
  j: { at: 10s, disconnect: controller, for: 15s }
  k: { at: 11s, drop: broker 1 <-> broker 2, probability: 10%, for: 5s }
`;

test('containers', () => {
  const { scenario } = load(CONTAINED);
  expect(scenario.cluster).toMatchObject({
    cpus: 1.5,
    memoryBytes: 1536 * 2 ** 20,
    volume: { kind: 'tmpfs', bytes: 512 * 2 ** 20 },
  });
  expect(scenario.faults.map(({ kind, forMs }) => [kind, forMs])).toEqual([
    ['recreate', null],
    ['replace', 5000],
    ['oom', null],
    ['cpu', 10_000],
    ['disk-full', null],
    ['disk-readonly', null],
    ['power-loss', null],
    ['power-loss', null],
    ['power-loss', null],
    ['disconnect', 15_000],
    ['drop', 5000],
  ]);
  expect(scenario.faults[3]).toMatchObject({ quota: 0.2 });
  expect(scenario.faults[6]).toMatchObject({ lose: { kind: 'records', records: 1000 }, of: null });
  expect(scenario.faults[7]).toMatchObject({
    lose: { kind: 'bytes', bytes: 65_536 },
    of: { topic: 'orders', partition: 5 },
  });
  expect(scenario.faults[8]).toMatchObject({
    lose: { kind: 'records', records: 1 },
    of: { topic: 'orders', partition: null },
  });
  expect(scenario.faults[10]).toMatchObject({ probability: 0.1 });
});

test.each([
  ['small', SMALL],
  ['full', FULL],
  ['contained', CONTAINED],
])('the resolved %s scenario loads to the same one, and resolves to itself', (_, text) => {
  const first = load(text);
  const again = load(first.resolved);
  expect(again.scenario).toEqual(first.scenario);
  expect(again.resolved).toBe(first.resolved);
});

test('the smallest value is the stamp', () => expect(SMALLEST_VALUE_BYTES).toBe(STAMP_BYTES));

describe('--set', () => {
  const change = (...set: readonly string[]) => load(FULL, {}, set).scenario;

  test('overrides and adds, the last one wins', () => {
    const scenario = change(
      'cluster.brokers=4',
      'cluster.brokers=3',
      'topics.orders.config.min.insync.replicas=1',
      'load.stairs.config.compression.type=zstd',
      'phases.measure=100s',
      'faults.a.kill=broker 1',
      'faults.late.pause=broker 2',
      'faults.late.at=30s',
      'expect.0=lost == 1',
      'expect.2=duplicated == 0',
    );
    expect(scenario.cluster.brokers).toBe(3);
    expect(scenario.topics['orders']?.config).toEqual({
      'retention.ms': '600000',
      'min.insync.replicas': '1',
    });
    expect(scenario.load[0]?.config).toMatchObject({ 'compression.type': 'zstd' });
    expect(scenario.faults[0]).toMatchObject({ where: { kind: 'broker', id: 1 } });
    expect(scenario.faults.at(-1)).toMatchObject({ name: 'late', kind: 'pause', atMs: 30_000 });
    expect(scenario.expect.map(({ text }) => text)).toEqual([
      'lost == 1',
      'unavailable after a < 15s',
      'duplicated == 0',
    ]);
  });

  test('names may hold dots', () => {
    const scenario = change(
      'topics.a.b-c_D.partitions=7',
      'topics.new.topic.name.config.cleanup.policy=compact',
      'load.o.p.produce=orders',
      'load.o.p.rate=1/s',
    );
    expect(scenario.topics['a.b-c_D']?.partitions).toBe(7);
    expect(scenario.topics['new.topic.name']?.config).toEqual({ 'cleanup.policy': 'compact' });
    expect(scenario.load.at(-1)).toMatchObject({ name: 'o.p' });
  });

  test('lists and maps are written as YAML', () => {
    const scenario = change('faults={}', 'expect=[lost == 0, "read > 5"]');
    expect(scenario.faults).toEqual([]);
    expect(scenario.expect).toHaveLength(2);
  });

  test.each([
    ['clutser.brokers=3', '--set clutser.brokers', 'unknown key `clutser`'],
    ['cluster.brokers=many', '--set cluster.brokers', 'expected a whole number, found `many`'],
    ['cluster.brokers', '--set cluster.brokers', 'is not NAME=VALUE'],
    ['=3', '--set =3', 'is not NAME=VALUE'],
    ['topics..partitions=3', '--set topics..partitions', 'empty part'],
    ['name.x=3', '--set name.x', 'below a text value'],
    ['expect.9=lost == 0', '--set expect.9', 'not a place in a list of 2'],
    ['expect=[lost', '--set expect', 'the value: not valid YAML'],
    ['faults.a.kil=broker 1', '--set faults.a.kil', '`kil`'],
    ['expect.0=losst == 0', '--set expect.0', 'no metric is called `losst`'],
    [`cluster.brokers=\${NOPE}`, '--set cluster.brokers', 'NOPE is not set'],
  ])('%s is located there', (setting, at, message) => {
    expect(problemsOf(FULL, [setting])).toMatchObject([
      { at, frame: '', message: expect.stringContaining(message) },
    ]);
  });
});

describe('variables', () => {
  const withSize = (size: string) =>
    `${SMALL.replace('rate: 5k/s', `rate: 5k/s, size: "${size}"`)}`;
  const sizeOf = (size: string, env: Record<string, string>) =>
    load(withSize(size), env).scenario.load[0];

  test.each([
    [`\${SIZE}`, { SIZE: '2KiB' }, 2048],
    [`\${SIZE:-4KiB}`, {}, 4096],
    [`\${SIZE:-4KiB}`, { SIZE: '' }, 4096],
    [`\${SIZE:-4KiB}`, { SIZE: '2KiB' }, 2048],
    [`\${N}\${UNIT}`, { N: '3', UNIT: 'KiB' }, 3072],
  ])('%s with %o', (size, env, bytes) =>
    expect(sizeOf(size, env)).toMatchObject({ size: [{ bytes }] }),
  );

  test('are replaced in the resolved scenario, and nothing is replaced twice', () => {
    const headers = `rate: 5k/s, headers: { a: "\${A}", b: "$\${A}" }`;
    const text = SMALL.replace('rate: 5k/s', () => headers);
    const { scenario, resolved } = load(text, { A: `\${B}` });
    expect(scenario.load[0]).toMatchObject({ headers: { a: `\${B}`, b: `\${A}` } });
    expect(load(resolved).scenario).toEqual(scenario);
  });
});

describe('secrets', () => {
  const text = `name: secure
cluster:
  provider: external
  bootstrap: "\${BOOTSTRAP}"
  connection:
    security.protocol: "\${PROTOCOL}"
    sasl.mechanism: PLAIN
    sasl.jaas.config: 'org.apache.kafka.common.security.plain.PlainLoginModule required username="\${USER}" password="\${PASSWORD}";'
topics:
  orders: {}
load:
  checkout: { produce: orders, rate: 1/s, headers: { api-token: "\${TOKEN}", note: "\${NOTE}" } }
`;
  const env = {
    BOOTSTRAP: 'a:1,b:2',
    PROTOCOL: 'SASL_SSL',
    USER: 'someone',
    PASSWORD: 'hunter2',
    TOKEN: 't0k3n',
    NOTE: 'plain',
  };

  test('reach the scenario and never the resolved text', () => {
    const { scenario, resolved } = load(text, env);
    expect(scenario.cluster.bootstrap).toEqual(['a:1', 'b:2']);
    expect(scenario.cluster.connection['sasl.jaas.config']).toContain('password="hunter2"');
    expect(scenario.load[0]).toMatchObject({ headers: { 'api-token': 't0k3n', note: 'plain' } });
    expect(resolved).not.toMatch(/hunter2|someone|t0k3n/);
    expect(resolved).toContain(`\${PASSWORD}`);
    expect(load(resolved, env).scenario).toEqual(scenario);
  });

  test('are empty when an old run is read again without its environment', () => {
    const { scenario, resolved } = load(text, env);
    const again = loadScenario(resolved, { file: 'r.yaml', env: {}, missingEnv: 'empty' });
    expect(again.scenario.cluster.connection['security.protocol']).toBe('');
    expect({ ...again.scenario, cluster: null, load: null }).toEqual({
      ...scenario,
      cluster: null,
      load: null,
    });
  });

  test('never show in a problem', () => {
    const wrong = text.replace('security.protocol: "$', 'security.protcol: "$');
    try {
      load(wrong, { ...env, PROTOCOL: 'hunter2' });
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).not.toContain('hunter2');
    }
  });
});

describe('places', () => {
  const loaded = load(FULL.replace('phases:', '\nphases:'), {}, ['cluster.heap=2GiB']);

  test.each([
    [['name'], 's.yaml:1:7'],
    [['faults', 'a', 'where'], 's.yaml:33:22'],
    [['faults', 'a', 'kill'], 's.yaml:33:22'],
    [['faults', 'a'], 's.yaml:33:3'],
    [['faults', 'b', 'for'], 's.yaml:34:3'],
    [['load', 'billing', 'topic'], 's.yaml:28:23'],
    [['load', 'stairs', 'config', 'acks'], 's.yaml:26:21'],
    [['load', 'stairs', 'stages', 1, 'to'], 's.yaml:19:46'],
    [['expect', 1], 's.yaml:45:5'],
    [['cluster', 'heap'], '--set cluster.heap'],
    [['nowhere', 'at', 'all'], 's.yaml:1:1'],
    [[], 's.yaml:1:1'],
  ])('%j', (path, at) => expect(loaded.locate(path).at).toBe(at));

  test('other problems are merged in the order of the file', () => {
    const problems = locateProblems(loaded, [
      { path: ['cluster', 'heap'], message: 'third' },
      { path: ['load', 'flood', 'rate'], message: 'second', hint: 'slower' },
      { path: ['cluster', 'kafka'], message: 'first' },
    ]);
    expect(problems.map(({ message }) => message)).toEqual(['first', 'second', 'third']);
    expect(formatProblems(problems)).toBe(
      [
        's.yaml:6:10: first',
        '  5 |   controllers: 3',
        '> 6 |   kafka: 4.10.0',
        '    |          ^^^^^^',
        '  7 |   config: { min.insync.replicas: 2, auto.create.topics.enable: no }',
        '  hint: scenarios/ has examples, and `ordeal schema` describes every key',
        '',
        's.yaml:27:36: second',
        '  26 |     config: { acks: all, linger.ms: 5 }',
        '> 27 |   flood: { produce: a.b-c_D, rate: max, keys: { uniform: 10 } }',
        '     |                                    ^^^',
        '  28 |   billing: { consume: orders, consumers: 2, workers: 2, config: { isolation.level: read_committed } }',
        '  hint: slower',
        '',
        '--set cluster.heap: third',
        '  hint: scenarios/ has examples, and `ordeal schema` describes every key',
      ].join('\n'),
    );
  });

  test('an error carries its problems and is bad input', () => {
    const error = new ScenarioError(locateProblems(loaded, [{ path: ['name'], message: 'no' }]));
    expect(error).toMatchObject({
      kind: 'input',
      code: 'scenario.invalid',
      problems: [{ at: 's.yaml:1:7', message: 'no' }],
    });
  });

  test('anchors are shared text, CRLF and a byte order mark change nothing', () => {
    const text = `\ufeff${SMALL.replace('rate: 5k/s', 'rate: &r 5k/s')}  two: { produce: orders, rate: *r }\n`;
    const { scenario } = load(text.replaceAll('\n', '\r\n'));
    expect(scenario.question).toBe('Is it small?\nExpected: yes.');
    expect(scenario.load.map((one) => (one.kind === 'produce' ? one.rate : null))).toEqual([
      { kind: 'constant', perSecond: 5000 },
      { kind: 'constant', perSecond: 5000 },
    ]);
  });
});
