/** An OMB workload file: what traffic it asks for, and what of that an ordeal scenario cannot say. */
import { SMALLEST_VALUE_BYTES } from '../../scenario/schema/load.ts';
import { suggest } from '../../scenario/suggest.ts';
import { OmbFile } from './omb-file.ts';

const KEYS = [
  'name',
  'topics',
  'partitionsPerTopic',
  'keyDistributor',
  'messageSize',
  'useRandomizedPayloads',
  'randomBytesRatio',
  'randomizedPayloadPoolSize',
  'payloadFile',
  'subscriptionsPerTopic',
  'producersPerTopic',
  'consumerPerSubscription',
  'producerRate',
  'consumerBacklogSizeGB',
  'backlogDrainRatio',
  'testDurationMinutes',
  'warmupDurationMinutes',
] as const;

const DISTRIBUTORS = ['NO_KEY', 'KEY_ROUND_ROBIN', 'RANDOM_NANO'] as const;

/** Where OMB begins when it is left to find the rate itself, in records per second. */
const SEARCH_BEGINS_AT = 10_000;

export type OmbWorkload = {
  readonly name: string | undefined;
  readonly topics: number;
  readonly partitions: number;
  readonly sizeBytes: number;
  /** 0 to 1; null: the bytes come from a file that ordeal does not read. */
  readonly compressibility: number | null;
  readonly keyed: boolean;
  readonly subscriptions: number;
  readonly consumers: number;
  /** Of each topic. */
  readonly producers: number;
  /** Records per second over all topics. */
  readonly perSecond: number;
  readonly warmupMinutes: number;
  readonly measureMinutes: number;
  /** What is not the same as with OMB, a sentence each. */
  readonly notes: readonly string[];
};

/** The workload is to be used only if the file has no problems. */
export function readWorkload(file: string, text: string): { omb: OmbFile; workload: OmbWorkload } {
  const omb = new OmbFile(file, text, KEYS);
  const notes: string[] = [];
  refuseBacklog(omb, notes);
  const workload = {
    name: omb.text('name'),
    topics: omb.whole('topics', { least: 1, fallback: 0 }),
    partitions: omb.whole('partitionsPerTopic', { least: 1, fallback: 0 }),
    sizeBytes: sizeOf(omb),
    compressibility: payloadOf(omb, notes),
    keyed: keysOf(omb, notes),
    subscriptions: omb.whole('subscriptionsPerTopic', { fallback: 0 }),
    consumers: omb.whole('consumerPerSubscription', { fallback: 0 }),
    producers: omb.whole('producersPerTopic', { least: 1, fallback: 0 }),
    perSecond: rateOf(omb, notes),
    warmupMinutes: omb.whole('warmupDurationMinutes', { fallback: 1 }),
    measureMinutes: omb.whole('testDurationMinutes', { least: 1, fallback: 0 }),
    notes,
  };
  refuseCrowd(omb, workload);
  return { omb, workload };
}

/** More would not fit into one scenario file anyway (`readYaml` has a limit), and would be written in vain. */
const MOST_LOADS = 2000;

function refuseCrowd(omb: OmbFile, { topics, subscriptions }: OmbWorkload): void {
  const loads = topics * (1 + subscriptions);
  if (loads <= MOST_LOADS) return;
  omb.refuse('topics', {
    message: `each topic has loads of its own, and this makes ${loads} loads`,
    hint: `at most ${MOST_LOADS}: fewer topics, or fewer subscriptionsPerTopic`,
  });
}

function refuseBacklog(omb: OmbFile, notes: string[]): void {
  const gigabytes = omb.whole('consumerBacklogSizeGB', { fallback: 0 });
  omb.ratio('backlogDrainRatio', 1);
  if (gigabytes > 0) {
    omb.refuse('consumerBacklogSizeGB', {
      message: 'a scenario cannot yet hold its consumers back until a backlog stands',
      hint: 'remove consumerBacklogSizeGB to import the traffic without it',
    });
  } else if (omb.text('backlogDrainRatio') !== undefined) {
    notes.push('backlogDrainRatio has no effect without a backlog, with OMB neither.');
  }
}

function sizeOf(omb: OmbFile): number {
  const bytes = omb.whole('messageSize', { least: 1, fallback: 0 });
  if (bytes < SMALLEST_VALUE_BYTES && omb.text('messageSize') !== undefined) {
    omb.refuse('messageSize', {
      message: `every value carries its identity in ${SMALLEST_VALUE_BYTES} bytes, and these have ${bytes}`,
      hint: `write messageSize: ${SMALLEST_VALUE_BYTES}, and expect other numbers than OMB's`,
    });
  }
  return bytes;
}

function payloadOf(omb: OmbFile, notes: string[]): number | null {
  const randomBytes = omb.ratio('randomBytesRatio', 0);
  const pool = omb.whole('randomizedPayloadPoolSize', { fallback: 0 });
  const file = omb.text('payloadFile');
  if (omb.truth('useRandomizedPayloads')) {
    notes.push(`every value is another, where OMB repeats a pool of ${pool}.`);
    if (file !== undefined) notes.push('payloadFile has no effect here, with OMB neither.');
    return Number((1 - randomBytes).toFixed(6));
  }
  const idle = ['randomBytesRatio', 'randomizedPayloadPoolSize'].filter(
    (key) => omb.text(key) !== undefined,
  );
  for (const key of idle) {
    notes.push(`${key} has no effect without useRandomizedPayloads, with OMB neither.`);
  }
  if (file !== undefined)
    notes.push(`values are random bytes, where OMB repeats those of ${file}.`);
  return null;
}

function keysOf(omb: OmbFile, notes: string[]): boolean {
  const text = omb.text('keyDistributor') ?? 'NO_KEY';
  const distributor = DISTRIBUTORS.find((known) => known === text);
  if (distributor === undefined) {
    omb.refuse('keyDistributor', {
      message: `OMB has no key distributor \`${text}\`, and would send without keys`,
      hint: suggest(text, DISTRIBUTORS),
    });
  }
  if (distributor === 'KEY_ROUND_ROBIN') {
    notes.push('keys are drawn at random, each as often as any other; OMB takes them in turn.');
  }
  if (distributor === 'NO_KEY') {
    notes.push(
      "records without keys go round robin; Java's producer stays with a partition until its batch is full.",
    );
  }
  return distributor !== 'NO_KEY';
}

function rateOf(omb: OmbFile, notes: string[]): number {
  const perSecond = omb.whole('producerRate', { fallback: 0 });
  if (perSecond > 0) return perSecond;
  notes.push(
    `with producerRate 0, OMB looks for the highest rate from ${SEARCH_BEGINS_AT}/s on; a run stays there.`,
    'To look for it, say under `expect:` what must hold, and run ordeal capacity.',
  );
  return SEARCH_BEGINS_AT;
}
