/** Where a fault acts, as written: brokers by id or role, links between them, and the workers of loads. */
import type {
  BrokerWhere,
  FaultSpec,
  LinkEnd,
  LinkPattern,
  Listener,
  TopicPlace,
} from './scenario.ts';
import { suggest } from './suggest.ts';
import { type Parsed, parsed, refused } from './units.ts';
import type { LoadWhere, ProcessWhere } from './worker-fault.ts';

const BROKER_FORMS = [
  'leader of TOPIC/PARTITION',
  'follower of TOPIC/PARTITION',
  'controller',
  'coordinator of group GROUP',
  'coordinator of transaction LOAD-0',
  'broker 2',
  'any broker',
  'all brokers',
];
const BROKER_HINT = `write one of: ${BROKER_FORMS.join(', ')}`;
const LINK_HINT =
  'write it as `clients -> brokers`, `broker 1 <-> broker 2`, `controller -> all (CONTROLLER)`, `isolate broker 1` or `broker 1 | broker 2, broker 3`';
const LISTENERS: readonly string[] = ['CLIENT', 'BROKER', 'CONTROLLER'] satisfies Listener[];

const PLACE = /^(leader|follower) of ([^\s/]+)\/(\d+)$/;
const COORDINATOR = /^coordinator of (group|transaction) (\S+)$/;
const ID = /^broker (\d{1,9})$/;
const FIRST_WORDS = ['leader', 'follower', 'controller', 'coordinator', 'broker', 'any', 'all'];

export function parseBrokerWhere(text: string): Parsed<BrokerWhere> {
  const words = text.trim().replace(/\s+/g, ' ');
  const [, role, topic, partition] = PLACE.exec(words) ?? [];
  if (topic !== undefined) {
    return parsed({ kind: role as 'leader' | 'follower', topic, partition: Number(partition) });
  }
  const [, of, id] = COORDINATOR.exec(words) ?? [];
  if (id !== undefined)
    return parsed({ kind: 'coordinator', of: of as 'group' | 'transaction', id });
  const broker = ID.exec(words)?.[1];
  if (broker !== undefined) return parsed({ kind: 'broker', id: Number(broker) });
  if (words === 'controller') return parsed({ kind: 'controller' });
  if (words === 'any broker') return parsed({ kind: 'any-broker' });
  if (words === 'all brokers') return parsed({ kind: 'all-brokers' });
  return refused(brokerTrouble(words), brokerHint(words));
}

const LOAD = /^load (\S+?)(?: worker (\d{1,4}))?$/;
const LOAD_HINT = 'write `load NAME`, or `load NAME worker 0`';

/** `load billing`: all its workers; `load billing worker 0`: one of them. */
export function parseLoadWhere(text: string): Parsed<LoadWhere> {
  const words = text.trim().replace(/\s+/g, ' ');
  const [, load, worker] = LOAD.exec(words) ?? [];
  return load === undefined
    ? refused(`\`${words}\` does not name a load; this fault acts on its workers`, LOAD_HINT)
    : parsed({ kind: 'load', load, worker: worker === undefined ? null : Number(worker) });
}

/** The load whose workers a fault harms; null when it harms something else. */
export function loadUnder({ where }: Pick<FaultSpec, 'where'>): string | null {
  if (!('kind' in where)) return null;
  return where.kind === 'load' ? where.load : null;
}

/** A broker, or the workers of a load. */
export function parseProcessWhere(text: string): Parsed<ProcessWhere> {
  if (/^\s*load\b/.test(text)) return parseLoadWhere(text);
  const broker = parseBrokerWhere(text);
  return broker.ok || broker.hint !== BROKER_HINT
    ? broker
    : { ...broker, hint: `${BROKER_HINT}, load NAME, load NAME worker 0` };
}

/** `orders`, or `orders/0`. */
export function parseTopicPlace(text: string): Parsed<TopicPlace> {
  const [, topic, partition] = /^([^\s/]+)(?:\/(\d{1,9}))?$/.exec(text.trim()) ?? [];
  return topic === undefined
    ? refused(`\`${text}\` is neither a topic nor a partition`, 'write `orders` or `orders/0`')
    : parsed({ topic, partition: partition === undefined ? null : Number(partition) });
}

function brokerTrouble(words: string): string {
  if (/->|\|/.test(words)) return `\`${words}\` is a link; this fault acts on brokers`;
  if (/^(leader|follower)\b/.test(words)) {
    return `\`${words}\` does not say a topic and a partition`;
  }
  return `\`${words}\` does not name a broker`;
}

function brokerHint(words: string): string {
  if (/^(leader|follower)\b/.test(words)) return 'write `leader of orders/0`';
  if (/^\d+$/.test(words)) return `write \`broker ${words}\``;
  const [first = ''] = words.split(' ');
  const near = FIRST_WORDS.includes(first) ? undefined : suggest(first, FIRST_WORDS);
  return near?.startsWith('did') ? near : BROKER_HINT;
}

/** Comma lists, `isolate X` and splits become plain patterns. */
export function parseLinks(text: string): Parsed<readonly LinkPattern[]> {
  if (text.trim() === '') return refused('no link is named', LINK_HINT);
  if (text.includes('|')) return parseSplit(text);
  return collect(pieces(text, ','), parseLink);
}

type Piece = { readonly text: string; readonly offset: number };

