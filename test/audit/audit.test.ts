/** The audit's reading: every codec, retention, strangers, transactions' markers, moving and missing leaders. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { produce } from '../../src/wire/apis/produce.ts';
import { batches } from '../../src/wire/batch.ts';
import { CODECS, type CodecName } from '../../src/wire/compression.ts';
import { openConnection } from '../../src/wire/connection.ts';
import { encodeBatch, type NewBatch } from '../../src/wire/encode-batch.ts';
import { type LyingBroker, startLyingBroker } from '../lying-broker/lying-broker.ts';
import { audit, oneProducer, stamped } from '../lying-broker/traffic.ts';

async function append(broker: LyingBroker, batch: NewBatch, topic = 'orders'): Promise<void> {
  const [address] = broker.addresses;
  if (address === undefined) throw new Error('no address');
  const options = { connection: {}, clientId: 'test', timeoutMs: 5000 };
  const connection = await openConnection(address, options);
  const records = await encodeBatch(batch);
  expect([...batches(records)]).toHaveLength(1);
  const topics = [{ topic, partitions: [{ partition: 0, records }] }];
  const answer = await connection.send(produce, { acks: -1, timeoutMs: 5000, topics });
  expect(answer.topics[0]?.partitions[0]?.errorCode).toBe(0);
  connection.close();
}

const records = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ value: stamped(0, first + i) }));

const brief = (
  entries: readonly { kind: string; first: number; baseOffset: number; count: number }[],
) =>
  entries.map(({ kind, first, baseOffset, count }) => `${kind} ${first} @${baseOffset} x${count}`);

describe('the audit', { timeout: 20_000 }, () => {
  test.each(Object.keys(CODECS) as CodecName[])('reads what %s packed', async (codec) => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    for (let i = 0; i < 3; i++) await append(broker, { records: records(i * 50, 50), codec });
    const { entries, audits } = await audit(broker, oneProducer('orders', 1));
    expect(brief(entries)).toEqual(['read 0 @0 x150']);
    expect(entries[0]).toMatchObject({ place: 0, leaderEpoch: 7 });
    expect(audits).toMatchObject([
      { from: 0, to: 150, position: 150, logStart: 0, complete: true, reason: 'read to the end' },
    ]);
  });

  test('begins and ends in the middle of batches', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    for (let i = 0; i < 3; i++) await append(broker, { records: records(i * 10, 10) });
    const found = await audit(broker, oneProducer('orders', 1), { from: [5], to: [23] });
    expect(brief(found.entries)).toEqual(['read 5 @5 x18']);
    expect(found.audits[0]).toMatchObject({ from: 5, to: 23, complete: true });
  });

  test('tells strangers, other runs, tombstones and damaged stamps apart', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    const otherRun = stamped(0, 1);
    otherRun.writeUInt32LE(1, 4);
    const short = stamped(0, 2).subarray(0, 50);
    await append(broker, {
      records: [
        { value: Buffer.from('not ours') },
        { value: null },
        { value: stamped(0, 0) },
        { value: otherRun },
        { value: short },
        { value: Buffer.alloc(0) },
      ],
    });
    const { entries } = await audit(broker, oneProducer('orders', 1));
    expect(brief(entries)).toEqual([
      'foreign 0 @0 x2',
      'read 0 @2 x1',
      'damaged 0 @3 x2', // A changed run id no longer has its checksum.
      'foreign 0 @5 x1',
    ]);
  });

  test('writes down the markers of transactions', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    await append(broker, {
      records: records(0, 2),
      flags: 0x10,
      producerId: 5,
      producerEpoch: 0,
      baseSequence: 0,
    });
    const marker = { key: Buffer.from([0, 0, 0, 1]), value: Buffer.alloc(6) };
    await append(broker, { records: [marker], flags: 0x30 });
    await append(broker, { records: records(2, 2) });
    const { entries, audits } = await audit(broker, oneProducer('orders', 1));
    expect(brief(entries)).toEqual(['read 0 @0 x2', 'marker 0 @2 x1', 'read 2 @3 x2']);
    expect(entries[1]).toMatchObject({ outcome: 'acknowledged' });
    expect(audits[0]).toMatchObject({ position: 5, complete: true });
  });

  test('says what retention took, and reads on from there', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    for (let i = 0; i < 3; i++) await append(broker, { records: records(i * 10, 10) });
    broker.deleteBefore('orders', 0, 20);
    const { entries, audits } = await audit(broker, oneProducer('orders', 1));
    expect(brief(entries)).toEqual(['read 20 @20 x10']);
    expect(audits[0]).toMatchObject({ from: 0, logStart: 20, position: 30, complete: true });
    expect(audits[0]?.reason).toContain('begins at 20');
  });

  test('is not complete where the log ends before it should', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    await append(broker, { records: records(0, 10) });
    const found = await audit(broker, oneProducer('orders', 1), { to: [15], deadlineMs: 700 });
    expect(brief(found.entries)).toEqual(['read 0 @0 x10']);
    expect(found.audits[0]).toMatchObject({ position: 10, complete: false });
    expect(found.audits[0]?.reason).toContain('high watermark is 10');
    const beyond = { from: [12], to: [15], deadlineMs: 700 };
    const [event] = (await audit(broker, oneProducer('orders', 1), beyond)).audits;
    expect(event).toMatchObject({ position: 12, complete: false });
    expect(event?.reason).toContain('ends before 12');
  });

  test('is not complete where nobody leads, and reads the rest', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 2 }, nodes: 2 });
    await append(broker, { records: records(0, 10) });
    const to = [10, 10];
    const streams = oneProducer('orders', 2);
    await broker.kill(2);
    const { audits } = await audit(broker, streams, { to, deadlineMs: 1500 });
    expect(audits.map(({ partition, complete }) => [partition, complete])).toEqual([
      [0, true],
      [1, false],
    ]);
    expect(audits[1]?.reason).toContain('cannot be reached');
  });

  test('keeps what it read when it is interrupted', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    await append(broker, { records: records(0, 10) });
    const abort = new AbortController();
    const reading = audit(broker, oneProducer('orders', 1), { to: [20], signal: abort.signal });
    await expect.poll(() => broker.log.length).toBe(1);
    setTimeout(() => abort.abort(), 300);
    const { audits } = await reading;
    expect(audits[0]).toMatchObject({ complete: false });
    expect(audits[0]?.reason).toContain('interrupted');
  });

  test('tells its progress in records', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    await append(broker, { records: records(0, 10) });
    const told: unknown[] = [];
    await audit(broker, oneProducer('orders', 1), {
      progress: ({ state, done, total, unit }) => told.push([state, done, total, unit]),
    });
    expect(told[0]).toEqual(['started', 0, 10, 'records']);
    expect(told.at(-1)).toEqual(['done', 10, 10, 'records']);
  });

  test.skipIf(!existsSync('/dev/full'))(
    'a ledger that cannot be written is one clear error',
    async () => {
      await using broker = await startLyingBroker({ topics: { orders: 1 } });
      await append(broker, { records: records(0, 10) });
      const ledgerPath = '/dev/full';
      await expect(audit(broker, oneProducer('orders', 1), { ledgerPath })).rejects.toMatchObject({
        code: 'out.unwritable',
      });
    },
  );
});
