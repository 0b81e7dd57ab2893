/** Deleting what a run made on a cluster that stays when the run ends. */
import { messageOf, OrdealError } from '../lib/errors.ts';
import type { Admin } from '../wire/admin.ts';
import { codeOf, errorName } from '../wire/errors.ts';

const DELETE_MS = 15_000;

const GONE = [0, codeOf('UNKNOWN_TOPIC_OR_PARTITION'), codeOf('GROUP_ID_NOT_FOUND')];

/** Null when nothing is left, else why. Groups first: they hold offsets of the topics. */
export async function takeAway(
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
