/** After the load has stopped: wait for the cluster to settle, fix the end, and read the whole log back. */
import { join } from 'node:path';
import { auditLog } from '../audit/audit.ts';
import { resolveConfig } from '../clients/resolve.ts';
import type { RunningCluster } from '../cluster/cluster.ts';
import { FILES } from '../evidence/run-folder.ts';
import type { KafkaNames } from '../scenario/kafka-names.ts';
import { writesTransactions, writtenTopic } from '../scenario/written-topics.ts';
import type { Admin } from '../wire/admin.ts';
import { openTransactions, settledOffsets } from './offsets.ts';
import type { Session } from './session.ts';

/** Generous: an audit that ends early makes the verdict `unknown`. Interrupted, people do not wait so long. */
const LIMITS_MS = { settle: 45_000, read: 600_000 };
const LIMITS_INTERRUPTED_MS = { settle: 15_000, read: 30_000 };

export async function auditRun(
  session: Session,
  cluster: RunningCluster,
  { admin, names }: { readonly admin: Admin; readonly names: KafkaNames },
  from: readonly number[],
): Promise<void> {
  const { plan, clock } = session;
  const limits = session.signal.aborted ? LIMITS_INTERRUPTED_MS : LIMITS_MS;
  const transactional = await settleTransactions(session, admin);
  const to = await settledOffsets(admin, plan.streams, {
    timeoutMs: limits.settle,
    onUnsettled: (message) => session.event({ type: 'warning', code: 'unsettled', message }),
  });
  to.forEach((end, place) => {
    const where = plan.streams.partitions[place];
    if (end.offset !== null || where === undefined) return;
    session.event({ type: 'audit-skipped', ...where, reason: end.reason });
  });
  await auditLog({
    admin,
    connection: cluster.connection,
    names,
    streams: plan.streams,
    from,
    to: to.map(({ offset }) => offset),
    transactional,
    ledgerPath: join(plan.folder, FILES.auditLedger),
    nowUs: clock.nowUs,
    onEvent: session.record,
    progress: session.context.progress,
    signal: session.failed,
    deadlineMs: limits.read,
  });
}

/** Beyond its `transaction.timeout.ms`: coordinators look for what timed out every ten seconds. */
const OPEN_GRACE_MS = 20_000;

/** Waits for the end of what its producers left open; returns the topics that transactions write to. */
async function settleTransactions(session: Session, admin: Admin): Promise<ReadonlySet<string>> {
  const { plan, clock } = session;
  const loads = plan.scenario.load.filter(writesTransactions);
  const topics = new Set(loads.flatMap((load) => writtenTopic(load) ?? []));
  const timeouts = loads.map((load) => Number(resolveConfig(load)['transaction.timeout.ms']));
  const limitMs = session.signal.aborted
    ? LIMITS_INTERRUPTED_MS.settle
    : Math.max(...timeouts, 0) + OPEN_GRACE_MS;
  const beganUs = clock.nowUs();
  for (const place of await openTransactions(admin, plan.streams, topics, limitMs)) {
    const waitedMs = Math.round((clock.nowUs() - beganUs) / 1000);
    session.event({ type: 'unsettled-transaction', ...place, waitedMs });
  }
  return topics;
}
