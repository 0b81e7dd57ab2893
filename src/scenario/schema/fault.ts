/** The schema of faults: one member for each verb. */
import { z } from 'zod';
import { CAMPAIGN_KINDS } from '../campaign.ts';
import {
  parseBrokerWhere,
  parseLinks,
  parseLoadWhere,
  parseProcessWhere,
  parseTopicPlace,
} from '../where.ts';
import { adminFaults } from './admin-fault.ts';
import {
  byteRate,
  chance,
  duration,
  leaf,
  moment,
  oneOf,
  positive,
  share,
  tail,
  whole,
} from './fields.ts';

const brokerWhere = leaf(
  'a place such as `leader of orders/0`, `broker 2` or `controller`',
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
const processWhere = leaf(
  'a place such as `leader of orders/0`, `broker 2` or `load billing`',
  parseProcessWhere,
  {
    type: 'string',
    examples: [
      'leader of orders/0',
      'follower of orders/0',
      'controller',
      'coordinator of group billing',
      'broker 2',
      'any broker',
      'load billing',
      'load billing worker 0',
    ],
  },
);
const loadWhere = leaf('workers such as `load billing`', parseLoadWhere, {
  type: 'string',
  examples: ['load billing', 'load billing worker 0'],
});
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
const topicPlace = leaf('a topic, or one partition such as `orders/0`', parseTopicPlace, {
  type: 'string',
  examples: ['orders', 'orders/0'],
});
const at = moment().describe(
  'when, from the start of measure; before it, such as -20s, to be in force all the while',
);
const lasting = duration(1).optional().describe('how long; without it, until the end of measure');
const stream = oneOf('request', 'response', 'both')
  .prefault('request')
  .describe('which bytes: from the dialer, to the dialer, or both');

const budget = whole(1, 99)
  .optional()
  .describe(
    'fires only while fewer brokers than this are down, out of sync or under another such fault; otherwise it waits, and is left out when its time is over',
  );

const instant = { at, budget };
const timed = { ...instant, for: lasting };

const campaign = z.strictObject({
  from: z.array(oneOf(...CAMPAIGN_KINDS)).describe('the kinds of faults to draw from'),
  every: duration(1000).prefault('20s').describe('the length of one slot'),
  quiet: share.prefault('25%').describe('how many of the slots stay without a fault'),
  budget: whole(1, 99).prefault('1').describe('how many brokers may be harmed at once'),
});

export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('kill'),
    where: processWhere.describe('SIGKILL; `for` ends in starting it again'),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('stop'),
    where: brokerWhere.describe('controlled shutdown; `for` ends in starting it again'),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('pause'),
    where: processWhere.describe('SIGSTOP; `for` ends in SIGCONT'),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('restart'),
    where: brokerWhere.describe('stop and start at once'),
    ...instant,
  }),
  z.strictObject({
    kind: z.literal('rolling-restart'),
    where: brokerWhere.describe(
      '`all brokers`: restart one after the other, the next when the last is back in sync',
    ),
    ...instant,
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
  z.strictObject({
    kind: z.literal('drop'),
    where: links.describe('docker only: lose packets of these links'),
    ...timed,
    probability: chance.describe('how many of the packets, such as 10%'),
  }),
  z.strictObject({
    kind: z.literal('recreate'),
    where: brokerWhere.describe('docker only: stop, and start at once in a new container'),
    ...instant,
  }),
  z.strictObject({
    kind: z.literal('replace'),
    where: brokerWhere.describe(
      'docker only: SIGKILL and an empty disk; `for` ends in starting it with the same id',
    ),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('oom'),
    where: brokerWhere.describe(
      'docker only: use up the memory that cluster.memory gives, so that the kernel kills the JVM; `for` ends in starting it again',
    ),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('cpu'),
    where: brokerWhere.describe('docker only: leave only so much of the processor'),
    ...timed,
    quota: positive.describe('cores, such as 0.2'),
  }),
  z.strictObject({
    kind: z.literal('disk-full'),
    where: brokerWhere.describe(
      'docker only: fill the disk that cluster.volume sizes; `for` ends in freeing it and starting again',
    ),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('disk-readonly'),
    where: brokerWhere.describe(
      'docker only: fail every write to a file; `for` ends in starting again',
    ),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('power-loss'),
    where: brokerWhere.describe(
      'docker only: SIGKILL, and the end of the log was not on the disk yet; `for` ends in starting it again',
    ),
    ...timed,
    lose: tail.describe(
      "the end of each partition that is lost, such as 1000 records or 64KiB: whole batches, and nothing below Kafka's recovery point; refused where a flush interval is set",
    ),
    of: topicPlace
      .optional()
      .describe('which topic or partition; by default all topics of the scenario'),
  }),
  z.strictObject({
    kind: z.literal('disconnect'),
    where: brokerWhere.describe('docker only: take it off the network'),
    ...timed,
  }),
  z.strictObject({
    kind: z.literal('slow'),
    where: loadWhere.describe(
      "workers of a load take longer: a slow application, not Kafka's doing",
    ),
    ...timed,
    delay: duration(1).describe(
      'added to each batch that a consumer is handed, or to each look of a producer at what is due',
    ),
  }),
  z.strictObject({
    kind: z.literal('rebalance-storm'),
    where: loadWhere.describe(
      'members of a group leave and join again, one worker after the other',
    ),
    ...timed,
    every: duration(1000).prefault('3s').describe('how often a worker does so'),
  }),
  z.strictObject({
    kind: z.literal('random'),
    where: campaign.describe(
      'a campaign: faults drawn from the seed of the run, one slot after the other',
    ),
    at,
    for: lasting,
  }),
  ...adminFaults(instant, timed),
]);

export type SurfaceFault = z.output<typeof faultSchema>;
