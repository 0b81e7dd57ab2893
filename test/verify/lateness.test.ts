/** Who is to blame when records are offered late: the harness, or a fault on its workers. */
import { expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import type { FaultSpec } from '../../src/scenario/scenario.ts';
import { voidWindows } from '../../src/verify/lateness.ts';
import { aScenario, killFault, produceLoad, RunBuilder } from '../fixtures/run-builder.ts';

const onLoad = (load: string): FaultSpec =>
  killFault({ where: { kind: 'load', load, worker: null } } as Partial<FaultSpec>);

/** Names of the void windows when the records of the seconds that `late` names came a second late. */
function voids(fault: FaultSpec, late: (second: number) => boolean): readonly string[] {
  using run = new RunBuilder(aScenario({ load: [produceLoad()], faults: [fault] }));
  for (let second = 0; second < 30; second++) {
    run.second({ second, offered: 100, acknowledged: 100, ackedNow: 100, backlog: 0 });
    run.latency('lateness', second, [late(second) ? 1000 : 1], 'checkout', 100);
    run.latency('ack', second, [5], 'checkout', 100);
  }
  run.fault('leader-dies', 10, 15);
  const measures = measure(run.scenario, run.finish());
  return [...voidWindows(run.scenario, measures).keys()];
}

const inFault = (second: number): boolean => second >= 10 && second < 15;

test('lateness in a fault on a broker is the harness’s own', () => {
  expect(voids(killFault(), inFault)).toEqual(
    expect.arrayContaining(['measure', 'during leader-dies']),
  );
});

test('lateness in a fault on these producers is the fault’s', () => {
  expect(voids(onLoad('checkout'), inFault)).toEqual([]);
});

test('lateness in a fault on other workers is the harness’s', () => {
  expect(voids(onLoad('billing'), inFault)).toContain('measure');
});

test('lateness without a fault voids the calm, also where producers were harmed', () => {
  expect(voids(onLoad('checkout'), (second) => second > 20)).toContain('steady');
});
