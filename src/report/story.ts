/** The run in plain sentences: what was asked, what happened, and why the verdict is what it is. */
import type { Measures } from '../measure/measures.ts';
import { neighbours } from '../measure/processors.ts';
import type { LoadSpec, ProduceLoad, Scenario } from '../scenario/scenario.ts';
import { type FaultResult, leadingReasons, type Result } from '../verify/result.ts';
import { catchUpLines } from './catch-up.ts';
import { bytes, count, duration, moment, perSecond, plural } from './format.ts';

export const VERDICT_WORDS = {
  pass: 'It held.',
  fail: 'It did not hold.',
  unknown: 'This run cannot say.',
} as const;

/** What was set up, sent and broken. */
export function whatWasAsked(scenario: Scenario): string[] {
  const { cluster, load, faults, phases } = scenario;
  const broken =
    faults.length === 0
      ? 'Nothing was broken.'
      : `Meanwhile ${list(faults.map(({ name, kind, whereText }) => `${name} (${kind} ${whereText})`))} ${faults.length === 1 ? 'was' : 'were'} to happen.`;
  return [
    `${whoCarried(cluster)} carried ${list(load.map(describeLoad))} for ${duration(phases.measureMs)}.`,
    broken,
  ];
}

/** How many brokers an external cluster has, and of which Kafka, the scenario does not know. */
const whoCarried = ({ provider, bootstrap, brokers, kafka }: Scenario['cluster']): string =>
  provider === 'external'
    ? `The cluster at ${bootstrap.join(', ')}`
    : `${plural(brokers, 'broker')} with Kafka ${kafka}`;

function describeLoad(load: LoadSpec): string {
  return load.kind === 'produce'
    ? `${load.name}, ${rateText(load)} to ${load.topic}`
    : `${load.name}, ${plural(load.consumers, 'consumer')} of ${load.topic}${load.startMs === undefined ? '' : ` from ${moment(load.startMs)} on`}`;
}

function rateText({ rate, size }: ProduceLoad): string {
  const sizes = size.map((one) => bytes(one.bytes));
  const of = `records of ${sizes.join(' or ')}`;
  if (rate.kind === 'constant') return `${count(rate.perSecond)} ${of} a second`;
  return rate.kind === 'max'
    ? `as many ${of} as it could`
    : `${of} in ${plural(rate.stages.length, 'stage')}`;
}

export function whatHappened(result: Result, measures: Measures): string[] {
  return [
    ...delivered(result),
    ...Object.entries(result.load).flatMap(([name, load]) => {
      const { ackMs, ratePerSecond, kind } = load;
      return kind === 'consume' || ackMs === null
        ? []
        : [
            `${name} was acknowledged at ${perSecond(ratePerSecond)}; half of its records within ${duration(ackMs.p50)}, 99 of 100 within ${duration(ackMs.p99)}, the slowest after ${duration(ackMs.max)}.`,
          ];
    }),
    ...catchUpLines(result).map((line) => `${line}.`),
    ...measures.faults.map(faultSentence),
    ...noise(result),
  ];
}

/** Where the machine was not the run's own, its latencies may be its neighbours'. */
export function noise({ processors }: Result): string[] {
  const others = neighbours(processors);
  return others === null
    ? []
    : [
        `Others used ${others.toFixed(1)} of this machine's ${processors?.cores} cores meanwhile: what was slow may have been slow by them.`,
      ];
}

function delivered({ delivery }: Result): string[] {
  const { acknowledged, failed, unknown, read, lost, groups } = delivery;
  if (acknowledged + failed + unknown + (read ?? 0) === 0) return ['No record was sent.'];
  const others = oddities(delivery);
  return [
    `${plural(acknowledged, 'record')} ${acknowledged === 1 ? 'was' : 'were'} acknowledged, and ${fateOf(lost)}.`,
    ...(others.length === 0 ? [] : [`${capital(list(others))}.`]),
    ...Object.entries(delivery.transactions).map(
      ([load, { committed, aborted, unknown }]) =>
        `Load ${load} committed ${plural(committed, 'transaction')} and aborted ${count(aborted)}${unknown > 0 ? `; of ${count(unknown)} it was not told how ${unknown === 1 ? 'it' : 'they'} ended` : ''}.`,
    ),
    ...Object.entries(delivery.relays).map(
      ([load, { inputs, lost, duplicated }]) =>
        `Relay ${load} was to work off ${plural(inputs, 'record')}: ${lost === null ? 'whether outputs are missing is not known' : `${plural(lost, 'output')} missing`}, ${duplicated === null ? 'and it is not known how many are there again' : `${count(duplicated)} there again`}.`,
    ),
    ...Object.entries(groups).map(
      ([name, group]) =>
        `Group ${name} was handed ${plural(group.delivered, 'record')}, ${count(group.redelivered)} of them again, and ${group.skipped === null ? 'what it passed over is not known' : `passed over ${count(group.skipped)}`}.`,
    ),
  ];
}

