/**
 * On a cluster that others use as well a run is a guest: what it makes there carries a prefix of its own, and is taken
 * away when the run ends, however it ends. What cannot be taken away is told, with how to do it by hand.
 */

import type { RunningCluster } from '../cluster/cluster.ts';
import { howToDelete, rememberMade } from '../cluster/external/left-behind.ts';
import { runPrefix } from '../cluster/external/prefix.ts';
import { messageOf, OrdealError } from '../lib/errors.ts';
import { type KafkaNames, OWN_NAMES, prefixedNames } from '../scenario/kafka-names.ts';
import type { Admin } from '../wire/admin.ts';
import { codeOf, errorName } from '../wire/errors.ts';
import type { Session } from './session.ts';

const DELETE_MS = 15_000;

const GONE = [0, codeOf('UNKNOWN_TOPIC_OR_PARTITION'), codeOf('GROUP_ID_NOT_FOUND')];

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

/** Null when nothing is left, else why. Groups first: they hold offsets of the topics. */
async function takeAway(
  admin: Admin,
  topics: readonly string[],
  groups: readonly string[],
): Promise<string | null> {
  const within = { timeoutMs: DELETE_MS };
  try {
    const deleted = await admin.deleteGroups(groups, within);
    const found = await admin.metadata(topics);
    // A topic that we may not even see was never made by us.
    const there = found.topics.filter(({ partitions }) => partitions.length > 0);
    const answers = await admin.deleteTopics(
      there.map(({ name }) => name),
      within,
    );
    const refused = [
      ...deleted.map(({ group, errorCode }) => ({ name: group, errorCode })),
      ...answers,
    ].filter(({ errorCode }) => !GONE.includes(errorCode));
    if (refused.length === 0) return null;
    return refused.map(({ name, errorCode }) => `${name}: ${errorName(errorCode)}`).join(', ');
  } catch (error) {
    if (error instanceof OrdealError) return messageOf(error);
    throw error;
  }
}
