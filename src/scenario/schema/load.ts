/** The schema of loads: producers and consumer groups. */
import { z } from 'zod';
import { parsed, refused } from '../units.ts';
import {
  anyText,
  config,
  duration,
  leaf,
  moment,
  oneOf,
  positive,
  rate,
  rateOrMax,
  share,
  size,
  topicName,
  truth,
  whole,
} from './fields.ts';

/** The stamp that every value starts with (payload/stamp.ts); nothing smaller can be told apart. */
export const SMALLEST_VALUE_BYTES = 32;

const client = oneOf('kafkajs', 'native')
  .prefault('kafkajs')
  .describe('kafkajs, or our own: cheaper by far, without transactions and relays');
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

const transaction = z
  .strictObject({
    records: whole(1, 100_000)
      .prefault('100')
      .describe('records in each transaction, over all partitions'),
    abort: share
      .prefault('0%')
      .describe('how many of the transactions are aborted at their end, on purpose'),
  })
  .describe(
    'each producer sends in transactions, under the transactional.id LOAD-0, LOAD-1 and so on; idempotence and acks=all come with it',
  );

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
    .describe(
      'instead of rate: from rate to rate in straight lines, from the start of the warm-up on; the last one stays',
    ),
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
  'after-giving-up': oneOf('renew', 'reuse')
    .prefault('renew')
    .describe(
      'an idempotent producer that gave a send up: a new producer id, or the old one, with which kafkajs 2.2.4 is known to lose records',
    ),
  transaction: transaction.optional(),
  config: config('producer settings'),
});

const relay = z
  .strictObject({
    to: topicName.describe('write to this topic'),
    makes: oneOf('copy', 'transfer')
      .prefault('copy')
      .describe(
        'of each record a copy, or a transfer of money: a debit of one account and a credit of another',
      ),
    transactional: truth
      .prefault('true')
      .describe(
        'outputs and offsets in one transaction, under the transactional.id LOAD-0, LOAD-1 and so on by input partition; otherwise offsets are committed behind the outputs, every auto.commit.interval.ms',
      ),
    records: whole(1, 100_000)
      .prefault('100')
      .describe('input records that are worked off at a time, and in one transaction'),
  })
  .describe('make something of every record of this run, and write that to another topic');

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
  start: moment()
    .optional()
    .describe(
      'the group begins only then, counted from the start of measure, and catches up with the backlog that stands by then; by default it reads from the first record on',
    ),
  processing: duration(1)
    .optional()
    .describe(
      'a slow consumer: so long a member works on each record, one after the other; heartbeats go on meanwhile',
    ),
  relay: relay.optional(),
  config: config('consumer settings'),
});

export const loadSchema = z.discriminatedUnion('kind', [produce, consume]);

export type SurfaceLoad = z.output<typeof loadSchema>;
