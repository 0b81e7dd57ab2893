/** The end of a run in a terminal: verdict and why, expectations, faults, loads, and where the rest is. */
import {
  type ExpectationResult,
  type FaultResult,
  type LoadResult,
  leadingReasons,
  type Result,
  type Verdict,
} from '../verify/result.ts';
import { catchUpLines } from './catch-up.ts';
import { bytes, count, duration, inUnit, moment, NONE, perSecond, plural } from './format.ts';
import { type Paint, paint } from './paint.ts';
import { noise } from './story.ts';

export type SummaryOptions = {
  readonly colour?: boolean;
  /** The run folder, as the user may open it. */
  readonly folder?: string;
  /** null: the page could not be written. */
  readonly page?: string | null;
};

/** Ends with a line break. */
export function summary(result: Result, options: SummaryOptions = {}): string {
  const ink = paint(options.colour ?? false);
  const sections = [
    verdictLines(result, ink),
    guaranteeLines(result, ink),
    result.expectations.map((expectation) => expectationLine(expectation, ink)),
    result.faults.map((fault) => faultLine(fault, ink)),
    [...Object.entries(result.load).map(([name, load]) => loadLine(name, load)), ...noise(result)],
    fileLines(options, ink),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const colourOf = (verdict: Verdict, ink: Paint): ((text: string) => string) =>
  ({ pass: ink.green, fail: ink.red, unknown: ink.yellow })[verdict];

function verdictLines(result: Result, ink: Paint): string[] {
  const { verdict, scenario, reasons } = result;
  return [
    `${ink.bold(colourOf(verdict, ink)(`VERDICT ${verdict.toUpperCase()}`))}  ${scenario}`,
    ...leadingReasons(reasons).map(({ message, code, at }) => {
      const when = at === null ? '' : ink.dim(` at ${moment(at)}`);
      return `  ${message}${when} ${ink.dim(`[${code}]`)}`;
    }),
  ];
}

function guaranteeLines({ delivery, load: loads }: Result, ink: Paint): string[] {
  const { acknowledged, failed, unknown, read, lost, duplicated, reordered } = delivery;
  const alarming = (value: number | null, what: string): string =>
    (value ?? 0) > 0 ? ink.bold(`${count(value)} ${what}`) : `${count(value)} ${what}`;
  return [
    [
      `${plural(acknowledged, 'record')} acknowledged`,
      `${count(failed)} failed`,
      `${count(unknown)} unknown`,
      ...(read === null ? [] : [`${count(read)} in the log`]),
    ].join(', '),
    read === null
      ? 'the log was not audited: whether records were lost, duplicated or reordered is not known'
      : [
          alarming(lost, 'lost'),
          alarming(duplicated, 'duplicated'),
          alarming(reordered, 'reordered'),
        ].join(', '),
    ...Object.entries(delivery.groups).map(
      ([group, { delivered, redelivered, skipped, lagAtEnd }]) =>
        `group ${group}: ${count(delivered)} delivered, ${count(redelivered)} again, ${skipped === null ? 'skips not audited' : `${count(skipped)} skipped`}, ${count(lagAtEnd)} behind`,
    ),
    ...catchUpLines({ load: loads }),
    ...Object.entries(delivery.transactions).map(
      ([load, { committed, aborted, unknown, unknownSeen }]) =>
        `transactions of ${load}: ${count(committed)} committed, ${count(aborted)} aborted, ${count(unknown)} unknown${unknownSeen > 0 ? ` (${count(unknownSeen)} of them seen)` : ''}`,
    ),
    ...Object.entries(delivery.relays).map(
      ([load, { inputs, outputs, lost, duplicated, imbalance }]) =>
        `relay ${load}: ${count(inputs)} in, ${count(outputs)} out, ${count(lost)} missing, ${count(duplicated)} again${imbalance === null ? '' : `, ${count(imbalance)} out of balance`}`,
    ),
    ...delivery.anomalies.map(
      ({ kind, count: found, judgement, why }) =>
        `${judgement === 'violation' ? ink.red(judgement) : judgement}: ${kind} × ${count(found)} ${ink.dim(`(${why})`)}`,
    ),
  ];
}

const MARKS = { pass: '✓', fail: '✗', unknown: '?' } as const;

function expectationLine(expectation: ExpectationResult, ink: Paint): string {
  const { expression, actual, unit, verdict, note } = expectation;
  const mark = colourOf(verdict, ink)(MARKS[verdict]);
  return `${mark} ${expression}  ${ink.bold(inUnit(actual, unit))}${note === undefined ? '' : ink.dim(`  ${note}`)}`;
}

function faultLine(fault: FaultResult, ink: Paint): string {
  const { name, kind, where, target, injectedAtMs, healedAtMs, effect } = fault;
  const span = `${moment(injectedAtMs)} to ${moment(healedAtMs)}`;
  return [
    `${name}: ${kind} ${where}${target === null || target === where ? '' : ` (${target})`}, ${span}`,
    `unavailable ${duration(fault.unavailableMs)}${fault.unavailableOn === null ? '' : ` on ${fault.unavailableOn}`}, recovered in ${duration(fault.recoveryMs)}`,
    ink.dim(effect.proven ? effect.evidence : `effect not proven: ${effect.evidence}`),
  ].join('; ');
}

/** The shape of kafka-producer-perf-test, with the percentiles that matter. */
function loadLine(name: string, load: LoadResult): string {
  const produce = load.kind === 'produce';
  const rate = perSecond(load.ratePerSecond).replace('/s', ' records/sec');
  const volume = load.bytesPerSecond === null ? NONE : `${bytes(load.bytesPerSecond)}/sec`;
  const latency = produce ? load.ackMs : load.endToEndMs;
  const tail =
    latency === null
      ? 'no latency'
      : `${duration(latency.p50)} p50, ${duration(latency.p99)} p99, ${duration(latency.p999)} p99.9, ${duration(latency.max)} max`;
  const done = produce
    ? `${plural(load.sent, 'record')} sent`
    : `${plural(load.received, 'record')} received`;
  return `${name}: ${done}, ${rate} (${volume}), ${tail}`;
}

function fileLines({ folder, page }: SummaryOptions, ink: Paint): string[] {
  if (folder === undefined) return [];
  return page === undefined || page === null ? [ink.dim(folder)] : [page, ink.dim(folder)];
}
