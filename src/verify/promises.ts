/**
 * What the configuration of a load and its topic promises about delivery (reference: Kafka's own documentation
 * of acks, min.insync.replicas, unclean elections and idempotence). An anomaly that breaks no promise is reported
 * as expected, with its count.
 */
import type { ConsumeLoad, LoadSpec, ProduceLoad, Scenario } from '../scenario/scenario.ts';
import { topicSetting } from '../scenario/topic-setting.ts';

/** Whether something is promised, and by which settings; `why` completes "it is promised, because …". */
export type Promised = { readonly holds: boolean; readonly why: string };

/** What writes: where to, and how it asks for acknowledgements. */
type Writing = Pick<ProduceLoad, 'topic' | 'config'>;

export const acksOf = (load: Pick<Writing, 'config'>): 'all' | '1' | '0' => {
  const acks = load.config['acks'] ?? 'all';
  return acks === '0' || acks === '1' ? acks : 'all';
};

export const isIdempotent = (load: ProduceLoad): boolean =>
  load.transaction !== undefined || load.config['enable.idempotence'] === 'true';

export const isUnclean = (scenario: Scenario, topic: string): boolean =>
  topicSetting(scenario, topic, 'unclean.leader.election.enable') === 'true';

export const isCompacted = (scenario: Scenario, topic: string): boolean =>
  (topicSetting(scenario, topic, 'cleanup.policy') ?? '').includes('compact');

/**
 * Whether what a producer has given up can still arrive behind what it sent later: without idempotence, and when it
 * took a new id after that, as the broker knows nothing of the two.
 */
export const mayArriveLate = (load: ProduceLoad): boolean =>
  !isIdempotent(load) || (load.client === 'kafkajs' && load.afterGivingUp === 'renew');

/** `undisturbed`: no fault was to be injected and no broker died. Then one acknowledging broker is enough. */
export function noLoss(scenario: Scenario, load: Writing, undisturbed: boolean): Promised {
  const acks = acksOf(load);
  if (acks === '0') return broken('acks=0 promises nothing');
  if (undisturbed) return kept('nothing was broken in this run and every record was acknowledged');
  const replicas = scenario.topics[load.topic]?.replicas ?? 1;
  const minIsr = Number(topicSetting(scenario, load.topic, 'min.insync.replicas') ?? '1');
  if (isUnclean(scenario, load.topic)) {
    return broken('unclean.leader.election.enable=true lets a stale replica lead');
  }
  if (acks === '1') return broken('acks=1 is answered before any follower has the record');
  if (replicas < 2) return broken('the topic has one replica');
  if (minIsr < 2) return broken('min.insync.replicas=1 lets a leader acknowledge alone');
  return kept(`acks=all with ${replicas} replicas and min.insync.replicas=${minIsr}`);
}

export function noDuplicates(load: ProduceLoad): Promised {
  return isIdempotent(load)
    ? kept('enable.idempotence=true')
    : broken('without enable.idempotence a retry may write a record twice');
}

/**
 * The kafkajs adapter has one request per stream in the air (design §6), so a retry may duplicate but never
 * overtake. `reordered` records of unknown outcome are judged by idempotence alone: an attempt that was given
 * up may still arrive late.
 */
export function inOrder(load: ProduceLoad): Promised {
  if (isIdempotent(load)) return kept('enable.idempotence=true');
  const oneInFlight =
    load.config['max.in.flight.requests.per.connection'] === '1' ||
    (load.client === 'kafkajs' && load.sends === 'one-partition');
  return oneInFlight
    ? kept('one request per producer and partition was in the air at a time')
    : broken('several requests in the air without enable.idempotence may overtake each other');
}

export const readsCommitted = (load: LoadSpec | undefined): boolean =>
  load?.config['isolation.level'] === 'read_committed';

/**
 * Ends of transactions are records like others, and whether one was committed stands in a log of the brokers' own: where
 * either may be lost, readers may see half of a transaction, or none of one that was committed.
 */
