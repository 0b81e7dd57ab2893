/**
 * Gates: what makes a run unable to say yes. A gate never hides a proven violation; it turns everything else into
 * `unknown`, because a check that could not have failed says nothing.
 */
import type { EventOf, RunEvent } from '../evidence/events.ts';
import { type RunEvidence, sinceMeasureMs } from '../evidence/read-run.ts';
import type { FaultMeasures, Measures } from '../measure/measures.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { formatSize } from '../scenario/units.ts';
import { loadUnder } from '../scenario/where.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { RecordCounts } from './counts.ts';
import type { History } from './history.ts';
import type { JudgedGroup } from './judge-groups.ts';
import type { DeliveryCounts, Reason, ReasonCode } from './result.ts';

export type GateInput = {
  readonly scenario: Scenario;
  readonly evidence: RunEvidence;
  readonly measures: Measures;
  readonly history: History;
  readonly groups: readonly JudgedGroup[];
  readonly counts: Pick<RecordCounts, 'total' | 'byLoad'>;
  readonly voids: ReadonlyMap<string, string>;
};

/** Gates after which the evidence is not whole: even a count of 0 means nothing then. */
export const BLINDING: ReadonlySet<ReasonCode> = new Set([
  'evidence-incomplete',
  'environment-failed',
  'interrupted',
  'no-traffic',
  'audit-incomplete',
  'memory-cap',
]);

export function closedGates(input: GateInput): Reason[] {
  return [
    ...endOfRun(input),
    ...deaths(input.evidence),
    ...traffic(input),
    ...input.measures.faults.flatMap((fault) => faultGates(fault, input)),
    ...emptyCampaign(input),
    ...auditGates(input),
    ...generator(input),
  ];
}

const reason = (code: ReasonCode, message: string, at: number | null = null): Reason => ({
  code,
  message,
  at,
});

function endOfRun({ evidence }: GateInput): Reason[] {
  const { events, schedule, complete } = evidence;
  const found = events.flatMap((event) => {
    const at = sinceMeasureMs(schedule, event.t);
    if (event.type === 'aborted') return [reason('environment-failed', event.message, at)];
    if (event.type !== 'interrupted') return [];
    return [reason('interrupted', `the run was interrupted by ${event.signal}`, at)];
  });
  if (found.length > 0 || (complete && schedule !== null)) return found;
  const message = complete
    ? 'no traffic was ever scheduled'
    : 'the run was not recorded to its end';
  return [reason('evidence-incomplete', message)];
}

type Exit = EventOf<'broker-exited'> | EventOf<'worker-exited'>;

function deaths({ events, schedule }: RunEvidence): Reason[] {
  const unexpected = (event: RunEvent): event is Exit =>
    (event.type === 'broker-exited' || event.type === 'worker-exited') && !event.expected;
  return events.filter(unexpected).map((event) => {
    const how = event.signal === null ? `exit code ${event.code}` : event.signal;
    const at = sinceMeasureMs(schedule, event.t);
    return event.type === 'broker-exited'
      ? reason('broker-died', `broker ${event.broker} died by itself (${how})`, at)
      : reason('worker-died', `worker ${event.worker} of load ${event.load} died (${how})`, at);
  });
}

/** Of each load: what one did proves nothing of the others. */
function traffic({ scenario, counts, groups }: GateInput): Reason[] {
  const silent = scenario.load.flatMap(({ kind, name }): string[] => {
    if (kind === 'produce') return withoutRecords(name, counts.byLoad[name]);
    const idle = groups.some((group) => group.load === name && group.idle);
    return idle ? [`load ${name} received no record`] : [];
  });
  return silent.map((message) => reason('no-traffic', message));
}

function withoutRecords(load: string, counts: DeliveryCounts | undefined): string[] {
  const { acknowledged = 0, failed = 0, unknown = 0, read = 0 } = counts ?? {};
  if (acknowledged + failed + unknown === 0) return [`load ${load} sent no record`];
  if (acknowledged + (read ?? 0) > 0) return [];
  const log = read === null ? 'the log was not audited' : 'none is in the log';
  return [`no record of load ${load} was acknowledged and ${log}`];
}

const ENDS_EARLY: ReadonlySet<RunEvent['type']> = new Set([
  'interrupted',
  'aborted',
  'stopped-early',
]);

/** Whether and when the run was cut off: a fault that never had its time is no second reason then. */
function endOfStory({ events, complete }: RunEvidence): { cut: boolean; cutUs: number } {
  const end = events.find(({ type }) => ENDS_EARLY.has(type));
  return { cut: end !== undefined || !complete, cutUs: end?.t ?? Infinity };
}

