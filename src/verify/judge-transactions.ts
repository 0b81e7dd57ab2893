/**
 * Every guarantee about transactions, in one pass over the workers' ledgers by time. Not judged are zombie writes (T5):
 * the ledger does not say which incarnation of a producer wrote a record, so what a fenced one still wrote shows only
 * where its transaction was never to be committed, as an aborted read.
 */
import type { Outcome, RawEntry } from '../evidence/ledger.ts';
import { mergeLedgers } from '../evidence/merge-ledgers.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { findAbortedReads } from './aborted-read.ts';
import { WHOLE_RUN } from './changes.ts';
import { findEarlyReads, noteEarlyDelivery } from './early-read.ts';
import type { History } from './history.ts';
import { tallyLosses } from './judge-acknowledged.ts';
import { findLost } from './lost-transaction.ts';
import { isCompacted, readsCommitted } from './promises.ts';
import type { TransactionCounts } from './result.ts';
import { findTorn } from './torn-transaction.ts';
import { endOf, type Transaction, TransactionBook } from './transaction-book.ts';
import { lookAt, type Reader, type Sight } from './transaction-sight.ts';

/** By load; only those that ran transactions. */
export type TransactionsByLoad = ReadonlyMap<string, TransactionCounts>;

type Counts = { -readonly [K in keyof TransactionCounts]: TransactionCounts[K] };

/** `history` is the run's, whole: it says what stands in the log and what groups were handed, and is told what was lost. */
export function judgeTransactions(
  scenario: Scenario,
  evidence: RunEvidence,
  history: History,
): TransactionsByLoad {
  const { index, streams } = history;
  const found = new Map<string, Counts>();
  // Which record stands where is not known then.
  if (index.overflow || history.undecided) return found;
  if (!streams.some(({ transactional }) => transactional)) return found;
  const readers = readersOf(scenario, history);
  const book = new TransactionBook(index.streams, (transaction) => {
    if (transaction.members.length === 0) return;
    const end = endOf(transaction);
    const sight = lookAt(transaction, index, [...readers.values()]);
    tally(found, transaction, end, sight);
    judge(history, [...readers.values()], transaction, end, sight);
  });
  const reader = evidence.ledgers.map(({ load }) => readers.get(load));
  mergeLedgers(
    evidence.ledgers.map(({ path }) => path),
    (entry, source) => visit(entry, source, book, reader[source], history),
  );
  book.end();
  return found;
}

/** By load. */
function readersOf(scenario: Scenario, { groups }: History): ReadonlyMap<string, Reader> {
  return new Map(
    groups.map(({ load: name, group, places }) => {
      const load = scenario.load.find((one) => one.name === name);
      return [name, { group, places, committedOnly: readsCommitted(load) }];
    }),
  );
}

function visit(
  entry: RawEntry,
  source: number,
  book: TransactionBook,
  reader: Reader | undefined,
  history: History,
): void {
  if (entry.kind === 'delivered' && reader?.committedOnly) {
    noteEarlyDelivery(reader.group, entry, book.open());
  }
  const transaction = book.add(entry, source);
  if (entry.kind !== 'commit-intent' || !transaction?.early.length) return;
  findEarlyReads(transaction, judgingOf(transaction, history).findings);
}

const isSeen = ({ visible, handedTo }: Sight): boolean => visible > 0 || handedTo !== null;

function tally(found: Map<string, Counts>, { of }: Transaction, end: Outcome, sight: Sight): void {
  const counts = found.get(of.load) ?? { committed: 0, aborted: 0, unknown: 0, unknownSeen: 0 };
  found.set(of.load, counts);
  if (end === 'acknowledged') counts.committed++;
  if (end === 'failed') counts.aborted++;
  if (end !== 'unknown') return;
  counts.unknown++;
  if (isSeen(sight)) counts.unknownSeen++;
}

function judge(
  history: History,
  readers: readonly Reader[],
  transaction: Transaction,
  end: Outcome,
  sight: Sight,
): void {
  const judging = judgingOf(transaction, history);
  if (end === 'failed') findAbortedReads(transaction, readers, judging.findings);
  else if (end === 'acknowledged' || isSeen(sight)) {
    judgeCommitted(history, transaction, sight, judging);
  }
}

/** A transaction is judged by the least that its topic promised in all of the run. */
function judgingOf({ of: { topic } }: Transaction, { changes, findings, forgotten }: History) {
  const under = changes.inForce(topic, WHOLE_RUN);
  const compacted = isCompacted(under, topic);
  return { findings: findings.under(under), forgotten, compacted };
}

/** Its producer was told that it is committed, or a reader has seen it. */
function judgeCommitted(
  { index, streams, changes, keys }: History,
  transaction: Transaction,
  sight: Sight,
  judging: ReturnType<typeof judgingOf>,
): void {
  // What a compaction takes between the two readings is not hidden.
  if (!judging.compacted) {
    findTorn(transaction, sight, judging);
    findLost(transaction, sight, judging);
  }
  if (changes.isOfFormer(transaction.of.topic, transaction.begunUs)) return;
  for (const entry of transaction.acknowledged) {
    const stream = streams[entry.stream];
    if (stream === undefined) continue;
    tallyLosses(index, stream, entry, judging.compacted, judging);
    if (endOf(transaction) === 'acknowledged') keys.acknowledged(stream.index, entry);
  }
}
