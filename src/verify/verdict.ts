/** From evidence to the whole of `result.json`: a pure function, no clock and no cluster. */
import type { RunEvidence } from '../evidence/read-run.ts';
import type { LoadMeasures, Measures, ProcessorUse } from '../measure/measures.ts';
import type { DeliveryNumbers } from '../measure/metric-value.ts';
import type { LoadSpec, Scenario } from '../scenario/scenario.ts';
import { toAnomalies } from './anomalies.ts';
import { WHOLE_RUN } from './changes.ts';
import { DEFAULT_LIMIT_BYTES } from './checker-memory.ts';
import { conclude } from './conclude.ts';
import { countRecords, toNumbers } from './counts.ts';
import { coverageOf } from './coverage.ts';
import { dateExamples } from './date-examples.ts';
import { EpochsSeen } from './epochs-seen.ts';
import { judgeExpectation } from './expectations.ts';
import { BLINDING, closedGates } from './gates.ts';
import { isUndisturbed } from './guarantees.ts';
import { findHanging } from './hanging-transaction.ts';
import { type History, readHistory } from './history.ts';
import { type JudgedGroup, judgeGroups } from './judge-groups.ts';
import { judgeRelays, type RelaysByLoad } from './judge-relays.ts';
import { judgeTransactions } from './judge-transactions.ts';
import { voidWindows } from './lateness.ts';
import { LogEnds } from './log-ends.ts';
import {
  type LatencySummary,
  type LoadResult,
  RESULT_FORMAT,
  type Reason,
  type Result,
  type Verdict,
} from './result.ts';
import { stopsEarly } from './stopped-early.ts';
import { transactionGates } from './transaction-gates.ts';

const EXIT_CODES = { pass: 0, fail: 1, unknown: 3 } as const satisfies Record<Verdict, number>;

/** `limitBytes`: what its structures may hold. Throws on evidence that contradicts itself, such as a ledger of a stream the run does not have. */
export function verify(
  scenario: Scenario,
  evidence: RunEvidence,
  measures: Measures,
  limitBytes = DEFAULT_LIMIT_BYTES,
): Result {
  const died = loadsWithDeadWorkers(scenario, evidence);
  const history = readHistory(scenario, evidence, died, limitBytes);
  const groups = judgeGroups(scenario, evidence, history, died);
  const transactions = judgeTransactions(scenario, evidence, history);
  judgeCompacted(history);
  const relays = judgeRelays(scenario, history, groups);
  const unsettled = findHanging(scenario, evidence.events, history.findings);
  const counts = countRecords(history);
  const voids = voidWindows(scenario, measures);
  const seen = { scenario, evidence, measures, history };
  const gates = [
    ...closedGates({ ...seen, groups, counts, voids }),
    ...transactionGates({ scenario, evidence, history, transactions, unsettled }),
  ];
  const blind = gates.find(({ code }) => BLINDING.has(code))?.message ?? null;
  const delivery = numbersOf(counts, groups, transactions, relays);
  const expectations = scenario.expect.map((expectation) =>
    judgeExpectation(expectation, { measures, delivery, voids, blind }),
  );
  dateExamples(evidence, history.findings);
  const anomalies = toAnomalies(history.findings.all, {
    scenario,
    expectations,
    faults: measures.faults,
    measureUs: evidence.schedule?.measureUs ?? 0,
    undisturbed: isUndisturbed(scenario, evidence.events),
    epochs: new EpochsSeen(evidence.events),
    ends: new LogEnds(evidence.samples, evidence.events),
  });
  const { verdict, reasons } = conclude(scenario.mustFind, gates, expectations, anomalies, {
    stops: stopsEarly(evidence),
    doubts: [...unreadGroups(groups), ...unjudgedRelays(relays)],
  });
  return {
    format: RESULT_FORMAT,
    scenario: scenario.name,
    startedAt: evidence.record.startedAt,
    verdict,
    exitCode: EXIT_CODES[verdict],
    reasons,
    expectations: expectations.map(({ proven: _, ...told }) => told),
    delivery: {
      ...counts.total,
      byTopic: counts.byTopic,
      groups: Object.fromEntries(groups.map(({ group, counts: told }) => [group, told])),
      transactions: Object.fromEntries(transactions),
      relays: Object.fromEntries(
        [...relays].map(([load, { unjudged: _, ...told }]) => [load, told]),
      ),
      anomalies,
    },
    load: loadResults(scenario, measures),
    processors: processorsOf(measures),
    faults: measures.faults.map(({ offered: _o, watchedMs: _w, ...fault }) => fault),
    coverage: coverageOf({ scenario, evidence, faults: measures.faults, history, transactions }),
    environment: {
      ...evidence.environment,
      seed: evidence.record.seed,
      versions: evidence.record.versions,
    },
  };
}

