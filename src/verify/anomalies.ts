/**
 * Findings become anomalies: judged by what the configuration promises, or by the scenario's own expectation about
 * the same count, which overrides it.
 */
import type { FaultMeasures } from '../measure/measures.ts';
import type { PlainMetricName } from '../scenario/metrics.ts';
import type { EpochsSeen } from './epochs-seen.ts';
import { MAX_EXAMPLES, type Tally, toExample } from './findings.ts';
import { type Circumstances, treatmentOf } from './guarantees.ts';
import type { LogEnds } from './log-ends.ts';
import type { Anomaly, AnomalyKind, ExpectationResult } from './result.ts';

/** Which count of the metric table an anomaly is. */
const COUNTED_AS: Partial<Record<AnomalyKind, PlainMetricName>> = {
  'acknowledged-loss': 'lost',
  duplicate: 'duplicated',
  reorder: 'reordered',
  'skipped-delivery': 'skipped',
  'relay-loss': 'unrelayed',
  'relay-duplicate': 'doubled',
};

export type AnomalyContext = Circumstances & {
  /** In the order of the scenario's `expect`. */
  readonly expectations: readonly ExpectationResult[];
  readonly faults: readonly FaultMeasures[];
  readonly measureUs: number;
  readonly epochs: EpochsSeen;
  readonly ends: LogEnds;
};

type Judged = Pick<Anomaly, 'judgement' | 'judgedBy' | 'why'>;

/** At most one anomaly per kind, judgement and reason; violations first. */
export function toAnomalies(tallies: readonly Tally[], context: AnomalyContext): Anomaly[] {
  const merged = new Map<string, Anomaly>();
  for (const tally of tallies) {
    const judged = judge(tally, context);
    const key = [tally.kind, judged.judgement, judged.why].join('\n');
    const known = merged.get(key);
    const examples = tally.examples.map((raw) => toExample(raw, context));
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
  if (own === undefined && tally.charge) return configured(true, tally.charge);
  if (own === undefined) {
    const { as, why } = treatmentOf(tally.kind, tally, {
      ...context,
      scenario: tally.under ?? scenario,
    });
    return configured(as !== 'expected', why);
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