export function isAtomic(scenario: Scenario, load: ProduceLoad, undisturbed: boolean): Promised {
  const records = noLoss(scenario, load, undisturbed);
  if (!records.holds) return broken(`the end of a transaction may be lost: ${records.why}`);
  const ends = keepsTransactions(scenario, undisturbed);
  return ends.holds
    ? kept(
        'readers at read_committed see all of a transaction once it is committed, and nothing else',
      )
    : ends;
}

/** Of the outputs of a relay. In transactions they need acks=all, and their ends must stay too. */
export function noRelayLoss(scenario: Scenario, load: ConsumeLoad, undisturbed: boolean): Promised {
  const { relay, config } = load;
  if (relay === undefined) throw new Error('a promise of relays without one');
  const inputs = noSkips(load);
  if (!inputs.holds) return inputs;
  const acks = relay.transactional ? 'all' : (config['acks'] ?? 'all');
  const outputs = noLoss(scenario, { topic: relay.to, config: { acks } }, undisturbed);
  if (!outputs.holds || !relay.transactional) return outputs;
  const ends = keepsTransactions(scenario, undisturbed);
  return ends.holds ? outputs : ends;
}

/** Of a relay in transactions: whoever goes on from an older commit makes the same outputs again. */
export function noRelayDuplicates(
  scenario: Scenario,
  load: ConsumeLoad,
  undisturbed: boolean,
): Promised {
  const outputs = noRelayLoss(scenario, load, undisturbed);
  if (!outputs.holds) return outputs;
  const commits = keepsCommits(scenario, undisturbed);
  return commits.holds ? outputs : commits;
}

export function noSkips(load: LoadSpec | undefined): Promised {
  const reset = load?.config['auto.offset.reset'];
  return reset === 'latest' || reset === 'none'
    ? broken(`auto.offset.reset=${reset} may jump over records`)
    : kept('a group passes over no record of its topic');
}

export function noTruncation(scenario: Scenario, topic: string): Promised {
  if (isUnclean(scenario, topic)) {
    return broken('unclean.leader.election.enable=true lets a stale replica lead');
  }
  return kept('what consumers may see stays in the log while unclean elections are off');
}

/** Of commits that were acknowledged: they stand in a log of their own, with the brokers' settings. */
export function keepsCommits({ cluster }: Scenario, undisturbed: boolean): Promised {
  if (undisturbed) return kept('nothing was broken in this run and every commit was acknowledged');
  const { config, brokers, provider } = cluster;
  if (provider === 'external')
    return broken('others have set up the offsets topic of this cluster');
  const replicas = Number(config['offsets.topic.replication.factor'] ?? Math.min(3, brokers));
  const minIsr = Number(config['min.insync.replicas'] ?? '1');
  if (config['unclean.leader.election.enable'] === 'true') {
    return broken(
      'unclean.leader.election.enable=true of the brokers lets a stale coordinator lead',
    );
  }
  if (replicas < 2) return broken('the offsets topic has one replica');
  if (minIsr < 2)
    return broken('min.insync.replicas=1 of the brokers lets a coordinator commit alone');
  return kept(`the offsets topic has ${replicas} replicas and min.insync.replicas=${minIsr}`);
}

/**
 * Of what coordinators know of transactions: it stands in the transaction log, which Kafka gives settings of its own
 * and never lets a stale replica lead.
 */
export function keepsTransactions({ cluster }: Scenario, undisturbed: boolean): Promised {
  if (undisturbed) return kept('nothing was broken in this run and every end was acknowledged');
  const { config, brokers, provider } = cluster;
  if (provider === 'external') {
    return broken('others have set up the transaction log of this cluster');
  }
  const replicas = Number(
    config['transaction.state.log.replication.factor'] ?? Math.min(3, brokers),
  );
  const minIsr = Number(config['transaction.state.log.min.isr'] ?? Math.min(2, brokers));
  if (replicas < 2) return broken('the transaction log of the brokers has one replica');
  if (minIsr < 2) {
    return broken('transaction.state.log.min.isr=1 lets a coordinator decide alone');
  }
  return kept(
    `the transaction log has ${replicas} replicas and transaction.state.log.min.isr=${minIsr}`,
  );
}

const kept = (why: string): Promised => ({ holds: true, why });
const broken = (why: string): Promised => ({ holds: false, why });
