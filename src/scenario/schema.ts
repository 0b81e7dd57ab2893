/**
 * The scenario file as a schema: every key, its default and what an editor says about it. Faults and loads are
 * `{ kind, … }` here; `verbs.ts` makes that of the verb the user wrote.
 */
import { z } from 'zod';
import { CONNECTION_NAMES } from './connection.ts';
import { PHASE_WORDS, parseExpectation } from './expectation.ts';
import {
  addresses,
  anyText,
  byteRate,
  duration,
  kafkaVersion,
  leaf,
  name,
  oneOf,
  positive,
  rate,
  rateOrMax,
  share,
  size,
  topicName,
  whole,
} from './fields.ts';
import { suggest } from './suggest.ts';
import { parsed, refused } from './units.ts';
import { parseBrokerWhere, parseLinks } from './where.ts';

/** The stamp that every value starts with (payload/stamp.ts); nothing smaller can be told apart. */
export const SMALLEST_VALUE_BYTES = 32;

const settingName = leaf(
  'a Kafka setting',
  (text) =>
    /^[A-Za-z0-9._-]+$/.test(text)
      ? parsed(text)
      : refused(
          `\`${text}\` is not the name of a Kafka setting`,
          'write Kafka’s own name, such as min.insync.replicas',
        ),
  { type: 'string' },
);
const config = (what: string) =>
  z.record(settingName, anyText).prefault({}).describe(`${what}, by Kafka's own names, verbatim`);

const connectionName = leaf(
  'a connection setting',
  (text) =>
    CONNECTION_NAMES.includes(text)
      ? parsed(text)
      : refused(
          `\`${text}\` is not a connection setting ordeal can honour`,
          suggest(text, CONNECTION_NAMES),
        ),
  { enum: CONNECTION_NAMES },
);

const cluster = z.strictObject({
  provider: oneOf('auto', 'local', 'docker', 'external')
    .prefault('auto')
    .describe(
      'who runs the brokers: processes here, containers, or a cluster that is already there',
    ),
  brokers: whole(1, 99).prefault('3').describe('how many brokers (KRaft)'),
  controllers: whole(0, 9)
    .prefault('0')
    .describe('0: the brokers are also the controllers; otherwise that many separate controllers'),
  kafka: kafkaVersion.prefault('4.3.1').describe('the version of Kafka'),
  config: config('broker settings'),
  heap: size(64 * 1024 * 1024, 'a broker does not start with less')
    .prefault('512MiB')
    .describe('JVM heap of each node'),
  bootstrap: z
    .union([addresses, z.array(addresses)])
    .prefault([])
    .describe('external only: HOST:PORT, a list of them, or several with commas'),
  connection: z
    .record(connectionName, anyText)
    .prefault({})
    .describe(
      "how clients connect: security.protocol, sasl.*, ssl.* by Kafka's names; secrets as ${VAR}",
    ),
});

const topic = z.strictObject({
  partitions: whole(1, 10_000).prefault('1').describe('how many partitions'),
  replicas: whole(1, 99)
    .optional()
    .describe('replication factor; by default 3, or all brokers if fewer'),
  config: config('topic settings'),
});

const client = oneOf('kafkajs', 'native').prefault('kafkajs').describe('the Kafka client library');
const workers = whole(1, 64).prefault('1').describe('worker processes the clients are spread over');
const valueSize = size(
  SMALLEST_VALUE_BYTES,
  `every value starts with a stamp of ${SMALLEST_VALUE_BYTES} bytes`,
);

const keysWord = oneOf('none');
const keysMap = z.strictObject({
  uniform: whole(1, 1e9).optional().describe('so many keys, all equally often'),
  zipf: whole(1, 1e9).optional().describe("so many keys, by Zipf's law: a few of them very often"),
  exponent: positive.optional().describe("Zipf's exponent, 0.99 by default: larger is more skewed"),
});

const produce = z.strictObject({
  kind: z.literal('produce'),
  topic: topicName.describe('send records to this topic'),
  client,
  producers: whole(1, 1000)
    .prefault('1')
    .describe('independent producers; each writes to every partition'),
  workers,
  rate: rateOrMax
    .optional()
    .describe("the load's total rate, such as 5k/s; `max` is as fast as it goes"),
  from: rate.optional().describe('the rate before the first stage; 0/s by default'),
  stages: z
    .array(
      z.strictObject({
        to: rate.describe('the rate at the end of the stage'),
        over: duration(1).describe('how long the stage takes'),
      }),
    )
    .optional()
    .describe('instead of rate: go from rate to rate in straight lines; the last one stays'),
  arrival: oneOf('constant', 'poisson')
    .prefault('constant')
    .describe('evenly spaced, or at random as independent users would'),
  size: z
    .union([
      valueSize,
      z.array(z.strictObject({ bytes: valueSize, weight: positive.prefault('1') })),
    ])
    .prefault('1KiB')
    .describe('the size of the value, or a list of sizes with weights'),
  keys: z.union([keysWord, keysMap]).prefault('none').describe('which keys the records have'),
  headers: z
    .record(
      leaf('a header name', (text) => parsed(text), { type: 'string' }),
      anyText,
    )
    .prefault({})
    .describe('headers of every record'),
  compressibility: share
    .prefault('0%')
    .describe('how much of the value is filler that compresses away'),
  sends: oneOf('one-partition', 'many-partitions')
    .prefault('one-partition')
    .describe(
      'many-partitions lets one send() span partitions, which is known to lose records in kafkajs 2.2.4',
    ),
  config: config('producer settings'),
});