/** The newest record of each key, once it is known what was committed. */
function judgeCompacted({ index, streams, keys, changes, findings, forgotten }: History): void {
  if (index.overflow) return;
  const transactional = new Set(
    streams.flatMap((one) => (one.transactional ? [one.load.name] : [])),
  );
  keys.judge(
    index,
    (load) => transactional.has(load),
    (topic) => ({ findings: findings.under(changes.inForce(topic, WHOLE_RUN)), forgotten }),
  );
}

const processorsOf = ({ windows }: Measures): ProcessorUse | null =>
  windows.find(({ window }) => window === 'measure')?.processors ?? null;

/** Groups that had records left to read, and too little time to say that they stand still. */
const unreadGroups = (groups: readonly JudgedGroup[]): readonly Reason[] =>
  groups.flatMap(({ group, unread }) =>
    unread === 0
      ? []
      : [
          {
            code: 'stuck-group',
            message: `group ${group} had ${unread} records to read when the drain ended; a longer \`drain\` may get them`,
            at: null,
          },
        ],
  );

/** Relays of which it was not looked for what they lost. */
const unjudgedRelays = (relays: RelaysByLoad): readonly Reason[] =>
  [...relays].flatMap(([load, { unjudged }]) =>
    unjudged === null
      ? []
      : [{ code: 'not-judged', message: `what relay ${load} lost: ${unjudged}`, at: null }],
  );

/**
 * Loads whose ledgers may lack their last moments: a worker died by itself, or at the end. One that a fault killed had
 * written down whatever it gave to Kafka or was handed, and committed, before.
 */
function loadsWithDeadWorkers(
  scenario: Scenario,
  { events, complete }: RunEvidence,
): ReadonlySet<string> {
  if (!complete) return new Set(scenario.load.map(({ name }) => name));
  return new Set(
    events.flatMap((event) =>
      event.type === 'worker-exited' && event.code !== 0 && !event.expected ? [event.load] : [],
    ),
  );
}

function numbersOf(
  counts: ReturnType<typeof countRecords>,
  groups: readonly JudgedGroup[],
  transactions: ReturnType<typeof judgeTransactions>,
  relays: RelaysByLoad,
): DeliveryNumbers {
  return {
    total: toNumbers(counts.total),
    byLoad: Object.fromEntries(
      Object.entries(counts.byLoad).map(([load, told]) => [load, toNumbers(told)]),
    ),
    groups: Object.fromEntries(groups.map(({ load, counts: told }) => [load, told])),
    transactions: Object.fromEntries(transactions),
    relays: Object.fromEntries(relays),
  };
}

function loadResults(scenario: Scenario, measures: Measures): Record<string, LoadResult> {
  const window = measures.windows.find((one) => one.window === 'measure');
  return Object.fromEntries(
    scenario.load.map((load) => {
      const catchUp = measures.catchUps[load.name];
      const told = catchUp === undefined ? {} : { catchUp };
      return [load.name, { ...loadResult(load, window?.loads[load.name]), ...told }];
    }),
  );
}

function loadResult({ kind }: LoadSpec, numbers: LoadMeasures | undefined): LoadResult {
  const latency = (name: keyof LoadMeasures['latency']): LatencySummary => {
    const found = numbers?.latency[name] ?? null;
    if (found === null) return null;
    const { p50, p99, p999, max } = found;
    return { p50, p99, p999, max };
  };
  return {
    kind,
    sent: numbers?.offered ?? 0,
    acknowledged: numbers?.acknowledged ?? 0,
    received: numbers?.received ?? 0,
    ratePerSecond: numbers?.ratePerSecond ?? null,
    bytesPerSecond: numbers?.bytesPerSecond ?? null,
    ackMs: latency('ack'),
    serviceMs: latency('service'),
    queueMs: latency('queue'),
    latenessMs: latency('lateness'),
    endToEndMs: latency('e2e'),
    cpuSecondsPerMillion: numbers?.cpuSecondsPerMillion ?? null,
  };
}
