/**
 * The truth table: what each kind of anomaly is under a scenario's settings and faults. A `failure` breaks a promise of
 * the configuration; what is `expected` the configuration allows, so it is counted and told and fails nothing;
 * what is `impossible` cannot come up. `ordeal plan` shows this table before a run, and the verdict is made by it.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { ConsumeLoad, LoadSpec, ProduceLoad, Scenario } from '../scenario/scenario.ts';
import { writesTransactions, writtenTopic } from '../scenario/written-topics.ts';
import { whyUnjudged } from './compaction-loss.ts';
import {
  acksOf,
  inOrder,
  isAtomic,
  isCompacted,
  keepsCommits,
  keepsTransactions,
  noDuplicates,
  noLoss,
  noRelayDuplicates,
  noRelayLoss,
  noSkips,
  noTruncation,
  type Promised,
} from './promises.ts';
import type { AnomalyKind } from './result.ts';

/** `why` completes "it is treated so, because …". */
export type Treatment = {
  readonly as: 'failure' | 'expected' | 'impossible' | 'not judged';
  readonly why: string;
};

export type Circumstances = {
  readonly scenario: Scenario;
  /** Nothing was to be broken and nothing broke. */
  readonly undisturbed: boolean;
};

export const isUndisturbed = (scenario: Scenario, events: readonly RunEvent[]): boolean =>
  scenario.faults.length === 0 &&
  !events.some((event) => event.type === 'broker-exited' && !event.expected);

/** What a guarantee is about: `producer` and `group` guarantees are those of one load. */
type Subject = { readonly topic: string; readonly load: LoadSpec | undefined };

type Guarantee = {
  readonly about: 'producer' | 'topic' | 'group';
  readonly treat: (subject: Subject, circumstances: Circumstances) => Treatment;
};

export const GUARANTEES: Readonly<Record<AnomalyKind, Guarantee>> = {
  'acknowledged-loss': producer((load, around) =>
    isCompacted(around.scenario, load.topic)
      ? impossible('compaction takes records for newer ones of their keys')
      : acknowledged(load, around),
  ),
  duplicate: producer((load) => promised(noDuplicates(load))),
  reorder: producer((load) => promised(inOrder(load))),
  // Where acknowledged records may be lost, their offsets may be given to others.
  'inconsistent-offset': producer(acknowledged),
  'offset-reuse': producer(acknowledged),
  'realtime-reorder': producer(acknowledged),
  phantom: always('topic', 'nothing stands in the log that was not sent there'),
  'wrong-partition': always('producer', 'a record stands in the partition it was sent to'),
  damaged: always('topic', 'a record is read as it was written'),
  truncation: topic((name, { scenario }) => promised(noTruncation(scenario, name))),
  // Of groups, and of the follower, which is no load.
  'read-then-lost': {
    about: 'group',
    treat: ({ topic }, { scenario }) =>
      isCompacted(scenario, topic)
        ? impossible('compaction takes records for newer ones of their keys')
        : promised(noTruncation(scenario, topic)),
  },
  'retention-gap': producer((load, { scenario }) =>
    isCompacted(scenario, load.topic)
      ? impossible('what compaction took cannot be told apart')
      : expected('the configuration, or an order, says what may leave the log'),
  ),
  'premature-deletion': producer((load, { scenario }) =>
    isCompacted(scenario, load.topic)
      ? impossible('what compaction took cannot be told apart')
      : failure('a log loses its beginning only by retention.ms, retention.bytes or an order'),
  ),
  'compaction-loss': topic(newestOfKeys),
  'unexplained-gap': topic((name, { scenario }) =>
    isCompacted(scenario, name)
      ? impossible('compaction leaves gaps')
      : failure('offsets are given one after the other'),
  ),
  'leader-epoch-back': always('topic', 'leader epochs only rise'),
  'aborted-read': producer(atomic),
  'torn-transaction': producer(atomic),
  'lost-transaction': producer(atomic),
  'early-read': producer(atomic),
  'hanging-transaction': topic((name, { scenario, undisturbed }) =>
    scenario.load.some((load) => writtenTopic(load) === name && writesTransactions(load))
      ? hanging(scenario, undisturbed)
      : impossible('no load runs transactions on it'),
  ),
  'skipped-delivery': group((load) => promised(noSkips(load))),
  'redelivery-below-commit': group(committedStays),
  'rewound-commit': group(committedStays),
  'backwards-delivery': group(({ topic }, { scenario }) => promised(noTruncation(scenario, topic))),
  'committed-too-far': group((load) =>
    failure(`group ${load.group} commits only what it was handed`),
  ),
  'two-owners': group(() => expected('a member that was replaced goes on until it learns of it')),
  'relay-loss': relay((load, { scenario, undisturbed }) =>
    promised(noRelayLoss(scenario, load, undisturbed)),
  ),
  'relay-duplicate': relay((load, { scenario, undisturbed }) =>
    load.relay?.transactional
      ? promised(noRelayDuplicates(scenario, load, undisturbed))
      : expected('a relay without transactions that dies behind its outputs writes them again'),
  ),
  'relay-phantom': relay(() => failure('a relay makes its outputs of its inputs alone')),
  'stuck-partition': producer((load) =>
    acksOf(load) === '0'
      ? impossible('acks=0 acknowledges nothing')
      : failure('every partition is written to again once everything is healed'),
  ),
  'stuck-group': always('group', 'a group reads on once everything is healed'),
};

