/**
 * `recreate-topic`: deletes a topic and makes it again under the same name, with as many partitions and replicas and
 * the same settings. To clients it is the same topic; everything in it is gone, by order. Nothing to heal.
 */
import { waitFor } from '../lib/deadline.ts';
import type { RecreateTopicFault } from '../scenario/admin-fault.ts';
import type { NewTopic, TopicMetadata } from '../wire/admin.ts';
import { codeOf } from '../wire/errors.ts';
import { accept, CALL, changing, onceDone, SEEN } from './admin-call.ts';
import type { Arena, Effect, Fault } from './arena.ts';

/** It was there, so an earlier try succeeded unheard; that is asked about again for all of this time. */
const GONE = codeOf('UNKNOWN_TOPIC_OR_PARTITION');
const DELETE = { timeoutMs: 5000 } as const;
const EXISTS = codeOf('TOPIC_ALREADY_EXISTS');

export const recreateTopic: Fault<RecreateTopicFault> = {
  inject: async (spec, arena) => {
    const { topic } = spec.where;
    const former = await look(topic, arena);
    if (former === undefined || former.errorCode !== 0) throw new Error(`there is no ${topic}`);
    const again = await likeBefore(former, arena);
    return onceDone(topic, run(spec, former, again, arena));
  },
};

const look = async (topic: string, { admin }: Arena): Promise<TopicMetadata | undefined> =>
  (await admin.metadata([topic])).topics.find(({ name }) => name === topic);

async function likeBefore({ name, partitions }: TopicMetadata, arena: Arena): Promise<NewTopic> {
  const [answer] = await arena.admin.describeConfigs([{ kind: 'topic', name }], CALL);
  accept(`tell the settings of ${name}`, answer);
  const own = (answer?.entries ?? []).filter(({ isOwn, value }) => isOwn && value !== null);
  return {
    name,
    partitions: partitions.length,
    replicas: partitions[0]?.replicas.length ?? 1,
    config: Object.fromEntries(own.map((entry) => [entry.name, entry.value ?? ''])),
  };
}

async function run(
  { name }: RecreateTopicFault,
  former: TopicMetadata,
  again: NewTopic,
  arena: Arena,
): Promise<Effect> {
  const { admin, signal } = arena;
  const topic = former.name;
  const made = await changing(arena, name, { kind: 'recreation', topic }, async () => {
    const [deleted] = await admin.deleteTopics([topic], DELETE);
    if (deleted?.errorCode !== GONE) accept(`delete ${topic}`, deleted);
    const create = async () => {
      const [answer] = await admin.createTopics([again], CALL);
      // Until it is all gone.
      if (answer?.errorCode === EXISTS) return isNew(await look(topic, arena), former, again);
      accept(`make ${topic} again`, answer);
      return true;
    };
    await waitFor(`${topic} to be made again`, create, { ...SEEN, signal });
    const whole = async () => isNew(await look(topic, arena), former, again);
    return waitFor(`the new ${topic}`, whole, { ...SEEN, signal });
  });
  return { proven: true, evidence: `topic id ${former.topicId} → ${made.topicId}` };
}

/** It is another topic, and every partition of it is led. */
function isNew(
  now: TopicMetadata | undefined,
  { topicId }: TopicMetadata,
  { partitions }: NewTopic,
): TopicMetadata | false {
  const whole =
    now?.errorCode === 0 &&
    now.topicId !== topicId &&
    now.partitions.length === partitions &&
    now.partitions.every(({ leader }) => leader >= 0);
  return whole ? now : false;
}
