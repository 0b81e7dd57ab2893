/**
 * On a cluster that others use as well a run is a guest: what it makes there carries a prefix of its own, and is taken
 * away when the run ends, however it ends. What cannot be taken away is told, with how to do it by hand.
 */

import type { RunningCluster } from '../cluster/cluster.ts';
import { howToDelete, rememberMade } from '../cluster/external/left-behind.ts';
import { runPrefix } from '../cluster/external/prefix.ts';
import { type KafkaNames, OWN_NAMES, prefixedNames } from '../scenario/kafka-names.ts';
import type { Admin } from '../wire/admin.ts';
import type { Session } from './session.ts';
import { takeAway } from './take-away.ts';

/** What topics and groups are called on this cluster; a cluster of our own needs no prefix. */
export const namesOn = (cluster: RunningCluster, { plan }: Session): KafkaNames =>
  cluster.provider === 'external' ? prefixedNames(plan.scenario, runPrefix()) : OWN_NAMES;

/** `admin` speaks Kafka's names. To be called before anything is made; disposing takes it away. */
export function beGuest(session: Session, names: KafkaNames, admin: Admin): AsyncDisposable {
  const { bootstrap, keepTopics } = session.plan.scenario.cluster;
  const topics = Object.values(names.topics);
  const groups = Object.values(names.groups);
  if (topics.length + groups.length === 0) return { [Symbol.asyncDispose]: async () => {} };
  const forget = rememberMade(session.context.host, { bootstrap, topics, groups });
  return {
    [Symbol.asyncDispose]: async () => {
      const why = keepTopics ? 'kept, as asked for' : await takeAway(admin, topics, groups);
      if (why === null || keepTopics) forget();
      if (why === null) return;
      const how = howToDelete({ bootstrap, topics, groups }).join('\n');
      session.event({
        type: 'warning',
        code: keepTopics ? 'topics-kept' : 'left-behind',
        message: `what the run made is still on the cluster (${why}); to delete it:\n${how}`,
      });
    },
  };
}
