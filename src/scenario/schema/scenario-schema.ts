/**
 * The scenario file as a schema: every key, its default and what an editor says about it. Faults and loads are
 * `{ kind, … }` here; `verbs.ts` makes that of the verb the user wrote.
 */
import { z } from 'zod';
import { readAbort } from '../abort-on.ts';
import { CONNECTION_NAMES } from '../checks/connection.ts';
import { PHASE_WORDS, readExpectation } from '../expectation.ts';
import { MUST_FIND } from '../must-find.ts';
import { suggest } from '../suggest.ts';
import { parsed, refused } from '../units.ts';
import { faultSchema } from './fault.ts';
import {
  addresses,
  anyText,
  config,
  duration,
  kafkaVersion,
  leaf,
  name,
  oneOf,
  positive,
  size,
  topicName,
  truth,
  whole,
} from './fields.ts';
import { loadSchema } from './load.ts';

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

const image = leaf(
  'an image such as apache/kafka:4.3.1',
  (text) =>
    /^[\w][\w./:@-]*$/.test(text)
      ? parsed(text)
      : refused(`\`${text}\` is not the name of an image`),
  { type: 'string', examples: ['apache/kafka:4.3.1', 'ordeal/kafka:4.3.1'] },
);

const images = z.strictObject({
  kafka: image
    .optional()
    .describe('the broker image; by default apache/kafka:VERSION, or the one `ordeal image` built'),
  toxiproxy: image
    .optional()
    .describe(
      'the image of the pods that own the network; by default the official one of Toxiproxy',
    ),
});

const MIB = 2 ** 20;

const inMemory = z.strictObject({
  tmpfs: size(64 * MIB, 'a broker needs that much for its own topics').describe(
    'so much memory as a disk',
  ),
});

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
  heap: size(64 * MIB, 'a broker does not start with less')
    .prefault('512MiB')
    .describe('JVM heap of each node'),
  cpus: positive
    .optional()
    .describe('docker only: the cores each node may use, such as 0.5; by default all there are'),
  memory: size(128 * MIB, 'a broker does not start with less')
    .optional()
    .describe('docker only: the memory of each node, heap included; by default without limit'),
  volume: z
    .union([oneOf('volume'), inMemory])
    .prefault('volume')
    .describe('what each node keeps its data on: a disk, or (docker only) memory of a fixed size'),
  jvm: oneOf('quick', 'full')
    .prefault('quick')
    .describe('quick: an even speed from the first minute; full: as Kafka ships, for peak figures'),
  images: images.prefault({}).describe('docker only: the images that containers run'),
  bootstrap: z
    .union([addresses, z.array(addresses)])
    .prefault([])
    .describe('external only: HOST:PORT, a list of them, or several with commas'),
  connection: z
    .record(connectionName, anyText)
    .prefault({})
    .describe(
      "how clients connect: security.protocol, sasl.*, ssl.* by Kafka's names; secrets from the environment",
    ),
  'allow-destructive': truth
    .prefault('false')
    .describe('external only, and only by the flag: what is there already may be written to'),
  'keep-topics': truth
    .prefault('false')
    .describe('external only: the topics and groups that the run made stay there'),
});

const topic = z.strictObject({
  partitions: whole(1, 10_000).prefault('1').describe('how many partitions'),
  replicas: whole(1, 99)
    .optional()
    .describe('replication factor; by default 3, or all brokers if fewer'),
  config: config('topic settings'),
  existing: truth
    .optional()
    .describe('external only: the topic is there already, under this very name, and stays'),
});

const phases = z.strictObject({
  warmup: duration().prefault('10s').describe('traffic before measuring starts'),
  measure: duration(1000)
    .prefault('60s')
    .describe('what performance is measured over; faults count from its start'),
  drain: duration().prefault('60s').describe('a deadline for what is still under way afterwards'),
});

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
      leaf('an expectation such as `lost == 0`', (text) => parsed(readExpectation(text)), {
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
  'abort-on': z
    .array(
      leaf(
        'a condition such as `errors > 50% for 10s`',
        (text) => parsed({ ...readAbort(text), text }),
        {
          type: 'string',
          examples: ['errors > 50% for 10s', 'p99(ack) of checkout > 5s', 'lag > 1M for 30s'],
        },
      ),
    )
    .prefault([])
    .describe(
      'what stops the run early, in good order, and fails it: an expression as in expect, of figures that each second has, and how long it must be so [for DURATION], 5s by default; it counts from measure on',
    ),
  'must-find': oneOf(...MUST_FIND)
    .optional()
    .describe('for controls: the run passes only if the checker finds this, and nothing worse'),
  attempts: whole(1, 20)
    .prefault('1')
    .describe('for controls: how often to repeat until it is found'),
});

/** The file after parsing: still keyed as written, every value read. */
export type Surface = z.output<typeof scenarioSchema>;
