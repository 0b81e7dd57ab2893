/** OMB's files become scenarios that load and plan, or errors at the line that is wrong. */
import { describe, expect, test } from 'vitest';
import { check } from '../../../src/clients/check.ts';
import * as kafkajs from '../../../src/clients/kafkajs/settings.ts';
import * as native from '../../../src/clients/native/settings.ts';
import { importOmb } from '../../../src/experiment/omb/import-omb.ts';
import { loadScenario, ScenarioError } from '../../../src/scenario/load-scenario.ts';

const HONOURED = {
  kafkajs: {
    produce: Object.keys(kafkajs.PRODUCER_SETTINGS),
    consume: Object.keys(kafkajs.CONSUMER_SETTINGS),
  },
  native: {
    produce: Object.keys(native.PRODUCER_SETTINGS),
    consume: Object.keys(native.CONSUMER_SETTINGS),
  },
};

const WORKLOAD = {
  name: '10 topics / 3 partitions / 1Kb',
  topics: '10',
  partitionsPerTopic: '3',
  messageSize: '1024',
  useRandomizedPayloads: 'true',
  randomBytesRatio: '0.25',
  randomizedPayloadPoolSize: '1000',
  subscriptionsPerTopic: '2',
  consumerPerSubscription: '3',
  producersPerTopic: '4',
  producerRate: '100000',
  consumerBacklogSizeGB: '0',
  testDurationMinutes: '15',
};

const DRIVER = `name: Kafka
driverClass: io.openmessaging.benchmark.driver.kafka.KafkaBenchmarkDriver

replicationFactor: 3
reset: true

topicConfig: |
  min.insync.replicas=2

commonConfig: |
  bootstrap.servers=localhost:9092
  default.api.timeout.ms=600000

producerConfig: |
  # as published
  acks=all
  linger.ms=1
  batch.size=1048576

consumerConfig: |
  auto.offset.reset=earliest
  enable.auto.commit=false
  max.partition.fetch.bytes=10485760
`;

type Changes = Readonly<Record<string, string | null>>;

const workloadText = (changes: Changes = {}): string =>
  Object.entries({ ...WORKLOAD, ...changes })
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');

const imported = (workload: string, driver = DRIVER): string =>
  importOmb(
    { workload: { file: 'w.yaml', text: workload }, driver: { file: 'd.yaml', text: driver } },
    HONOURED,
  );

/** Loads what was made, and asks the clients what they cannot do of it. */
function scenarioOf(changes: Changes = {}, driver = DRIVER) {
  const { scenario } = loadScenario(imported(workloadText(changes), driver), {
    file: 'made.yaml',
    env: {},
  });
  expect(check(scenario)).toEqual([]);
  return scenario;
}

function problemsOf(changes: Changes, driver = DRIVER) {
  try {
    imported(workloadText(changes), driver);
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a workload and its driver', () => {
  test('become topics, producers and groups with the same traffic', () => {
    const { name, topics, load, phases, cluster } = scenarioOf();
    expect(name).toBe('10-topics-3-partitions-1kb');
    expect(cluster.brokers).toBe(3);
    expect(Object.keys(topics)).toHaveLength(10);
    expect(topics['test-topic-1']).toMatchObject({
      partitions: 3,
      replicas: 3,
      config: { 'min.insync.replicas': '2' },
    });
    expect(load).toHaveLength(10 * 3);
    expect(load[0]).toMatchObject({
      kind: 'produce',
      topic: 'test-topic-1',
      client: 'native',
      producers: 4,
      rate: { kind: 'constant', perSecond: 10_000 },
      size: [{ bytes: 1024, weight: 1 }],
      keys: { kind: 'none' },
      compressibility: 0.75,
      config: {
        acks: 'all',
        'linger.ms': '1',
        'batch.size': '1048576',
        'enable.idempotence': 'true',
      },
    });
    expect(load[1]).toMatchObject({
      kind: 'consume',
      topic: 'test-topic-1',
      consumers: 3,
      config: { 'enable.auto.commit': 'false', 'max.partition.fetch.bytes': '10485760' },
    });
    expect(phases).toMatchObject({ warmupMs: 60_000, measureMs: 900_000 });
  });

  test('say at the head what differs', () => {
    const text = imported(workloadText());
    expect(text).toContain('--bootstrap localhost:9092');
    expect(text).toContain('# - default.api.timeout.ms is left out');
    expect(text).toContain('# - reset deletes nothing');
    expect(text).toContain('a pool of 1000');
  });

  test('may have a payload file, keys, a rate to be found, and no consumers', () => {
    const text = workloadText({
      useRandomizedPayloads: null,
      randomBytesRatio: null,
      randomizedPayloadPoolSize: null,
      payloadFile: '"payload/payload-1Kb.data"',
      keyDistributor: '"KEY_ROUND_ROBIN"',
      producerRate: '0',
      topics: '1',
      consumerPerSubscription: '0',
      warmupDurationMinutes: '0',
    });
    const made = imported(text);
    const { scenario } = loadScenario(made, { file: 'made.yaml', env: {} });
    expect(scenario.load).toHaveLength(1);
    expect(scenario.load[0]).toMatchObject({
      keys: { kind: 'uniform', count: 10_000 },
      compressibility: 0,
      rate: { perSecond: 10_000 },
    });
    expect(scenario.phases.warmupMs).toBe(0);
    expect(made).toContain('where OMB repeats those of payload/payload-1Kb.data');
    expect(made).toContain('ordeal capacity');
  });

  test('that compress are sent by the native client, too', () => {
    const driver = DRIVER.replace('linger.ms=1', 'linger.ms=1\n  compression.type=lz4');
    const [sends] = scenarioOf({}, driver).load;
    expect(sends).toMatchObject({ client: 'native', config: { 'compression.type': 'lz4' } });
  });

  test.each([
    ['acks=1', 'false'],
    ['acks=all\n  max.in.flight.requests.per.connection=6', 'false'],
    ['acks=all\n  retries=0', 'false'],
    ['acks=all\n  max.in.flight.requests.per.connection=5', 'true'],
  ])("have Java's idempotence by default: %s", (settings, idempotent) => {
    const { load } = scenarioOf({}, DRIVER.replace('acks=all', settings));
    expect(load[0]?.config['enable.idempotence']).toBe(idempotent);
  });
});

