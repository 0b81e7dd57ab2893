/** Checks that expectations ask for something this scenario measures. */
import type { Report } from './collect.ts';
import { type Draft, type DraftLoad, entriesOf } from './draft.ts';
import type { ReadExpectation } from './expectation.ts';
import { METRICS, type MetricName, type MetricSpec } from './metrics.ts';
import type { Path } from './problem.ts';
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

function checkWindow(
  { faults }: Draft,
  path: Path,
  { expectation: { window, metric }, words }: ReadExpectation,
  spec: MetricSpec,
  report: Report,
): void {
  const offset = words.window?.offset ?? words.metric.offset;
  const add = (message: string, hint?: string): void => report({ path, message, hint, offset });
  if (window.kind === 'during' || window.kind === 'after') {
    const names = Object.keys(faults ?? {});
    if (faults !== undefined && !names.includes(window.fault)) {
      const phases = window.kind === 'during' ? ['warmup', 'measure', 'drain', 'steady'] : [];
      const what = window.kind === 'during' ? 'phase or fault' : 'fault';
      add(`no ${what} is called \`${window.fault}\``, suggest(window.fault, [...names, ...phases]));
    }
  }
  if (spec.window === 'after' && window.kind !== 'after') {
    add(`\`${metric}\` belongs to a fault`, `write \`${metric} after FAULT\``);
  } else if (spec.window !== 'after' && window.kind === 'after') {
    add(
      `\`${metric}\` is not measured after a fault`,
      spec.window === 'any' ? 'use `during`' : undefined,
    );
  } else if (spec.window === 'whole' && window.kind !== 'default') {
    add(`\`${metric}\` counts from warm-up to drain`, 'leave the window away');
  }
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
  const add = (message: string, hint?: string): void => report({ path, message, hint, offset });
  const named = of === null ? undefined : draft.load[of];
  if (of !== null && spec.of === 'none') {
    add(`\`${metric}\` is not measured per load`, `leave \`of ${of}\` away`);
    return;
  }
  if (of !== null && !Object.hasOwn(draft.load, of)) {
    add(`no load is called \`${of}\``, suggest(of, loadsOf(draft, spec)));
    return;
  }
  const right = loadsOf(draft, spec);
  if (of !== null && named?.kind !== undefined && !right.includes(of)) {
    add(`\`${metric}\` is of ${spec.of} loads, and \`${of}\` is not one`, suggest(of, right));
  }
  if (of === null && right.length === 0 && allRead(draft) && spec.of !== 'none') {
    add(`\`${metric}\` is of ${spec.of} loads, and there is none`, `add a ${spec.of} load`);
  }
  if (spec.intended) checkIntended(draft, of, metric, add);
}

const allRead = ({ load }: Draft): boolean =>
  Object.values(load ?? {}).every((entry) => entry?.kind !== undefined);

const loadsOf = (draft: Draft, { of }: MetricSpec): readonly string[] =>
  entriesOf(draft.load).flatMap(([name, { kind }]) => (of === 'any' || of === kind ? [name] : []));

/** `rate: max` has no intended times, so nothing can be measured from them. */
function checkIntended(
  draft: Draft,
  of: string | null,
  metric: string,
  add: (message: string, hint: string) => void,
): void {
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
