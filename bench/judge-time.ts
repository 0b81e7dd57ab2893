/**
 * How long does the judge take? A synthetic run of so many records (ten million unless told otherwise), in slices of
 * ten, by four producers in two workers to four partitions, read back and handed to a group; prints the processor
 * seconds that `verify` takes and the memory of the process afterwards.
 */
import { measure } from '../src/measure/measure.ts';
import { verify } from '../src/verify/verdict.ts';
import {
  aScenario,
  atSecond,
  consumeLoad,
  killFault,
  produceLoad,
  RunBuilder,
} from '../test/fixtures/run-builder.ts';

const SLICE = 10;
const PARTITIONS = 4;
const PRODUCERS = 4;
const records = Number(process.argv[2] ?? 10_000_000);

using run = new RunBuilder(
  aScenario({
    topics: { orders: { partitions: PARTITIONS, replicas: 3, config: {} } },
    load: [
      produceLoad({ producers: PRODUCERS, workers: 2, rate: { kind: 'max' } }),
      consumeLoad({ consumers: 2, workers: 2 }),
    ],
    faults: [killFault()],
  }),
);
run.fault('leader-dies', 10, 20);
for (let second = 0; second < 30; second++) {
  run.second({ second, offered: records / 30, acknowledged: records / 30, received: 1 });
}
const next = new Array<number>(PARTITIONS).fill(0);
const slices = Math.floor(records / SLICE);
for (let slice = 0; slice < slices; slice++) {
  const stream = slice % (PARTITIONS * PRODUCERS);
  const producer = Math.floor(stream / PARTITIONS);
  const place = stream % PARTITIONS;
  const first = Math.floor(slice / (PARTITIONS * PRODUCERS)) * SLICE;
  const baseOffset = next[place] as number;
  next[place] = baseOffset + SLICE;
  const timeUs = Math.floor(atSecond(0) + (slice / slices) * 30e6);
  const file = `ledger/checkout-${producer % 2}.ledger`;
  const about = { stream, first, count: SLICE };
  run.entry(file, { kind: 'intent', ...about, timeUs });
  run.entry(file, {
    ...{ kind: 'outcome', ...about, outcome: 'acknowledged', attempts: 1, errorCode: 0 },
    ...{ baseOffset, timeUs: timeUs + 3 },
  });
  run.read(stream, first, SLICE, baseOffset);
  const group = { consumer: place % 2, place, baseOffset, timeUs: timeUs + 9 };
  run.entry(`ledger/billing-${place % 2}.ledger`, { kind: 'delivered', ...group, count: SLICE });
  if (slice % 1000 < PARTITIONS) {
    const committed = { ...group, baseOffset: baseOffset + SLICE };
    run.entry(`ledger/billing-${place % 2}.ledger`, { kind: 'committed', ...committed });
  }
}
for (const [place, end] of next.entries()) run.audited(place, end);
const evidence = run.finish();
const measures = measure(run.scenario, evidence);
// Processor time: other work on the machine must not show.
const before = process.cpuUsage();
const result = verify(run.scenario, evidence, measures);
const { user, system } = process.cpuUsage(before);
const seconds = (user + system) / 1e6;
console.log(
  `${result.delivery.read} records judged ${result.verdict} in ${seconds.toFixed(2)} s, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
);
for (const { kind, count } of result.delivery.anomalies) console.log(`${kind} × ${count}`);
