/**
 * What relays wrote, as one pass over the audit's ledger finds it: what is there twice, or where no input puts it, and
 * the balance of all accounts.
 *
 * Relay duplicate: an output stands more than once where its readers look, so its input counted twice. A failure with
 * transactions, which take the output and the input's offset together; expected without them, as a relay that dies
 * between the two works the input off again. Relay phantom: an output that no input can have there.
 *
 * Readers look at what is committed alone where the relay writes in transactions, and at all otherwise.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { type Relayed, relayedOf } from '../scenario/records/relayed.ts';
import type { RelaySpec } from '../scenario/relay-spec.ts';
import type { ConsumeLoad, Scenario } from '../scenario/scenario.ts';
import type { PlaceIndex, RelayedIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';

export type RelayLoad = ConsumeLoad & { readonly relay: RelaySpec };

export const isRelay = (load: Scenario['load'][number]): load is RelayLoad =>
  load.kind === 'consume' && load.relay !== undefined;

/** What was found of one relay's outputs. */
type Found = { records: number; again: number; balance: number };

export class RelayOutputs {
  readonly #scenario: Scenario;
  readonly #findings: Findings;
  readonly #found = new Map<string, Found>();

  constructor(scenario: Scenario, findings: Findings) {
    this.#scenario = scenario;
    this.#findings = findings;
    for (const { name } of scenario.load.filter(isRelay)) {
      this.#found.set(name, { records: 0, again: 0, balance: 0 });
    }
  }

  of(load: string): Readonly<Found> {
    const found = this.#found.get(load);
    if (found === undefined) throw new Error(`load ${load} is no relay`);
    return found;
  }

  /** Of either reading, before the entry is added to the stream. */
  look(stream: RelayedIndex, place: PlaceIndex, entry: RawEntry): void {
    const load = this.#scenario.load.filter(isRelay).find(({ name }) => name === stream.load);
    const found = this.#found.get(stream.load);
    if (load === undefined || found === undefined) {
      throw new Error(`stream ${stream.number} belongs to ${stream.load}, which is no relay`);
    }
    const { kind, first, count } = entry;
    if (kind !== (load.relay.transactional ? 'read-committed' : 'read')) return;
    const again = seenBy(stream, load).countWithin(first, first + count);
    found.records += count;
    found.again += again;
    if (again > 0)
      this.#report('relay-duplicate', stream, place, entry, again, 'it is there already');
    const strays = this.#place(load, stream, place, entry, found);
    if (strays > 0)
      this.#report('relay-phantom', stream, place, entry, strays, 'no input puts it here');
  }

  /** Adds what the records do to the balance; returns how many of them belong somewhere else. */
  #place(
    { relay }: RelayLoad,
    { source, leg, partition: input }: RelayedIndex,
    { topic, partition }: PlaceIndex,
    { first, count }: RawEntry,
    found: Found,
  ): number {
    const partitions = this.#scenario.topics[relay.to]?.partitions ?? 1;
    let strays = 0;
    for (let sequence = first; sequence < first + count; sequence++) {
      const made = relayedOf(
        relay.makes,
        { stream: source, sequence, partition: input },
        partitions,
      );
      const { amount, partition: right } = made[leg] as Relayed;
      found.balance += amount;
      if (topic !== relay.to || partition !== right) strays += 1;
    }
    return strays;
  }

  #report(
    kind: 'relay-duplicate' | 'relay-phantom',
    { load, source, leg }: RelayedIndex,
    { topic, partition }: PlaceIndex,
    { first, baseOffset, timeUs, leaderEpoch }: RawEntry,
    count: number,
    why: string,
  ): void {
    this.#findings.add({ kind, load, topic, excuse: null }, count, () => ({
      ...{ topic, partition, offset: baseOffset, sequence: first, timeUs, leaderEpoch },
      producer: `${load}, of stream ${source}`,
      note: `output ${leg + 1} of its input: ${why}`,
    }));
  }
}

/** What its readers see of the stream: sequences of the inputs. */
export const seenBy = ({ read, committed }: RelayedIndex, { relay }: RelayLoad) =>
  relay.transactional ? committed : read;
