/** A comparison in words, for the terminal and for the page. */
import { count, inUnit, NONE, plural, share } from '../../report/format.ts';
import { type CompareFindings, isRegression, type MetricFinding, type Pair } from './findings.ts';
import { type ComparedMetric, metricOf } from './metrics.ts';

const LATENCIES: Readonly<Record<string, string>> = { ack: 'response time', e2e: 'end to end' };

/** `p99 of the response time`, `CPU of the brokers, per record`. */
export function label(name: string): string {
  if (name === 'rate') return 'acknowledged per second';
  if (name === 'received') return 'handed over per second';
  const [, what = name, of = ''] = /^(\w+)\((.+)\)$/.exec(name) ?? [];
  if (what === 'cpu') return `CPU of ${of}, per record`;
  if (what === 'recovery') return `recovery after ${of}`;
  return `${what === 'p999' ? 'p99.9' : what} ${LATENCIES[of] ?? of}`;
}

export const valueText = (value: number | null, { unit }: Pick<ComparedMetric, 'unit'>): string => {
  if (unit !== 'us-per-record') return inUnit(value, unit);
  return value === null ? NONE : `${value.toPrecision(3)} µs`;
};

/** `+3.1 %`; what is several times as much is a factor, `×14`. */
export function changeText(change: number | null): string {
  if (change === null) return NONE;
  if (change > 2) return `×${(1 + change).toPrecision(3)}`;
  const text = (change * 100).toFixed(1);
  return `${change >= 0 ? '+' : ''}${text} %`;
}

export const intervalText = ({ interval }: Pick<MetricFinding, 'interval'>): string =>
  interval === null ? NONE : `${changeText(interval.low)} … ${changeText(interval.high)}`;

export const verdictText = (
  { verdict }: Pick<MetricFinding, 'verdict'>,
  { practical }: Pick<CompareFindings['rules'], 'practical'>,
): string =>
  verdict === 'no difference' ? `no difference (within ±${share(practical)})` : verdict;

/** One sentence: what the comparison says. */
export function headline({ answer, refusal }: Pick<CompareFindings, 'answer' | 'refusal'>): string {
  if (refusal !== null) return `not compared: ${refusal.why}`;
  switch (answer) {
    case 'better':
      return 'the candidate is better';
    case 'worse':
      return 'the candidate is worse';
    case 'better and worse':
      return 'the candidate is better in some metrics and worse in others';
    case 'no difference':
      return 'no difference';
    default:
      return 'inconclusive';
  }
}

export function explanation(found: CompareFindings): string {
  const { refusal, metrics, rules, answer } = found;
  if (refusal !== null) return REFUSED[refusal.kind];
  const regressions = metrics.filter((metric) => isRegression(metric, rules.tolerance));
  if (regressions.length > 0) {
    const named = regressions.map((one) => `${label(one.name)} ${changeText(one.change)}`);
    const beyond =
      rules.tolerance === 0 ? '' : ` beyond the tolerance of ${share(rules.tolerance)}`;
    return `A regression${beyond}: ${named.join(', ')}.`;
  }
  if (answer !== 'inconclusive') return `Decided after ${sampleText(found)}.`;
  const open = metrics.filter(({ decides, verdict }) => decides && verdict === 'inconclusive');
  if (open.length === 0) return 'None of the metrics asked for was measured.';
  const smallest = open.map(
    ({ name, detectable }) =>
      `${label(name)} (${detectable === null || detectable > BEYOND_TELLING ? 'too few runs' : `only a difference of ${changeText(detectable)} would have shown`})`,
  );
  return `Open after ${sampleText(found)}: ${smallest.join(', ')}.`;
}

/** A factor so large that nobody hopes for it. */
const BEYOND_TELLING = 99;

const REFUSED = {
  delivery:
    'Runs that break promises about delivery are not compared: what is not done is soon done.',
  generator: 'The load generator was the limit, so the runs say how fast it is, not the cluster.',
  unusable: 'A run that is void, or did not come to its end, says nothing.',
} as const;

export const sampleText = ({ compared }: Pick<CompareFindings, 'compared'>): string =>
  compared.design === 'pairs'
    ? `${plural(compared.looked.at(-1) ?? compared.pairs.length, 'pair')} of runs`
    : `${count(compared.base.length)} and ${plural(compared.candidate.length, 'run')}`;

/** Null: no neighbour made any run noisy, as far as that is known. */
export function noise({ compared }: Pick<CompareFindings, 'compared'>): string | null {
  const runs =
    compared.design === 'pairs'
      ? compared.pairs.flatMap(({ base, candidate }) => [base, candidate])
      : [...compared.base, ...compared.candidate];
  const noisy = runs.filter(({ neighbours }) => neighbours !== null).length;
  return noisy === 0
    ? null
    : `Others used the machine in ${noisy} of ${plural(runs.length, 'run')}: what differs little needs it for itself.`;
}

/** One line while the comparison goes on. `names`: of the metrics to tell. */
export function pairLine(
  { number, first, base, candidate }: Pair,
  names: readonly string[],
): string {
  const told = names.flatMap((name) => {
    const [ours, theirs] = [base.values[name] ?? null, candidate.values[name] ?? null];
    if (ours === null || theirs === null) return [];
    const metric = metricOf(name);
    return `${name} ${valueText(ours, metric)} → ${valueText(theirs, metric)} (${changeText(theirs / ours - 1)})`;
  });
  const others = Math.max(base.neighbours ?? 0, candidate.neighbours ?? 0);
  const beside = others === 0 ? '' : `; others used ${others.toFixed(1)} cores meanwhile`;
  return `pair ${number} (${first} first): ${told.join(', ')}${beside}`;
}

export function lookLine(metrics: readonly MetricFinding[], pairs: number): string {
  const open = metrics.filter(({ decides, verdict }) => decides && verdict === 'inconclusive');
  return open.length === 0
    ? `after ${plural(pairs, 'pair')}: decided`
    : `after ${plural(pairs, 'pair')}: open are ${open.map(({ name }) => name).join(', ')}`;
}

/** Ends with a line break. */
export function summaryText(found: CompareFindings): string {
  const width = Math.max(0, ...found.metrics.map(({ name }) => label(name).length));
  const lines = found.metrics.map((metric) => {
    const values = `${valueText(metric.base, metric)} → ${valueText(metric.candidate, metric)}`;
    return `  ${label(metric.name).padEnd(width)}  ${values.padEnd(24)} ${changeText(metric.change).padStart(8)}  ${verdictText(metric, found.rules)}`;
  });
  const beside = noise(found);
  return `${[headline(found), explanation(found), ...(beside === null ? [] : [beside]), ...lines].join('\n')}\n`;
}