/** How a finding of this kind is treated. */
export function treatmentOf(
  kind: AnomalyKind,
  about: { readonly topic: string; readonly load: string | null },
  circumstances: Circumstances,
): Treatment {
  const load = circumstances.scenario.load.find(({ name }) => name === about.load);
  return GUARANTEES[kind].treat({ topic: about.topic, load }, circumstances);
}

/** One line of the table as it is shown. */
export type TreatmentRow = Treatment & {
  readonly kind: AnomalyKind;
  /** The load, or the topic, that the guarantee is about. */
  readonly about: string;
};

/** Every guarantee about every load and topic of the scenario. */
export function treatments(circumstances: Circumstances): readonly TreatmentRow[] {
  const { load, topics } = circumstances.scenario;
  const used = Object.keys(topics).filter((name) =>
    load.some((one) => one.topic === name || writtenTopic(one) === name),
  );
  const subjects = {
    producer: load.filter(({ kind }) => kind === 'produce').map(ofLoad),
    topic: used.map((name) => ({ name, topic: name, load: undefined })),
    group: load.filter(({ kind }) => kind === 'consume').map(ofLoad),
  };
  return (Object.keys(GUARANTEES) as AnomalyKind[]).flatMap((kind) => {
    const { about, treat } = GUARANTEES[kind];
    return subjects[about].map((subject) => ({
      kind,
      about: subject.name,
      ...treat(subject, circumstances),
    }));
  });
}

const ofLoad = (load: LoadSpec): Subject & { readonly name: string } => ({
  name: load.name,
  topic: load.topic,
  load,
});

const failure = (why: string): Treatment => ({ as: 'failure', why });
const expected = (why: string): Treatment => ({ as: 'expected', why });
const impossible = (why: string): Treatment => ({ as: 'impossible', why });
const promised = ({ holds, why }: Promised): Treatment => ({
  as: holds ? 'failure' : 'expected',
  why,
});

/** What follows from the promise that acknowledged records stay. */
function acknowledged(load: ProduceLoad, { scenario, undisturbed }: Circumstances): Treatment {
  return acksOf(load) === '0'
    ? impossible('acks=0 acknowledges nothing')
    : promised(noLoss(scenario, load, undisturbed));
}

/** Compaction keeps them; they may still be lost as any record. */
function newestOfKeys(name: string, around: Circumstances): Treatment {
  const { scenario } = around;
  if (!isCompacted(scenario, name)) return impossible('the topic is not compacted');
  const unjudged = whyUnjudged(scenario, name);
  if (unjudged !== null) return { as: 'not judged', why: unjudged };
  const writing = scenario.load.filter(
    (one): one is ProduceLoad => one.kind === 'produce' && one.topic === name,
  );
  const weakest = writing
    .map((load) => acknowledged(load, around))
    .find(({ as }) => as === 'expected');
  return weakest ?? failure('compaction keeps the newest record of every key');
}

/** A commit lives in a log, and what lies below it in another one. */
function committedStays(
  { topic }: ConsumeLoad,
  { scenario, undisturbed }: Circumstances,
): Treatment {
  const log = noTruncation(scenario, topic);
  return promised(log.holds ? keepsCommits(scenario, undisturbed) : log);
}

/** A coordinator that lost what it knew ends nothing. */
function hanging(scenario: Scenario, undisturbed: boolean): Treatment {
  const known = keepsTransactions(scenario, undisturbed);
  return known.holds
    ? failure('a transaction that nobody ends is aborted after transaction.timeout.ms')
    : promised(known);
}

/** What readers at read_committed may see of transactions. */
function atomic(load: ProduceLoad, { scenario, undisturbed }: Circumstances): Treatment {
  return writesTransactions(load)
    ? promised(isAtomic(scenario, load, undisturbed))
    : impossible('it runs no transactions');
}

function always(about: Guarantee['about'], why: string): Guarantee {
  return { about, treat: () => failure(why) };
}

function producer(treat: (load: ProduceLoad, around: Circumstances) => Treatment): Guarantee {
  return {
    about: 'producer',
    treat: ({ load }, around) => {
      if (load?.kind !== 'produce') throw new Error('a guarantee of producers without one');
      return treat(load, around);
    },
  };
}

function topic(treat: (topic: string, around: Circumstances) => Treatment): Guarantee {
  return { about: 'topic', treat: (subject, around) => treat(subject.topic, around) };
}

function group(treat: (load: ConsumeLoad, around: Circumstances) => Treatment): Guarantee {
  return {
    about: 'group',
    treat: ({ load }, around) => {
      if (load?.kind !== 'consume') throw new Error('a guarantee of groups without one');
      return treat(load, around);
    },
  };
}

/** Of groups that relay; the others have nothing that it could be about. */
function relay(treat: (load: ConsumeLoad, around: Circumstances) => Treatment): Guarantee {
  return group((load, around) =>
    load.relay === undefined ? impossible('it relays nothing') : treat(load, around),
  );
}
