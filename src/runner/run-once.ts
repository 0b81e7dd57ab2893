/**
 * The story of one run: cluster up, load ∥ faults ∥ observe, heal, drain, audit, and then the verdict from the
 * evidence. Whatever happens on the way, what was started is stopped and what was recorded is judged.
 */
import type { RunningCluster } from '../cluster/cluster.ts';
import { runTimeline } from '../faults/timeline.ts';
import type { OrdealError } from '../lib/errors.ts';
import type { RunningLoad, Schedule } from '../load/control.ts';
import { startLoad } from '../load/workers.ts';
import { watchProcessors } from '../observe/processors.ts';
import { observeCluster } from '../observe/sampler.ts';
import { type Admin, openAdmin } from '../wire/admin.ts';
import { createArena } from './arena.ts';
import { auditRun } from './audit-run.ts';
import { drain } from './drain.ts';
import { startFollower } from './follow.ts';
import { beGuest, namesOn } from './guest.ts';
import { type Judgement, judge } from './judge.ts';
import { namedAdmin } from './named-admin.ts';
import { endOffsets } from './offsets.ts';
import type { RunPlan } from './plan.ts';
import { recordTopics } from './real-topics.ts';
import { type RunContext, Session } from './session.ts';
import { moveIn } from './tenant.ts';
import { placeGroups, prepareTopics } from './topics.ts';
import { watchConditions } from './watch-conditions.ts';

export type RunOutcome = Judgement & {
  /** What kept the run from going on, when something did; the verdict counts it already. */
  readonly failure: OrdealError | null;
};

/** Gives the workers time to hear when to start; nothing is offered before. */
const LEAD_US = 300_000;
const STOP_GRACE_MS = 10_000;

/** Throws only for a defect of ours, after everything was stopped and recorded. */
export async function runOnce(plan: RunPlan, context: RunContext): Promise<RunOutcome> {
  const failure = await conductRecorded(plan, context);
  return {
    ...(await judge(plan.folder, { fresh: true, checkerBytes: context.checkerBytes })),
    failure,
  };
}

async function conductRecorded(plan: RunPlan, context: RunContext): Promise<OrdealError | null> {
  using session = new Session(plan, context);
  try {
    await conduct(session);
    session.failed.throwIfAborted();
    return null;
  } catch (error) {
    return session.recordFailure(error);
  }
}

async function conduct(session: Session): Promise<void> {
  const { plan, signal } = session;
  await using cluster = await plan.provider.start(
    { scenario: plan.scenario, proxied: plan.proxied },
    session.clusterContext,
  );
  const names = namesOn(cluster, session);
  using direct = await openAdmin({
    bootstrap: cluster.harness,
    connection: cluster.connection,
    clientId: 'ordeal-harness',
  });
  const admin = namedAdmin(direct, names);
  session.recordEnvironment(cluster);
  await using _guest = beGuest(session, names, direct);
  await using tenant = await moveIn(session, cluster, direct);
  await prepareTopics(admin, plan.scenario, names, signal);
  if (cluster.provider === 'external') await recordTopics(session, admin, names);
  const from = await endOffsets(admin, plan.streams);
  await placeGroups(admin, plan.scenario, names, plan.streams, from);
  await using load = startLoad(session.loadPlan(cluster, names), session.loadListener, signal);
  await load.ready;
  await using follower = plan.follow ? startFollower(session, cluster, { names, from }) : null;
  await trial(session, cluster, admin, load);
  await load.stop(STOP_GRACE_MS);
  await follower?.stop();
  session.failed.throwIfAborted();
  await auditRun(session, cluster, { admin, names }, from);
  tenant.finished();
}

/** Traffic and faults, from the first offered record to the end of the drain. */
async function trial(
  session: Session,
  cluster: RunningCluster,
  admin: Admin,
  load: RunningLoad,
): Promise<void> {
  const { plan, clock, signal } = session;
  const schedule = scheduleFrom(clock.nowUs() + LEAD_US, plan);
  session.event({ type: 'schedule', ...schedule });
  load.begin(schedule);
  const { pids, sample } = session;
  using _processors = watchProcessors({ clock, pids: () => pids, onSample: sample });
  const watching = new AbortController();
  const observing = observeCluster({
    admin,
    clock,
    topics: Object.keys(plan.scenario.topics),
    groups: plan.scenario.load.flatMap((one) => (one.kind === 'consume' ? [one] : [])),
    onEvent: session.record,
    onSample: session.sample,
    signal: watching.signal,
  });
  try {
    const faults = runTimeline({
      faults: plan.scenario.faults,
      arena: createArena({ cluster, admin, load }, session),
      clock,
      ...schedule,
      onEvent: session.faultEvent,
    });
    const watched = watchConditions(session, load, schedule);
    await session.phase('warmup', schedule.warmupUs, schedule.measureUs);
    await session.phase('measure', schedule.measureUs, schedule.endUs);
    await watched;
    session.event({ type: 'phase-started', phase: 'drain' });
    await faults;
    if (!signal.aborted) await drain(admin, plan.scenario, load, signal);
    session.event({ type: 'phase-ended', phase: 'drain' });
  } finally {
    watching.abort();
    await observing;
  }
}

function scheduleFrom(warmupUs: number, { scenario: { phases } }: RunPlan): Schedule {
  const measureUs = warmupUs + phases.warmupMs * 1000;
  return { warmupUs, measureUs, endUs: measureUs + phases.measureMs * 1000 };
}
