/** What a scenario asks of its clients that they cannot do: said at planning, with a way out. */

import { STAMP_BYTES } from '../payload/stamp.ts';
import type { Path, Problem } from '../scenario/problem.ts';
import type { ConsumeLoad, LoadSpec, ProduceLoad, Scenario } from '../scenario/scenario.ts';
import { checkGroups } from './group-protocols.ts';
import { resolveConfig, settingsOf } from './resolve.ts';
import type { ValueRule } from './setting.ts';

/** Paths point into `load.NAME`. */
export const check = (scenario: Scenario): Problem[] => [
  ...checkGroups(scenario),
  ...scenario.load.flatMap((load) => [
    ...(load.client === 'native' ? checkNative(load) : []),
    ...checkSettings(load),
    ...(load.kind === 'produce' ? checkProducer(load) : checkConsumer(load)),
    ...(load.kind === 'consume' && load.relay !== undefined ? checkInputs(load, scenario) : []),
  ]),
];

const at = (load: LoadSpec, ...rest: (string | number)[]): Path => ['load', load.name, ...rest];

/** A record that tells its identity by the first of its batch has none where reading begins in the middle. */
function checkInputs({ name, topic }: ConsumeLoad, { load }: Scenario): Problem[] {
  const native = load.find(
    (one) => one.kind === 'produce' && one.topic === topic && one.client === 'native',
  );
  if (native === undefined) return [];
  const message = `what ${native.name} produces with the native client cannot be relayed yet`;
  const hint = `use \`client: kafkajs\` for the load ${native.name}`;
  return [{ path: ['load', name, 'relay'], message, hint }];
}

/** What the native client cannot do (yet). */
function checkNative(load: LoadSpec): Problem[] {
  if (load.kind === 'consume') {
    if (load.relay === undefined) return [];
    const message = 'the native client does not relay yet, it only produces and consumes';
    const hint = 'use `client: kafkajs` for this load: loads of both clients run side by side';
    return [{ path: at(load, 'client'), message, hint }];
  }
  const found: (Problem | false)[] = [
    load.transaction !== undefined && {
      path: at(load, 'transaction'),
      message: 'the native client has no transactions yet',
      hint: 'use `client: kafkajs` for this load',
    },
    load.sends === 'many-partitions' && {
      path: at(load, 'sends'),
      message:
        'the native client has one request for many partitions anyway, and loses nothing by it',
      hint: 'remove `sends`: it is about kafkajs',
    },
    load.afterGivingUp === 'reuse' && {
      path: at(load, 'after-giving-up'),
      message: 'the native client always takes new numbers after it gave a send up',
      hint: 'remove `after-giving-up`: it is about kafkajs',
    },
    load.config['enable.idempotence'] === 'true' &&
      number(load, IN_FLIGHT) > MOST_REMEMBERED && {
        path: at(load, 'config', IN_FLIGHT),
        message: `\`enable.idempotence: true\` needs at most ${MOST_REMEMBERED} requests in flight`,
        hint: 'brokers remember the last five batches of a producer',
      },
  ];
  return found.filter((problem) => problem !== false).map((problem) => placed(load, problem));
}

const IN_FLIGHT = 'max.in.flight.requests.per.connection';
/** Batches by which a broker knows a repeated one. */
const MOST_REMEMBERED = 5;

function checkSettings(load: LoadSpec): Problem[] {
  const settings = settingsOf(load);
  return Object.entries(load.config).flatMap(([name, value]) => {
    const setting = settings[name];
    const path = at(load, 'config', name);
    if (setting === undefined) return [unsupported(load, path, name)];
    const rule = violated(setting.value, value);
    if (rule === null) return [];
    const within = isTransactional(load) ? ' in transactions' : '';
    const message = `\`${name}\` must be ${rule}${within}, not \`${value}\``;
    return [{ path, message, ...(setting.hint === undefined ? {} : { hint: setting.hint }) }];
  });
}

function unsupported(load: LoadSpec, path: Path, name: string): Problem {
  return {
    path,
    message: `\`${name}\` is not supported by the client ${load.client} for a load that ${load.kind}s`,
    hint: HINTS[name] ?? `supported: ${Object.keys(settingsOf(load)).sort().join(', ')}`,
  };
}

