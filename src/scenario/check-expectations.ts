/** Checks that expectations ask for something this scenario measures. */
import type { Report } from './collect.ts';
import { type Draft, type DraftLoad, entriesOf } from './draft.ts';
import { PHASE_WORDS, type ReadExpectation } from './expectation.ts';
import { METRICS, type MetricName, type MetricSpec } from './metrics.ts';
import type { Path } from './problem.ts';
import type { Window } from './scenario.ts';
import { suggest } from './suggest.ts';

export function checkExpectations(draft: Draft, report: Report): void {
  draft.expect?.forEach((read, index) => {
    if (read === undefined) return;
    const path = ['expect', index];
    const metric = METRICS[read.expectation.metric as MetricName];
    checkWindow(draft, path, read, metric, report);
    checkLoad(draft, path, read, metric, report);
  });
}

type Add = (message: string, hint?: string) => void;

function checkWindow(
  draft: Draft,
  path: Path,
  { expectation: { window, metric }, words }: ReadExpectation,
  spec: MetricSpec,
  report: Report,
): void {
  const offset = words.window?.offset ?? words.metric.offset;
  const add: Add = (message, hint) => report({ path, message, hint, offset });
  checkFaultName(draft, window, add);
  if (spec.window === 'after' && window.kind !== 'after') {
    add(`\`${metric}\` belongs to a fault`, `write \`${metric} after FAULT\``);
  } else if (spec.window !== 'after' && window.kind === 'after') {
    const during = spec.window === 'any' ? 'use `during`' : 'leave the window away';
    add(`\`${metric}\` is not measured after a fault`, during);
  } else if (spec.window === 'whole' && window.kind !== 'default') {
    add(`\`${metric}\` counts from warm-up to drain`, 'leave the window away');
  }
}

function checkFaultName({ faults }: Draft, window: Window, add: Add): void {
  if (window.kind !== 'during' && window.kind !== 'after') return;
  if (faults === undefined || Object.hasOwn(faults, window.fault)) return;
  const names = [...Object.keys(faults), ...(window.kind === 'during' ? PHASE_WORDS : [])];
  const what = window.kind === 'during' ? 'phase or fault' : 'fault';
  add(`no ${what} is called \`${window.fault}\``, suggest(window.fault, names));
}

function checkLoad(
  draft: Draft,
  path: Path,
  { expectation: { of, metric }, words }: ReadExpectation,
  spec: MetricSpec,
  report: Report,
): void {
  if (draft.load === undefined) return;
  const offset = (words.of ?? words.metric).offset;
  const add: Add = (message, hint) => report({ path, message, hint, offset });
  const right = loadsOf(draft, spec);
  if (of === null) {
    if (right.length === 0 && allRead(draft) && spec.of !== 'none') {
      add(`\`${metric}\` is of ${spec.of} loads, and there is none`, `add a ${spec.of} load`);
    }
  } else if (spec.of === 'none') {
    add(`\`${metric}\` is not measured per load`, `leave \`of ${of}\` away`);
  } else if (!Object.hasOwn(draft.load, of)) {
    add(`no load is called \`${of}\``, suggest(of, right));
  } else if (draft.load[of]?.kind !== undefined && !right.includes(of)) {
    add(`\`${metric}\` is of ${spec.of} loads, and \`${of}\` is not one`, suggest(of, right));
  }
  if (spec.intended) checkIntended(draft, of, metric, add);
}

const allRead = ({ load }: Draft): boolean =>
  Object.values(load ?? {}).every((entry) => entry?.kind !== undefined);

const loadsOf = (draft: Draft, { of }: MetricSpec): readonly string[] =>
  entriesOf(draft.load).flatMap(([name, { kind }]) => (of === 'any' || of === kind ? [name] : []));

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