describe('what is refused, at its line', () => {
  test.each<[Changes, string, RegExp]>([
    [{ mesageSize: '1' }, 'w.yaml:14:1', /no key `mesageSize`/],
    [{ keyDistributor: 'ROUND_ROBIN' }, 'w.yaml:14:17', /no key distributor/],
    [{ consumerBacklogSizeGB: '512' }, 'w.yaml:12:24', /backlog/],
    [{ messageSize: '20' }, 'w.yaml:4:14', /identity in 32 bytes/],
    [{ topics: 'ten' }, 'w.yaml:2:9', /whole number/],
    [{ testDurationMinutes: '0' }, 'w.yaml:13:22', /from 1 on/],
    [{ testDurationMinutes: null }, 'w.yaml:1:1', /`testDurationMinutes` is missing/],
    [{ producersPerTopic: '0' }, 'w.yaml:10:20', /from 1 on/],
    [{ randomBytesRatio: '1.5' }, 'w.yaml:6:19', /from 0 to 1/],
    [{ useRandomizedPayloads: 'yes' }, 'w.yaml:5:24', /true or false/],
    [{ topics: '999999999' }, 'w.yaml:2:9', /makes 2999999997 loads/],
    [{ topics: '[1, 2]' }, 'w.yaml:2:1', /one value, found a list/],
  ])('workload %j', (changes, at, message) => {
    const found = problemsOf(changes);
    expect(found.map((problem) => problem.at)).toContain(at);
    expect(found.find((problem) => problem.at === at)?.message).toMatch(message);
  });

  test.each<[string, string, string, RegExp]>([
    ['acks=all', 'aks=all', 'd.yaml:16:3', /does not honour `aks`/],
    ['linger.ms=1', 'linger.ms=1\n  linger.ms=2', 'd.yaml:17:3', /twice/],
    ['linger.ms=1', 'sasl.jaas.config=secret', 'd.yaml:17:3', /how to connect/],
    ['linger.ms=1', 'buffer.memory=1', 'd.yaml:17:3', /does not honour/],
    ['reset: true', 'resets: true', 'd.yaml:5:1', /no key `resets`/],
    ['.kafka.Kafka', '.pulsar.Pulsar', 'd.yaml:2:14', /not OMB's driver of Kafka/],
    ['replicationFactor: 3', 'replicationFactor: 0', 'd.yaml:4:20', /from 1 on/],
  ])('driver %j as %j', (written, instead, at, message) => {
    const [problem, ...others] = problemsOf({}, DRIVER.replace(written, instead));
    expect(problem).toMatchObject({ at, message: expect.stringMatching(message) });
    expect(others).toEqual([]);
  });

  test.each([
    'linger.ms=1\n  sasl.jaas.config=org.Login password="s3cret";\n  aks=all',
    'linger.ms=1\n  sasl.jaas.config = org.Login password="s3cret" \\',
    'linger.ms=1\n  ssl.keystore.password: s3cret',
  ])('no secret is shown: %j', (instead) => {
    const problems = problemsOf({}, DRIVER.replace('linger.ms=1', instead));
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
  });

  test('a mistyped key gets its hint', () => {
    expect(problemsOf({ mesageSize: '1' })[0]?.hint).toBe('did you mean `messageSize`?');
  });

  test('a payload file under compression, because how it compresses is not known', () => {
    const driver = DRIVER.replace('linger.ms=1', 'compression.type=zstd');
    const changes = { useRandomizedPayloads: 'false', payloadFile: 'payload.data' };
    expect(problemsOf(changes, driver)[0]?.message).toMatch(/payload file/);
  });

  test('all problems of both files at once', () => {
    const found = problemsOf({ topics: 'x' }, DRIVER.replace('acks=all', 'aks=all'));
    expect(found.map(({ at }) => at)).toEqual(['w.yaml:2:9', 'd.yaml:16:3']);
  });
});
