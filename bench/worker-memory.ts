/**
 * Does a producer worker stay small? Ten million records through the worker's body with a client that answers at
 * once, and again with a cluster that is silent for fifteen seconds of every minute. Prints resident memory and CPU
 * and fails above its limits. Takes the number of records; compile it with tsc as tsconfig.json says, from the root.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientLibrary, SendResult, Slice } from '../src/clients/client.ts';
import { LedgerWriter } from '../src/evidence/ledger.ts';
import { FailingLedger } from '../src/load/failing-ledger.ts';
import { ProducerBody } from '../src/load/producer-body.ts';
import { produceLoad, workerPlan } from '../test/load/fake-client.ts';

/** The silence alone is 1.5 million records that wait. */
const LIMITS_MIB = { steady: 120, silent: 160 };
const PER_SECOND = 100_000;
const records = Number(process.argv[2] ?? 10_000_000);

class InstantClient implements ClientLibrary {
  readonly #now: () => number;
  readonly #isSilent: () => boolean;
  readonly held: (() => void)[] = [];

  constructor(now: () => number, isSilent: () => boolean) {
    this.#now = now;
    this.#isSilent = isSilent;
  }

  createProducer() {
    return {
      maxOutstanding: 1,
      connect: async () => {},
      close: async () => {},
      send: (_slice: Slice, done: (result: SendResult) => void) => {
        const base = { outcome: 'acknowledged', errorCode: 0, error: null } as const;
        const rest = { baseOffset: 0, attempts: 1, writtenUs: this.#now() };
        this.held.push(() => done({ ...base, ...rest }));
      },
    };
  }

  createConsumer(): never {
    throw new Error('this bench only produces');
  }

  answer(): void {
    if (this.#isSilent()) return;
    for (const done of this.held.splice(0)) done();
  }
}

const fail = (message: string): never => {
  throw new Error(message);
};

function measure(name: string, isSilentAt: (second: number) => boolean): number {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-bench-'));
  const ledger = new LedgerWriter(join(folder, 'bench.ledger'));
  let nowUs = 0;
  const client = new InstantClient(
    () => nowUs,
    () => isSilentAt(nowUs / 1_000_000),
  );
  const rate = { kind: 'constant', perSecond: PER_SECOND } as const;
  const load = produceLoad({ producers: 2, rate, config: { 'linger.ms': '5' } });
  const around = {
    clock: { nowUs: () => nowUs },
    ledger: new FailingLedger(ledger, fail),
    port: { send: () => {} },
  };
  const body = new ProducerBody(workerPlan(load, 6), load, client, around);
  const endUs = (records / PER_SECOND) * 1_000_000;
  body.begin({ warmupUs: 0, measureUs: 0, endUs });
  const before = process.cpuUsage();
  let peak = 0;
  for (; nowUs < endUs + 30_000_000; nowUs += 1000) {
    body.tick();
    client.answer();
    if (nowUs % 1_000_000 === 0) {
      body.flush();
      ledger.flush();
      peak = Math.max(peak, process.memoryUsage.rss());
    }
  }
  const { user, system } = process.cpuUsage(before);
  ledger.close();
  rmSync(folder, { recursive: true });
  const { offered, pending } = body.totals();
  const mib = Math.round(peak / 2 ** 20);
  const cpu = ((user + system) / offered).toFixed(2);
  console.log(
    `${name}: ${offered} offered, ${pending} pending, ${mib} MiB, ${cpu} CPU-s per million`,
  );
  return mib;
}

const steady = measure('answers at once', () => false);
const silent = measure('silent 15 s of every 60 s', (at) => at % 60 >= 40 && at % 60 < 55);
process.exitCode = steady > LIMITS_MIB.steady || silent > LIMITS_MIB.silent ? 1 : 0;