const consume = z.strictObject({
  kind: z.literal('consume'),
  topic: topicName.describe('read this topic'),
  client,
  consumers: whole(1, 1000).prefault('1').describe('members of the group'),
  workers,
  group: leaf(
    'a group name',
    (text) =>
      /^\S{1,255}$/.test(text) ? parsed(text) : refused(`\`${text}\` is not a group name`),
    { type: 'string' },
  )
    .optional()
    .describe("the consumer group; the load's name by default"),
  config: config('consumer settings'),
});

export const loadSchema = z.discriminatedUnion('kind', [produce, consume]);

const phases = z.strictObject({
  warmup: duration().prefault('10s').describe('traffic before measuring starts'),
  measure: duration(1000)
    .prefault('60s')
    .describe('what performance is measured over; faults count from its start'),
  drain: duration().prefault('60s').describe('a deadline for what is still under way afterwards'),
});

const brokerWhere = leaf(
  'where: such as `leader of orders/0`, `broker 2` or `controller`',
  parseBrokerWhere,
  {
    type: 'string',
    examples: [
      'leader of orders/0',
      'follower of orders/0',
      'controller',
      'coordinator of group billing',
      'broker 2',
      'any broker',
    ],
  },
);
const linksText = leaf('links such as `clients -> brokers`', parseLinks, {
  type: 'string',
  examples: [
    'clients -> brokers',
    'broker 1 <-> broker 2',
    'controller -> all (CONTROLLER)',
    'isolate broker 1',
  ],
});
const links = z.union([linksText, z.array(linksText)]);
const at = duration().describe('when, from the start of measure');
const lasting = duration(1).optional().describe('how long; without it, until the end of measure');
const stream = oneOf('request', 'response', 'both')
  .prefault('request')
  .describe('which bytes: from the dialer, to the dialer, or both');

const timed = { at, for: lasting };
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('kill'),
    where: brokerWhere.describe('SIGKILL; `for` ends in starting it again'),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('stop'),
    where: brokerWhere.describe('controlled shutdown; `for` ends in starting it again'),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('pause'),
    where: brokerWhere.describe('SIGSTOP; `for` ends in SIGCONT'),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('restart'),
    where: brokerWhere.describe('stop and start at once'),
    at,
  }),
  z.strictObject({
    kind: z.literal('rolling-restart'),
    where: brokerWhere.describe(
      '`all brokers`: restart one after the other, the next when the last is back in sync',
    ),
    at,
  }),
  z.strictObject({
    kind: z.literal('latency'),
    where: links.describe('slow these links down'),
    ...timed,
    delay: duration(1).describe('added to every answer'),
    jitter: duration().prefault('0s').describe('± this much at random'),
    stream,
  }),
  z.strictObject({
    kind: z.literal('bandwidth'),
    where: links.describe('let only so much through these links'),
    ...timed,
    rate: byteRate.describe('bytes per second of each link, such as 1MiB/s'),
    stream,
  }),
  z.strictObject({
    kind: z.literal('reset'),
    where: links.describe('reset connections over these links'),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('blackhole'),
    where: links.describe('accept connections over these links and let nothing through'),
    ...timed,
    stream,
  }),
  z.strictObject({
    kind: z.literal('partition'),
    where: links.describe('close and refuse connections over these links'),
    ...timed,
  }),
]);

export const scenarioSchema = z.strictObject({
  name: name('scenario').describe('what runs and reports are called'),
  cluster: cluster.prefault({}).describe('the cluster under trial'),
  topics: z
    .record(topicName, topic)
    .describe('the topics, by name; made before the traffic starts'),
  load: z
    .record(name('load'), loadSchema)
    .describe('the traffic: producers and consumer groups, by name'),
  phases: phases.prefault({}).describe('how long it all takes'),
  faults: z
    .record(name('fault', PHASE_WORDS), faultSchema)
    .prefault({})
    .describe('what to break, by name'),
  expect: z
    .array(
      leaf('an expectation such as `lost == 0`', parseExpectation, {
        type: 'string',
        examples: [
          'lost == 0',
          'p99(ack) during steady < 250ms',
          'recovery after leader-dies < 20s',
        ],
      }),
    )
    .prefault([])
    .describe('what must hold: METRIC [of LOAD] [during PHASE|FAULT | after FAULT] OP VALUE'),
  'must-find': oneOf('acknowledged-loss', 'duplicate', 'reorder')
    .optional()
    .describe('for controls: the run passes only if the checker finds this, and nothing worse'),
  attempts: whole(1, 20)
    .prefault('1')
    .describe('for controls: how often to repeat until it is found'),
});

/** The file after parsing: still keyed as written, every value read. */
export type Surface = z.output<typeof scenarioSchema>;
export type SurfaceLoad = z.output<typeof loadSchema>;
export type SurfaceFault = z.output<typeof faultSchema>;