function pieces(text: string, separator: string): readonly Piece[] {
  let offset = 0;
  return text.split(separator).map((part) => {
    const piece = { text: part.trim(), offset: offset + part.length - part.trimStart().length };
    offset += part.length + 1;
    return piece;
  });
}

function collect<T>(
  parts: readonly Piece[],
  parse: (text: string) => Parsed<readonly T[]>,
): Parsed<readonly T[]> {
  const all: T[] = [];
  for (const part of parts) {
    const one = parse(part.text);
    if (!one.ok) return { ...one, offset: part.offset + (one.offset ?? 0) };
    all.push(...one.value);
  }
  return parsed(all);
}

/** Takes ` (LISTENER)` off the end of the text. */
function takeListener(text: string): Parsed<{ rest: string; listener: Listener | null }> {
  const found = /^(.*?)\s*\(([^()]*)\)$/s.exec(text);
  if (found === null) return parsed({ rest: text, listener: null });
  const [, rest = '', name = ''] = found;
  return LISTENERS.includes(name)
    ? parsed({ rest, listener: name as Listener })
    : refused(
        `\`${name}\` is not a listener that faults can act on`,
        suggest(name, LISTENERS),
        text.lastIndexOf('(') + 1,
      );
}

function parseLink(text: string): Parsed<readonly LinkPattern[]> {
  const taken = takeListener(text);
  if (!taken.ok) return taken;
  const { rest, listener } = taken.value;
  const isolated = /^isolate\s+(.*)$/s.exec(rest)?.[1];
  if (isolated !== undefined) {
    const end = { text: isolated, offset: rest.length - isolated.length };
    return link(end, { text: 'all', offset: 0 }, { both: true, listener });
  }
  const [, from, arrow, to] = /^(.*?)\s*(<->|->|<-)\s*(.*)$/s.exec(rest) ?? [];
  if (from === undefined || to === undefined) {
    return refused(`\`${text}\` is not a link`, LINK_HINT);
  }
  const [left, right] = [
    { text: from, offset: 0 },
    { text: to, offset: rest.length - to.length },
  ];
  return arrow === '<-'
    ? link(right, left, { both: false, listener })
    : link(left, right, { both: arrow === '<->', listener });
}

type How = { readonly both: boolean; readonly listener: Listener | null };

function link(from: Piece, to: Piece, { both, listener }: How): Parsed<readonly LinkPattern[]> {
  const dialer = parseEnd(from.text);
  if (!dialer.ok) return { ...dialer, offset: from.offset };
  const owner = parseEnd(to.text);
  if (!owner.ok) return { ...owner, offset: to.offset };
  const pattern = { from: dialer.value, to: owner.value, listener, both };
  return whyImpossible(pattern) ?? parsed([pattern]);
}

function whyImpossible({ from, to, both, listener }: LinkPattern): Parsed<never> | undefined {
  if (to.kind === 'clients' || (both && from.kind === 'clients')) {
    return refused(
      'nobody dials the clients',
      'write `clients -> brokers`; a stream says which way the bytes go',
    );
  }
  if (from.kind === 'clients' && listener !== null && listener !== 'CLIENT') {
    return refused(`clients dial CLIENT, not ${listener}`, 'leave the listener away');
  }
  if (from.kind !== 'clients' && listener === 'CLIENT') {
    return refused('brokers dial BROKER and CONTROLLER, not CLIENT', 'write `clients -> ...`');
  }
  return undefined;
}

const GROUPS: readonly string[] = ['clients', 'brokers', 'controllers', 'all'];

function parseEnd(text: string): Parsed<LinkEnd> {
  if (GROUPS.includes(text)) {
    return parsed({ kind: text as 'clients' | 'brokers' | 'controllers' | 'all' });
  }
  const where = parseBrokerWhere(text);
  if (!where.ok) {
    const near = suggest(text, [...GROUPS, 'controller']);
    const hint = near?.startsWith('did') ? near : LINK_HINT;
    return refused(`\`${text}\` is not an end of a link`, hint);
  }
  const { value } = where;
  if (value.kind === 'any-broker' || value.kind === 'all-brokers') {
    return refused(`\`${text}\` cannot be an end of a link`, 'write `brokers` or `broker 1`');
  }
  return parsed(value);
}

/** `broker 1 | broker 2, broker 3`: both directions of every link that crosses the bar. */
function parseSplit(text: string): Parsed<readonly LinkPattern[]> {
  const taken = takeListener(text);
  if (!taken.ok) return taken;
  const { rest, listener } = taken.value;
  if (/->|\bisolate\b/.test(rest)) {
    return refused('a split (`|`) stands alone', 'use a YAML list to combine it with other links');
  }
  const sides = pieces(rest, '|').map((side) =>
    collect(
      pieces(side.text, ',').map((end) => ({ ...end, offset: end.offset + side.offset })),
      (end) => one(parseEnd(end)),
    ),
  );
  const wrong = sides.find((side) => !side.ok);
  if (wrong !== undefined && !wrong.ok) return wrong;
  const groups = sides.flatMap((side) => (side.ok ? [side.value] : []));
  const crossing = groups.flatMap((left, index) =>
    groups
      .slice(index + 1)
      .flatMap((right) =>
        left.flatMap((from) => right.map((to) => ({ from, to, listener, both: true }))),
      ),
  );
  return crossing.map(whyImpossible).find((trouble) => trouble !== undefined) ?? parsed(crossing);
}

const one = <T>(value: Parsed<T>): Parsed<readonly T[]> =>
  value.ok ? parsed([value.value]) : value;
