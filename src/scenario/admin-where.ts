/** Where faults act that are Kafka's own admin calls: topics, partitions, elections, settings. As written. */
import type { ElectionWhere, RecordsBefore, SettingsWhere } from './admin-fault.ts';
import { type Parsed, parsed, parseShare, refused } from './units.ts';
import { parseBrokerWhere, parseTopicPlace } from './where.ts';

/** `preferred leader of orders/0`, `unclean leader of orders/0`. */
export function parseElection(text: string): Parsed<ElectionWhere> {
  const words = text.trim().replace(/\s+/g, ' ');
  const [, election, topic, partition] =
    /^(preferred|unclean)(?: leader)? of ([^\s/]+)\/(\d{1,9})$/.exec(words) ?? [];
  if (topic === undefined) {
    return refused(
      `\`${text}\` does not say which leader of which partition to elect`,
      'write `preferred leader of orders/0` or `unclean leader of orders/0`',
    );
  }
  const kind = 'election';
  return parsed({
    ...{ kind, election: election as ElectionWhere['election'], topic },
    partition: Number(partition),
  });
}

/** `orders/0`. */
export function parsePartition(text: string) {
  const place = parseTopicPlace(text);
  if (!place.ok) return place;
  const { topic, partition } = place.value;
  return partition === null
    ? refused(
        `\`${text}\` is a topic, and this fault acts on one partition`,
        `write \`${topic}/0\``,
      )
    : parsed({ kind: 'place' as const, topic, partition });
}

/** `orders`. */
export function parseTopic(text: string) {
  const place = parseTopicPlace(text);
  if (!place.ok) return place;
  const { topic, partition } = place.value;
  return partition === null
    ? parsed({ kind: 'place' as const, topic, partition })
    : refused(`\`${text}\` is a partition, and this fault acts on a topic`, `write \`${topic}\``);
}

/** `orders` or `orders/0`. */
export function parsePlace(text: string) {
  const place = parseTopicPlace(text);
  return place.ok ? parsed({ kind: 'place' as const, ...place.value }) : place;
}

/** `orders`, `broker 2`, `all brokers`. */
export function parseSettingsWhere(text: string): Parsed<SettingsWhere> {
  if (!/\s/.test(text.trim())) return parseTopic(text);
  const broker = parseBrokerWhere(text);
  const known =
    broker.ok && (broker.value.kind === 'broker' || broker.value.kind === 'all-brokers');
  return known
    ? parsed(broker.value as SettingsWhere)
    : refused(
        `\`${text}\` has no settings of its own`,
        'write a topic, `broker 2` or `all brokers`',
      );
}

/** `50%`, `latest`, or an offset. */
export function parseRecordsBefore(text: string): Parsed<RecordsBefore> {
  if (text === 'latest') return parsed({ kind: 'latest' });
  if (/^\d{1,15}$/.test(text)) return parsed({ kind: 'offset', offset: Number(text) });
  const share = parseShare(text);
  return share.ok
    ? parsed({ kind: 'share', share: share.value })
    : refused(`\`${text}\` is no place in a log`, 'write 50%, an offset such as 1000, or latest');
}
