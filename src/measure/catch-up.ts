/** How groups that began late caught up with the backlog that stood by then; times are from the start of `measure`. */
import { type RunEvidence, sinceMeasureMs } from '../evidence/read-run.ts';
import type { ConsumeLoad, Scenario } from '../scenario/scenario.ts';
import { writesTransactions, writtenTopic } from '../scenario/written-topics.ts';
import type { CatchUp, SecondMeasures } from './measures.ts';

type Growth = { readonly atMs: number; readonly records: number };

/** By load; null for one that never began, and where markers of transactions stand among the records of the log. */
export function catchUps(
  scenario: Scenario,
  evidence: RunEvidence,
  rows: readonly SecondMeasures[],
): Readonly<Record<string, CatchUp | null>> {
  const late = scenario.load.filter((load) => load.kind === 'consume');
  const marked = new Set(scenario.load.filter(writesTransactions).map(writtenTopic));
  return Object.fromEntries(
    late.flatMap((load) =>
      load.startMs === undefined
        ? []
        : [[load.name, marked.has(load.topic) ? null : catchUp(load, evidence, rows)]],
    ),
  );
}

function catchUp(
  load: ConsumeLoad,
  evidence: RunEvidence,
  rows: readonly SecondMeasures[],
): CatchUp | null {
  const begun = evidence.events.find(
    (event) => event.type === 'consumers-started' && event.load === load.name,
  );
  const growth = growthOf(load.topic, evidence);
  const last = growth.at(-1);
  if (begun === undefined || last === undefined) return null;
  const startedAtMs = sinceMeasureMs(evidence.schedule, begun.t);
  const own = rows.filter((row) => row.load === load.name);
  const backlog = recordsAt(growth, startedAtMs);
  let received = 0;
  let bytes = 0;
  let endMs = startedAtMs;
  let caughtUp = false;
  for (let second = Math.floor(startedAtMs / 1000); second * 1000 < last.atMs; second++) {
    for (const row of own) {
      if (row.second !== second) continue;
      received += row.received;
      bytes += row.receivedBytes;
    }
    endMs = (second + 1) * 1000;
    caughtUp = received >= recordsAt(growth, Math.max(startedAtMs, second * 1000));
    if (caughtUp) break;
  }
  const watchedMs = endMs - startedAtMs;
  if (watchedMs <= 0) return null;
  return {
    startedAtMs,
    backlog,
    catchUpMs: caughtUp ? watchedMs : null,
    watchedMs,
    ratePerSecond: (received / watchedMs) * 1000,
    bytesPerSecond: (bytes / watchedMs) * 1000,
  };
}

/** How many records the topic has got since the run began; where that is not known, since it was first looked at. */
function growthOf(topic: string, { samples, schedule, events }: RunEvidence): readonly Growth[] {
  const first = new Map(
    events.flatMap((event) =>
      event.type === 'audit' && event.topic === topic ? [[event.partition, event.from]] : [],
    ),
  );
  const now = new Map<number, number>();
  const growth: Growth[] = [];
  for (const sample of samples) {
    if (sample.type !== 'offsets' || sample.topic !== topic) continue;
    const { partition, highWatermark } = sample;
    if (!first.has(partition)) first.set(partition, highWatermark);
    now.set(partition, highWatermark);
    let records = 0;
    for (const [one, offset] of now) records += offset - (first.get(one) ?? 0);
    growth.push({ atMs: sinceMeasureMs(schedule, sample.t), records });
  }
  return growth;
}

/** As last seen by then. */
const recordsAt = (growth: readonly Growth[], atMs: number): number =>
  growth.findLast((one) => one.atMs <= atMs)?.records ?? 0;