const HINTS: Readonly<Record<string, string>> = {
  'bootstrap.servers': 'name the brokers under cluster.bootstrap, or with --bootstrap',
  'group.id': 'use `group` of the load',
  'group.instance.id': 'neither client has static membership: leave it away',
  'group.protocol': 'the clients speak the classic protocol only: leave it away',
  'transaction.timeout.ms': 'it belongs to a load with `transaction`',
  'transactional.id':
    'give the load `transaction: { records: 100 }`; its producers are called LOAD-0, LOAD-1 and so on',
};

/** What the value must be, or null when it is. */
function violated(rule: ValueRule, value: string): string | null {
  if (rule.kind === 'text') return value === '' ? 'some text' : null;
  if (rule.kind === 'one-of') {
    if (rule.values.includes(value)) return null;
    return rule.values.length === 1 ? `\`${rule.values[0]}\`` : `one of ${rule.values.join(', ')}`;
  }
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= rule.min && number <= rule.max) return null;
  return `a whole number from ${rule.min} to ${rule.max}`;
}

const number = (load: LoadSpec, name: string): number => Number(resolveConfig(load)[name]);

function checkProducer(load: ProduceLoad): Problem[] {
  const config = resolveConfig(load);
  const tooSmall = load.size.find(({ bytes }) => bytes < STAMP_BYTES);
  const found: (Problem | false)[] = [
    tooSmall !== undefined && {
      path: at(load, 'size'),
      message: `a value must have at least ${STAMP_BYTES} bytes for its identity, not ${tooSmall.bytes}`,
    },
    config['enable.idempotence'] === 'true' &&
      config['acks'] !== 'all' && {
        path: at(load, 'config', 'acks'),
        message: '`enable.idempotence: true` needs `acks: all`',
      },
    config['enable.idempotence'] === 'true' &&
      number(load, 'retries') < 1 && {
        path: at(load, 'config', 'retries'),
        message: '`enable.idempotence: true` needs at least one retry',
      },
    tooLong(load),
    load.transaction !== undefined &&
      load.sends === 'many-partitions' && {
        path: at(load, 'sends'),
        message:
          'in transactions every send is of one partition: what kafkajs loses otherwise would be committed',
        hint: 'remove `sends`, or `transaction`',
      },
    number(load, 'delivery.timeout.ms') <
      number(load, 'linger.ms') + number(load, 'request.timeout.ms') && {
      path: at(load, 'config', 'delivery.timeout.ms'),
      message: '`delivery.timeout.ms` must be at least `linger.ms` + `request.timeout.ms`',
      hint: 'lower `request.timeout.ms` as well',
    },
  ];
  return found.filter((problem) => problem !== false).map((problem) => placed(load, problem));
}

const isTransactional = (load: LoadSpec): boolean =>
  load.kind === 'produce' && load.transaction !== undefined;

/** At a rate that fills a transaction only after its timeout, its coordinator would abort each of them. */
function tooLong(load: ProduceLoad): Problem | false {
  const { transaction, rate, producers } = load;
  if (transaction === undefined || rate.kind !== 'constant') return false;
  const fillMs = (transaction.records / (rate.perSecond / producers)) * 1000;
  const timeoutMs = number(load, 'transaction.timeout.ms');
  if (fillMs < timeoutMs) return false;
  return {
    path: at(load, 'transaction'),
    message: `a producer needs ${Math.round(fillMs / 100) / 10} s to fill a transaction of ${transaction.records} records, and \`transaction.timeout.ms\` is ${timeoutMs}`,
    hint: 'fewer `records`, or a higher rate',
  };
}

function checkConsumer(load: LoadSpec): Problem[] {
  if (number(load, 'heartbeat.interval.ms') < number(load, 'session.timeout.ms')) return [];
  const path = at(load, 'config', 'session.timeout.ms');
  const message = '`heartbeat.interval.ms` must be below `session.timeout.ms`';
  return [placed(load, { path, message })];
}

/** A problem with a setting that the file does not name belongs to the load's whole `config`. */
function placed(load: LoadSpec, problem: Problem): Problem {
  const name = problem.path[3];
  if (name === undefined || String(name) in load.config) return problem;
  return { ...problem, path: at(load, 'config') };
}
