/** The follower beside traffic on a broker that lies: what it tells while it happens, and that it is silent otherwise. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { follow } from '../../../src/audit/follower/follower.ts';
import type { EventOf, RunEvent } from '../../../src/evidence/events.ts';
import { LedgerWriter } from '../../../src/evidence/ledger.ts';
import { createClock, monotonicNs } from '../../../src/lib/clock.ts';
import { waitFor } from '../../../src/lib/deadline.ts';
import { OWN_NAMES } from '../../../src/scenario/kafka-names.ts';
import { openAdmin } from '../../../src/wire/admin.ts';
import type { Lie } from '../../lying-broker/lies.ts';
import { type LyingBroker, startLyingBroker } from '../../lying-broker/lying-broker.ts';
import { client, oneProducer, sendBatch } from '../../lying-broker/traffic.ts';

type Trial = AsyncDisposable & {
  readonly broker: LyingBroker;
  readonly events: readonly RunEvent[];
  /** Ten records in each, as a worker would, ledger and all. */
  readonly send: (batches: number) => Promise<void>;
  readonly told: <T extends RunEvent['type']>(type: T) => Promise<EventOf<T>>;
  readonly end: () => Promise<EventOf<'follower-ended'>>;
};

async function trial(lies: readonly Lie[] = [], except: readonly string[] = []): Promise<Trial> {
  const broker = await startLyingBroker({ topics: { orders: 1 }, lies, nodes: 2 });
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-follower-'));
  mkdirSync(join(folder, 'ledger'));
  const admin = await openAdmin({ bootstrap: broker.addresses, connection: {}, clientId: 'test' });
  const producer = client(broker).producer();
  await producer.connect();
  const t0 = monotonicNs();
  const { nowUs } = createClock(t0);
  const stopping = new AbortController();
  const events: RunEvent[] = [];
  const following = follow({
    plan: {
      ...{ bootstrap: broker.addresses, connection: {}, names: OWN_NAMES, from: [0], except },
      ...{ streams: oneProducer('orders', 1), ledgers: join(folder, 'ledger'), loads: ['load'] },
      t0Ns: String(t0),
    },
    ...{ admin, nowUs, stopping: stopping.signal, onEvent: (event) => void events.push(event) },
  });
  const ledger = new LedgerWriter(join(folder, 'ledger', 'load-0.ledger'));
  let sequence = 0;
  const told: Trial['told'] = (type) =>
    waitFor(
      type,
      () => events.find((event): event is EventOf<typeof type> => event.type === type),
      { timeoutMs: 20_000, everyMs: 20 },
    );
  const end = async () => {
    stopping.abort();
    await following;
    return told('follower-ended');
  };
  return {
    ...{ broker, events, told, end },
    send: async (batches) => {
      for (let i = 0; i < batches; i++, sequence += 10) {
        const [answer] = await sendBatch(producer, 'orders', 0, 0, sequence, 10);
        ledger.append({
          ...{ kind: 'outcome', stream: 0, first: sequence, count: 10, outcome: 'acknowledged' },
          ...{ attempts: 1, errorCode: 0, timeUs: nowUs() },
          baseOffset: Number(answer?.baseOffset ?? -1),
        });
        ledger.flush();
      }
    },
    [Symbol.asyncDispose]: async () => {
      await end();
      ledger.close();
      await producer.disconnect();
      admin[Symbol.dispose]();
      await broker.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

const types = (events: readonly RunEvent[]): string[] =>
  [...new Set(events.map(({ type }) => type))].sort();

describe('the follower', { timeout: 30_000 }, () => {
  test('tells nothing but its count of an honest broker, also over a change of leadership', async () => {
    await using run = await trial();
    await run.send(5);
    await waitFor('reading', () => run.events.some(({ type }) => type === 'followed'), {
      timeoutMs: 10_000,
    });
    run.broker.move('orders', 0, 2);
    await run.send(5);
    expect(await run.end()).toMatchObject({
      ...{ lost: 0, gone: 0, hidden: 0, skipped: 0, compared: 100, notCompared: 0 },
      cpuMs: expect.any(Number),
    });
    expect(types(run.events)).toEqual(['followed', 'follower-ended']);
  });

  test('tells a truncation while the run goes on, and which records are gone', async () => {
    await using run = await trial([{ kind: 'truncate', batches: 2, from: 6 }]);
    await run.send(5);
    await run.told('followed');
    await run.send(4);
    const gone = await run.told('follower-gone');
    expect(gone).toMatchObject({ topic: 'orders', partition: 0 });
    expect(gone.runs[0]?.offset).toBeGreaterThanOrEqual(40);
    const { gone: all, lost } = await run.end();
    // Two batches of ten: what it had not read before is told as lost, and what it had read and not compared, as both.
    expect(all + lost).toBeGreaterThanOrEqual(20);
    expect(Math.max(all, lost)).toBeLessThanOrEqual(20);
  });

  test('tells a loss: acknowledged, and something else stands at its offset', async () => {
    await using run = await trial([{ kind: 'lose', from: 2 }]);
    await run.send(6);
    expect(await run.told('follower-lost')).toMatchObject({ count: 10, offset: 20, first: 20 });
    expect(await run.end()).toMatchObject({ lost: 10, gone: 0, compared: 50, notCompared: 0 });
  });

  test('tells nothing of what retention took', async () => {
    await using run = await trial();
    await run.send(3);
    run.broker.deleteBefore('orders', 0, 30);
    await run.send(3);
    expect(await run.end()).toMatchObject({ lost: 0, gone: 0 });
  });

  test('leaves out topics that may lawfully be other ones', async () => {
    await using run = await trial([{ kind: 'truncate', batches: 2, from: 3 }], ['orders']);
    await run.send(6);
    expect(await run.end()).toMatchObject({ read: 0, compared: 0, lost: 0, gone: 0 });
  });
});