function fateOf(lost: number | null): string {
  if (lost === null) return 'whether they are in the log was not audited';
  return lost === 0
    ? 'none of them was found missing from the log'
    : `${count(lost)} of them ${lost === 1 ? 'is' : 'are'} not in the log`;
}

function oddities({ failed, unknown, duplicated, reordered }: Result['delivery']): string[] {
  const told: readonly (readonly [number, string])[] = [
    [failed, `${count(failed)} failed`],
    [unknown, `${count(unknown)} had an outcome nobody can know`],
    [duplicated ?? 0, `the log has ${plural(duplicated ?? 0, 'extra copy', 'extra copies')}`],
    [reordered ?? 0, `${count(reordered)} stood out of order`],
  ];
  return told.filter(([found]) => found > 0).map(([, text]) => text);
}

function faultSentence(fault: Measures['faults'][number]): string {
  const { name, kind, target, injectedAtMs, healedAtMs, recoveryMs, watchedMs } = fault;
  if (injectedAtMs === null) return `${name} never happened.`;
  const hit = `${name} (${kind} ${target ?? fault.where})`;
  const lasted = healedAtMs === null ? '' : ` for ${duration(healedAtMs - injectedAtMs)}`;
  const gap =
    fault.unavailableMs === null
      ? ''
      : `; the longest wait for an acknowledgement was ${duration(fault.unavailableMs)}${fault.unavailableOn === null ? '' : `, on ${fault.unavailableOn}`}`;
  return `${hit} was in force${lasted}${gap}. ${recoveryText(recoveryMs, watchedMs)}`;
}

function recoveryText(recoveryMs: number | null, watchedMs: number | null): string {
  if (recoveryMs === 0) return 'By the time it was healed, everything was as before.';
  if (recoveryMs !== null) return `Everything was as before ${duration(recoveryMs)} after healing.`;
  return watchedMs === null
    ? 'It was never healed.'
    : `In the ${duration(watchedMs)} of traffic after healing it was not seen to be as before.`;
}

export function why(result: Result): string[] {
  if (result.verdict !== 'pass')
    return leadingReasons(result.reasons).map(({ message }) => `${capital(message)}.`);
  const held = result.expectations.length;
  const expected = result.delivery.anomalies.length;
  return [
    held === 0
      ? 'Every guarantee that the configuration gives was kept.'
      : `Every guarantee that the configuration gives was kept, and ${held === 1 ? 'the one expectation' : `all ${held} expectations`} held.`,
    ...(expected === 0
      ? []
      : ['What was found in the log besides is allowed by this configuration, or was looked for.']),
  ];
}

/** Process faults are only noticed by the controller after this long (Kafka's default). */
const SESSION_TIMEOUT_MS = 9000;

/** How a fault's length compares to the time after which a silent broker is replaced; null where that is no matter. */
export function sessionRemark(scenario: Scenario, fault: FaultResult): string | null {
  const { kind, injectedAtMs, healedAtMs } = fault;
  if (!['kill', 'pause', 'partition', 'blackhole'].includes(kind)) return null;
  // There only clients are cut off, and no broker falls silent.
  if (scenario.cluster.provider === 'external') return null;
  if (injectedAtMs === null || healedAtMs === null) return null;
  const configured = scenario.cluster.config['broker.session.timeout.ms'];
  const timeout = configured === undefined ? SESSION_TIMEOUT_MS : Number(configured);
  const lasted = healedAtMs - injectedAtMs;
  const rule = `A silent broker is replaced as leader after broker.session.timeout.ms, ${duration(timeout)}${configured === undefined ? ' by default' : ''}`;
  return lasted < timeout
    ? `${rule}; this lasted ${duration(lasted)}, so it tried the clients' retries and not a change of leader.`
    : `${rule}; this lasted ${duration(lasted)}.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const list = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
