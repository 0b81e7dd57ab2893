/** The schema of the faults that are Kafka's own admin calls: one member for each verb. */
import { z } from 'zod';
import {
  parseElection,
  parsePartition,
  parsePlace,
  parseRecordsBefore,
  parseSettingsWhere,
  parseTopic,
} from '../admin-where.ts';
import { config, leaf, whole } from './fields.ts';

const text = (...examples: string[]) => ({ type: 'string' as const, examples });
const election = leaf(
  'an election such as `preferred leader of orders/0`',
  parseElection,
  text('preferred leader of orders/0', 'unclean leader of orders/0'),
);
const partition = leaf('a partition such as `orders/0`', parsePartition, text('orders/0'));
const topic = leaf('a topic', parseTopic, text('orders'));
const place = leaf(
  'a topic, or one partition such as `orders/0`',
  parsePlace,
  text('orders', 'orders/0'),
);
const settings = leaf(
  'a topic, `broker 2` or `all brokers`',
  parseSettingsWhere,
  text('orders', 'broker 2', 'all brokers'),
);
const before = leaf('50%, an offset, or latest', parseRecordsBefore, {
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', examples: ['50%', 'latest', '1000'] },
  ],
});

type Time = z.ZodRawShape;

/** `instant` and `timed` are what faults take that happen once, and that last. */
export const adminFaults = <I extends Time, T extends Time>(instant: I, timed: T) =>
  [
    z.strictObject({
      kind: z.literal('elect'),
      where: election.describe('elect the preferred replica, or one that may lack records'),
      ...instant,
    }),
    z.strictObject({
      kind: z.literal('reassign'),
      where: partition.describe(
        'move its replicas to other brokers, or at least its lead; `for` ends in moving them back, without it they stay',
      ),
      ...timed,
      to: z
        .array(whole(0, 2 ** 31 - 1))
        .optional()
        .describe('the new replicas, the first to lead; by default each moves to the next broker'),
    }),
    z.strictObject({
      kind: z.literal('add-partitions'),
      where: topic.describe('give it more partitions; the load keeps to those it had'),
      ...instant,
      count: whole(1, 1000).describe('how many more'),
    }),
    z.strictObject({
      kind: z.literal('alter-config'),
      where: settings.describe('change its settings; `for` ends in the former ones'),
      ...timed,
      config: config('settings'),
    }),
    z.strictObject({
      kind: z.literal('recreate-topic'),
      where: topic.describe('delete it and make it again, empty'),
      ...instant,
    }),
    z.strictObject({
      kind: z.literal('delete-records'),
      where: place.describe('delete records from its beginning'),
      ...instant,
      before: before.describe('up to where: a share of its records, an offset, or latest'),
    }),
  ] as const;
