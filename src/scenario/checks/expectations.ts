/** Checks that expectations ask for something this scenario measures. */

import { isLive } from '../abort-on.ts';
import { PHASE_WORDS, type ReadExpectation, type Word } from '../expectation.ts';
import { isMetricName, METRICS, type MetricName, type MetricSpec } from '../metrics.ts';
import type { Path } from '../problem.ts';
import type { Window } from '../scenario.ts';
import { suggest } from '../suggest.ts';
import type { Report } from '../yaml/collect.ts';
import { type Draft, type DraftLoad, entriesOf } from '../yaml/draft.ts';

export function checkExpectations(draft: Draft, report: Report): void {
  draft.expect?.forEach((read, index) => {
    if (read !== undefined) checkExpectation(draft, ['expect', index], read, report);
  });
  draft['abort-on']?.forEach((read, index) => {
    if (read === undefined) return;
    const path = ['abort-on', index];
    const live = checkLive(path, read, report);
    if (live) checkExpectation(draft, path, read, report);
  });
}

type Add = (message: string, hint?: string) => void;

function checkExpectation(draft: Draft, path: Path, read: ReadExpectation, report: Report): void {
  const { result, words, window } = read;
  if (!result.ok) report({ ...result, path });
  const at =
    (word: Word | undefined): Add =>
    (message, hint) =>
      report({ path, message, hint, offset: (word ?? words.metric)?.offset });
  checkFaultName(draft, window, at(words.window));
  const metric = words.metric?.text ?? '';
  if (!isMetricName(metric)) {
    checkLoadName(draft, words.of?.text ?? null, 'any', at(words.of));
    return;
  }
  checkWindow(window, metric, at(words.window));
  checkLoad(draft, words.of?.text ?? null, metric, at(words.of));
}

/** Whether it asks for something that is known while the run goes on. */
function checkLive(path: Path, { words, window }: ReadExpectation, report: Report): boolean {
  const metric = words.metric?.text ?? '';
  if (isMetricName(metric) && !isLive(metric)) {
    report({
      path,
      message: `\`${metric}\` is known only when the run is over`,
      hint: 'figures of each second: rate, received, errors, lag, p99(ack) and the like; or write it under expect',
      offset: words.metric?.offset,
    });
    return false;
  }
  const late = window.kind === 'phase' && ['steady', 'drain'].includes(window.phase);
  if (!late) return true;
  report({
    path,
    message: `what is ${window.phase === 'drain' ? 'in the drain stops nothing any more' : 'steady is known only when the run is over'}`,
    hint: 'use `during warmup`, `during measure` or `during FAULT`',
    offset: words.window?.offset,
  });
  return false;
}

function checkWindow(window: Window, metric: MetricName, add: Add): void {
  const takes = METRICS[metric].window;
  if (takes === 'after' && window.kind !== 'after') {
    add(`\`${metric}\` belongs to a fault`, `write \`${metric} after FAULT\``);
  } else if (takes !== 'after' && window.kind === 'after') {
    const during = takes === 'any' ? 'use `during`' : 'leave the window away';
    add(`\`${metric}\` is not measured after a fault`, during);
  } else if (takes === 'whole' && window.kind !== 'default') {
    add(`\`${metric}\` counts from warm-up to drain`, 'leave the window away');
  }
}

function checkFaultName({ faults }: Draft, window: Window, add: Add): void {
  if (window.kind !== 'during' && window.kind !== 'after') return;
  if (faults === undefined) return;
  if (faults[window.fault]?.kind === 'random') {
    const hint = `its faults are called ${window.fault}-1 and so on, as the seed draws them; leave the window away`;
    add(`\`${window.fault}\` is a campaign`, hint);
    return;
  }
  if (Object.hasOwn(faults, window.fault)) return;
  const names = [...Object.keys(faults), ...(window.kind === 'during' ? PHASE_WORDS : [])];
  const what = window.kind === 'during' ? 'phase or fault' : 'fault';
  add(`no ${what} is called \`${window.fault}\``, suggest(window.fault, names));
}

/** Whether the load exists and is of the right kind. */
function checkLoadName(draft: Draft, of: string | null, kind: MetricSpec['of'], add: Add): boolean {
  if (draft.load === undefined || of === null) return true;
  const right = loadsOf(draft, kind);
  if (!Object.hasOwn(draft.load, of)) {
    add(`no load is called \`${of}\``, suggest(of, right));
    return false;
  }
  return draft.load[of]?.kind === undefined || right.includes(of);
}

function checkLoad(draft: Draft, of: string | null, metric: MetricName, add: Add): void {
  if (draft.load === undefined) return;
  const { of: kind, intended } = METRICS[metric];
  const right = loadsOf(draft, kind);
  if (kind === 'none') {
    if (of !== null) add(`\`${metric}\` is not measured per load`, `leave \`of ${of}\` away`);
    return;
  }
  if (of === null && right.length === 0 && allRead(draft)) {
    add(`\`${metric}\` is of ${kind} loads, and there is none`, `add a ${kind} load`);
  }
  if (metric === 'catch-up') checkCatchUp(draft, of, add);
  const fits = checkLoadName(draft, of, kind, add);
  if (!fits && of !== null && Object.hasOwn(draft.load, of)) {
    add(`\`${metric}\` is of ${kind} loads, and \`${of}\` is not one`, suggest(of, right));
  }
  if (fits && intended) checkIntended(draft, of, metric, add);
}

const allRead = ({ load }: Draft): boolean =>
  Object.values(load ?? {}).every((entry) => entry?.kind !== undefined);

const loadsOf = (draft: Draft, of: MetricSpec['of']): readonly string[] =>
  entriesOf(draft.load).flatMap(([name, { kind }]) => (of === 'any' || of === kind ? [name] : []));

/** Only who begins late has something to catch up with. */
function checkCatchUp({ load = {} }: Draft, of: string | null, add: Add): void {
  const asked = of === null ? Object.values(load) : [load[of]];
  if (asked.some((one) => one?.kind === 'consume' && one.start !== undefined)) return;
  if (asked.some((one) => one === undefined || one.kind === undefined)) return;
  const what = of === null ? 'no group begins' : `\`${of}\` does not begin`;
  add(`${what} behind a backlog`, 'give the consume load a `start`, such as start: 30s');
}

/** `rate: max` has no intended times, so nothing can be measured from them. */
function checkIntended(draft: Draft, of: string | null, metric: string, add: Add): void {
  const loads = entriesOf(draft.load);
  const asked = of === null ? undefined : loads.find(([name]) => name === of)?.[1];
  const feeding = loads.find(
    ([name, load]) => isMax(load) && (asked === undefined || name === of || readsWhat(asked, load)),
  );
  if (feeding === undefined) return;
  add(
    `\`${metric}\` needs intended times, and load \`${feeding[0]}\` has none: its rate is max`,
    'use service(…) or queue(…) instead of ack, or give the load a rate',
  );
}

const isMax = (load: DraftLoad): boolean => load.kind === 'produce' && load.rate === 'max';

const readsWhat = (asked: DraftLoad, load: DraftLoad): boolean =>
  asked.kind === 'consume' && asked.topic === load.topic;
