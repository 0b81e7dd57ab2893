/**
 * The positive control, as shipped, on real brokers: acks=1, replication cut, leader killed. The checker must report exactly the
 * loss that the dead leader's own segments show: acknowledged offsets from the new leader's end at its election on.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EventOf } from '../../src/evidence/events.ts';
import { readLedger } from '../../src/evidence/ledger.ts';
import { FILES, workerLedger } from '../../src/evidence/run-folder.ts';
import { readStamp, type Stamp } from '../../src/payload/stamp.ts';
import { decodeSegment } from '../../src/wire/segment.ts';
import { eventIn, eventsOf, ordeal, resultOf, scratch, start } from '../cli/ordeal.ts';

const folder = scratch();
const SCENARIO = 'scenarios/control/acks-one-loses.yaml';
const out = join(folder, 'run');

describe('acks=1 with replication cut and the leader killed', () => {
  test('the loss found equals the one in the dead leader’s segments', {
    timeout: 300_000,
  }, async () => {
    const { ended } = start(['run', SCENARIO, '--out', out]);
    const killed = (await eventIn(
      out,
      'the kill',
      (event) => event.type === 'fault-injected' && event.kind === 'kill',
    )) as EventOf<'fault-injected'>;
    const dead = Number(/\d+/.exec(killed.target)?.[0]);
    const copy = join(folder, 'dead');
    cpSync(join(dataDirOf(dead), 'orders-0'), copy, { recursive: true });
    const elected = (await eventIn(
      out,
      'the election',
      (event) =>
        event.type === 'leadership' &&
        event.topic === 'orders' &&
        event.t > killed.t &&
        event.leader >= 0 &&
        event.leader !== dead,
    )) as EventOf<'leadership'>;
    const startOffset = epochStart(join(dataDirOf(elected.leader), 'orders-0'), elected.epoch);

    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    const acknowledged = acknowledgedIn(out);
    const expected = (await stampsOf(copy))
      .filter(({ offset }) => offset >= startOffset)
      .filter(acknowledged).length;
    expect(expected).toBeGreaterThan(0);
    const { delivery, verdict } = resultOf(out);
    expect(verdict).toBe('pass');
    expect(delivery.lost).toBe(expected);
    expect(delivery.anomalies.map(({ kind }) => kind)).toContain('acknowledged-loss');
  });

  test('the same evidence fails when nothing may be lost', async () => {
    const resolved = join(out, FILES.scenario);
    const text = readFileSync(resolved, 'utf8');
    const strict = join(folder, 'strict');
    cpSync(out, strict, { recursive: true });
    writeFileSync(
      join(strict, FILES.scenario),
      `${text.replace(/^must-find:.*\n/m, '').replace(/^expect:.*\n(?: .*\n)*/m, '')}expect:\n  - lost == 0\n`,
    );
    const { code } = await ordeal(['report', strict]);
    expect(code).toBe(1);
  });
});

function dataDirOf(node: number): string {
  const started = eventsOf(out).find(
    (event) => event.type === 'broker-started' && event.broker === node,
  ) as EventOf<'broker-started'>;
  return started.dataDir;
}

/** Where the epoch starts, from Kafka's own leader-epoch-checkpoint: lines `EPOCH OFFSET` after two of header. */
function epochStart(partition: string, epoch: number): number {
  const lines = readFileSync(join(partition, 'leader-epoch-checkpoint'), 'utf8').split('\n');
  const found = lines.slice(2).find((line) => line.startsWith(`${epoch} `));
  if (found === undefined) throw new Error(`no epoch ${epoch} in ${lines.join(' / ')}`);
  return Number(found.split(' ')[1]);
}

type Found = { readonly offset: number; readonly stream: number; readonly sequence: number };

async function stampsOf(partition: string): Promise<Found[]> {
  const found: Found[] = [];
  const stamp = {} as Stamp;
  const log = readFileSync(join(partition, '00000000000000000000.log'));
  for (const batch of decodeSegment(log)) {
    await batch.visit(({ body, offset, valueAt, valueLength }) => {
      if (valueLength < 0 || readStamp(body, valueAt, valueLength, stamp) !== 'ok') return;
      found.push({ offset, stream: stamp.stream, sequence: stamp.sequence });
    });
  }
  return found;
}

/**
 * Whether a record was acknowledged at the very offset where it was found. A batch that the dead leader wrote and did not
 * answer for any more is sent again and acknowledged by its successor at another offset: that one is not lost.
 */
function acknowledgedIn(run: string): (found: Found) => boolean {
  const offsets = new Map<string, number>();
  readLedger(join(run, workerLedger('checkout', 0)), (entry) => {
    if (entry.kind !== 'outcome' || entry.outcome !== 'acknowledged') return;
    for (let n = 0; n < entry.count; n++) {
      offsets.set(`${entry.stream}/${entry.first + n}`, entry.baseOffset + n);
    }
  });
  return ({ offset, stream, sequence }) => offsets.get(`${stream}/${sequence}`) === offset;
}