function faultGates(fault: FaultMeasures, { scenario, evidence }: GateInput): Reason[] {
  const { name, injectedAtMs, effect } = fault;
  const { cut, cutUs } = endOfStory(evidence);
  const failures = evidence.events.flatMap((event) => {
    if (event.type !== 'fault-failed' || event.fault !== name) return [];
    // Waiting for its target was given up.
    if (event.step === 'inject' && event.t >= cutUs) return [];
    const at = sinceMeasureMs(evidence.schedule, event.t);
    return [reason('fault-failed', `fault ${name} failed to ${event.step}: ${event.message}`, at)];
  });
  if (injectedAtMs === null) {
    if (wasSkipped(name, evidence)) return failures;
    return failures.length > 0 || cut
      ? failures
      : [reason('fault-not-effective', `fault ${name} was never injected`)];
  }
  const found = [...failures];
  const probed = evidence.events.some(
    (event) => event.type === 'fault-probed' && event.fault === name,
  );
  if (!effect.proven && (probed || !cut)) {
    const message = `fault ${name} was not seen to have an effect: ${effect.evidence}`;
    found.push(reason('fault-not-effective', message, injectedAtMs));
  }
  if (fault.offered === 0 && !cut && harmedLoad(name, scenario) === null) {
    const message = `there was no traffic while ${name} was in force`;
    found.push(reason('no-traffic-in-fault', message, injectedAtMs));
  }
  return found;
}

/** A producer that is dead or stopped sends nothing, which is the effect and no lack of it. */
const harmedLoad = (fault: string, { faults }: Scenario): string | null => {
  const spec = faults.find(({ name }) => name === fault);
  return spec === undefined ? null : loadUnder(spec);
};

/** What would have harmed too many brokers at once is left out by design. */
const wasSkipped = (fault: string, { events }: RunEvidence): boolean =>
  events.some((event) => event.type === 'fault-skipped' && event.fault === fault);

/** Each of its faults may be left out, but not all of them. */
function emptyCampaign({ scenario, evidence }: GateInput): Reason[] {
  const budgeted = scenario.faults.filter(({ budget }) => budget !== undefined);
  const none = budgeted.length > 0 && budgeted.every(({ name }) => wasSkipped(name, evidence));
  return none
    ? [
        reason(
          'fault-not-effective',
          'every fault with a budget was left out: it was always used up',
        ),
      ]
    : [];
}

/** What is only consumed must be read back too: no delivery of a partition is judged that was not audited. */
function auditGates({ scenario, evidence, history }: GateInput): Reason[] {
  const used = new Set(scenario.load.map(({ topic }) => topic));
  const open = history.index.places.filter(
    ({ topic, audit }) => used.has(topic) && !audit?.complete,
  );
  const found = memoryGates(history);
  if (history.index.overflow) return found;
  for (const topic of history.keys.tooMany) {
    const message = `topic ${topic} has more keys or records than can be followed through compaction`;
    found.push(reason('memory-cap', message));
  }
  for (const [topic, why] of history.keys.unjudged) {
    const message = `whether compaction kept the newest records of topic ${topic}: ${why}`;
    found.push(reason('not-judged', message));
  }
  const nothing =
    evidence.streams.streams.length === 0 && scenario.load.some(({ kind }) => kind === 'produce');
  if (open.length === 0 && !nothing) return found;
  return [...found, reason('audit-incomplete', auditMessage(open, evidence))];
}

function memoryGates({ index, undecided, memory: { limitBytes } }: History): Reason[] {
  const limit = `the ${formatSize(limitBytes)} of memory that the checker may take`;
  const hint =
    'send in larger batches or for a shorter time, or let it take more (ORDEAL_CHECKER_MEMORY)';
  if (index.overflow) {
    return [reason('memory-cap', `the history is too broken up to be held in ${limit}; ${hint}`)];
  }
  if (!undecided) return [];
  const message = `whether all that was acknowledged stands where it was said cannot be told in ${limit}; ${hint}`;
  return [reason('memory-cap', message)];
}

const NAMED = 8;

function auditMessage(open: readonly PlaceIndex[], { events }: RunEvidence): string {
  const [first, ...others] = open;
  if (first === undefined) return 'the log was not audited';
  const named = others.slice(0, NAMED).map(({ topic, partition }) => `${topic}/${partition}`);
  const more = others.length > NAMED ? ` and ${others.length - NAMED} more` : '';
  const also = others.length === 0 ? '' : `; nor was all of ${named.join(', ')}${more} read`;
  return `${whyOpen(first, events)}${also}`;
}

function whyOpen({ topic, partition, audit }: PlaceIndex, events: readonly RunEvent[]): string {
  const where = `${topic}/${partition}`;
  if (audit !== null) {
    return `the audit of ${where} ended at offset ${audit.position} of ${audit.to}: ${audit.reason}`;
  }
  const skipped = events.flatMap((event) =>
    event.type === 'audit-skipped' && event.topic === topic && event.partition === partition
      ? [event.reason]
      : [],
  );
  return [`the log of ${where} was not audited`, ...skipped].join(': ');
}

function generator({ scenario, voids, history, counts: { total } }: GateInput): Reason[] {
  // Where a fault made producers late, only the time without it says what the harness can do.
  const harmed = scenario.faults.some((fault) => loadUnder(fault) !== null);
  const late = voids.get('measure') ?? (harmed ? voids.get('steady') : undefined);
  const found = late === undefined ? [] : [reason('generator-bound', late)];
  if (history.unanswered === 0) return found;
  const share = `${history.unanswered} of ${total.acknowledged + total.failed + total.unknown}`;
  const message = `${share} records had no answer when the drain ended; a longer \`drain\` may get them`;
  return [...found, reason('unanswered-sends', message)];
}
