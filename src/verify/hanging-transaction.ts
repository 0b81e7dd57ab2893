/**
 * Hanging transaction (T4): after the traffic had ended and everything was healed, a partition's last stable offset
 * stayed below its high watermark for longer than any transaction may live: `transaction.timeout.ms` of the loads that
 * write there, and the coordinator's next look after that. Nobody at read_committed reads past it. A failure of
 * liveness unless the brokers may have lost what they knew of it; counted are partitions. Where the wait was shorter it
 * leaves the verdict open.
 */
import type { EventOf, RunEvent } from '../evidence/events.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { writesTransactions, writtenTopic } from '../scenario/written-topics.ts';
import type { Findings } from './findings.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
/** The broker's setting for how often its coordinator looks for transactions that are out of time. */
const SWEEP = 'transaction.abort.timed.out.transaction.cleanup.interval.ms';
const DEFAULT_SWEEP_MS = 10_000;
/** For the ends to be written to the partitions. */
const MARGIN_MS = 5000;

type Unsettled = EventOf<'unsettled-transaction'>;

/** Returns those of which it is not known whether they hang. */
export function findHanging(
  scenario: Scenario,
  events: readonly RunEvent[],
  findings: Findings,
): readonly Unsettled[] {
  return events.filter((event): event is Unsettled => {
    if (event.type !== 'unsettled-transaction') return false;
    const hangs = event.waitedMs >= patienceMs(scenario, event.topic);
    if (hangs) report(event, findings);
    return !hangs;
  });
}

/** For so long a transaction may stay open that its producer has left. */
export function patienceMs(scenario: Scenario, topic: string): number {
  const timeouts = scenario.load.flatMap((load) =>
    writtenTopic(load) === topic && writesTransactions(load)
      ? [Number(load.config['transaction.timeout.ms'] ?? DEFAULT_TIMEOUT_MS)]
      : [],
  );
  const sweep = Number(scenario.cluster.config[SWEEP] ?? DEFAULT_SWEEP_MS);
  return Math.max(0, ...timeouts) + sweep + MARGIN_MS;
}

function report(
  { topic, partition, lastStableOffset, highWatermark, waitedMs, t }: Unsettled,
  findings: Findings,
): void {
  findings.add({ kind: 'hanging-transaction', load: null, topic, excuse: null }, 1, () => ({
    topic,
    partition,
    offset: lastStableOffset,
    producer: null,
    sequence: null,
    timeUs: t,
    note: `${highWatermark - lastStableOffset} offsets were not stable after ${Math.round(waitedMs / 1000)} s`,
  }));
}
