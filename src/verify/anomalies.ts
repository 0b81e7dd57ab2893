/**
 * Findings become anomalies: judged by what the configuration promises, or by the scenario's own expectation about
 * the same count, which overrides it.
 */
import type { FaultMeasures } from '../measure/measures.ts';
import type { PlainMetricName } from '../scenario/metrics.ts';
import type { LoadSpec, Scenario } from '../scenario/scenario.ts';
import { MAX_EXAMPLES, type Tally, toExample } from './findings.ts';
import { inOrder, noDuplicates, noLoss, noSkips, noTruncation, type Promised } from './promises.ts';
import type { Anomaly, AnomalyKind, ExpectationResult } from './result.ts';

/** Which count of the metric table an anomaly is. */
const COUNTED_AS: Partial<Record<AnomalyKind, PlainMetricName>> = {
  'acknowledged-loss': 'lost',
  duplicate: 'duplicated',
  reorder: 'reordered',
  'skipped-delivery': 'skipped',
};

export type AnomalyContext = {
  readonly scenario: Scenario;
  /** In the order of the scenario's `expect`. */
  readonly expectations: readonly ExpectationResult[];
  readonly faults: readonly FaultMeasures[];
  readonly measureUs: number;
  /** Nothing was to be broken and nothing broke. */
  readonly undisturbed: boolean;
};

type Judged = Pick<Anomaly, 'judgement' | 'judgedBy' | 'why'>;

/** At most one anomaly per kind, judgement and reason; violations first. */
export function toAnomalies(tallies: readonly Tally[], context: AnomalyContext): Anomaly[] {
  const merged = new Map<string, Anomaly>();
  for (const tally of tallies) {
    const judged = judge(tally, context);
    const key = [tally.kind, judged.judgement, judged.why].join('\n');
    const known = merged.get(key);
    const examples = tally.examples.map((raw) => toExample(raw, context.measureUs, context.faults));
    merged.set(key, {
      kind: tally.kind,
      count: (known?.count ?? 0) + tally.count,
      ...judged,
      examples: [...(known?.examples ?? []), ...examples].slice(0, MAX_EXAMPLES),
    });
  }
  const rank = ({ judgement }: Anomaly): number => (judgement === 'violation' ? 0 : 1);
  return [...merged.values()].sort((a, b) => rank(a) - rank(b));
}

function judge(tally: Tally, context: AnomalyContext): Judged {
  const { scenario } = context;
  const configured = (holds: boolean, why: string): Judged => ({
    judgement: holds ? 'violation' : 'expected',
    judgedBy: 'configuration',
    why,
  });
  if (scenario.mustFind === tally.kind) {
    return configured(false, `the scenario must find it (must-find: ${tally.kind})`);
  }
  if (tally.excuse !== null) return configured(false, tally.excuse);
  const own = expectationAbout(tally, context);
  if (own === undefined) {
    const { holds, why } = promiseAbout(tally, context);
    return configured(holds, why);
  }
  return {
    judgement: own.verdict === 'fail' ? 'violation' : 'expected',
    judgedBy: 'expectation',
    why: `the scenario expects ${own.expression}`,
  };
}

/** The expectation that replaces the implied guarantee; of several the one that failed. */
function expectationAbout(
  tally: Tally,
  { scenario, expectations }: AnomalyContext,
): ExpectationResult | undefined {
  const metric = COUNTED_AS[tally.kind];
  const about = expectations.filter((_, i) => {
    const spec = scenario.expect[i];
    return spec?.metric === metric && (spec?.of === null || spec?.of === tally.load);
  });
  return about.find(({ verdict }) => verdict === 'fail') ?? about[0];
}

function promiseAbout(tally: Tally, { scenario, undisturbed }: AnomalyContext): Promised {
  const load = scenario.load.find(({ name }) => name === tally.load);
  switch (tally.kind) {
    case 'truncation':
      return noTruncation(scenario, tally.topic);
    case 'skipped-delivery':
      return noSkips(load);
    case 'stuck-group':
      return always('a group reads on once everything is healed');
    case 'phantom':
      return always('nothing stands in the log that was not sent there');
    case 'damaged':
      return always('a record is read as it was written');
    default:
      return ofProducer(tally.kind, scenario, load, undisturbed);
  }
}

const always = (why: string): Promised => ({ holds: true, why });

function ofProducer(
  kind: 'acknowledged-loss' | 'duplicate' | 'reorder' | 'inconsistent-offset',
  scenario: Scenario,
  load: LoadSpec | undefined,
  undisturbed: boolean,
): Promised {
  if (load?.kind !== 'produce') throw new Error(`${kind} without a produce load`);
  if (kind === 'duplicate') return noDuplicates(load);
  if (kind === 'reorder') return inOrder(load);
  // Where acknowledged records may be lost, their offsets may be given to others.
  return noLoss(scenario, load, undisturbed);
}
