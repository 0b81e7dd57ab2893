/** The workers of a load as faults see them: each order reaches the worker, and two disturbances do not undo each other. */
import { expect, test } from 'vitest';
import type { Arena } from '../../src/faults/arena.ts';
import { kill } from '../../src/faults/kill.ts';
import { rebalanceStorm } from '../../src/faults/rebalance-storm.ts';
import { slow } from '../../src/faults/slow.ts';
import type { WorkerControl } from '../../src/load/control.ts';
import { type Disturbance, UNDISTURBED } from '../../src/load/protocol.ts';
import { toLoadWorker } from '../../src/runner/arena.ts';
import type { LoadWhere } from '../../src/scenario/worker-fault.ts';

class FakeControl implements WorkerControl {
  readonly load = 'billing';
  readonly worker = 1;
  pid: number | null = process.pid;
  slowed = 0;
  assignments = 0;
  disturbance = UNDISTURBED;
  readonly calls: string[] = [];
  pause = (): void => void this.calls.push('pause');
  resume = (): void => void this.calls.push('resume');
  kill = async (): Promise<void> => {
    this.calls.push('kill');
    this.pid = null;
  };
  restart = async (): Promise<void> => {
    this.calls.push('restart');
    this.pid = process.pid;
  };
  disturb(disturbance: Disturbance): void {
    this.disturbance = disturbance;
  }
}

const where: LoadWhere = { kind: 'load', load: 'billing', worker: 1 };
const common = { name: 'f', atMs: 0, forMs: 10, whereText: 'load billing worker 1', where };

function arenaOf(control: FakeControl): Arena {
  const workers = (asked: LoadWhere) => (asked.worker === 1 ? [toLoadWorker(control)] : []);
  return { workers, nodes: new Map() } as unknown as Arena;
}

test('a killed worker is gone, which the system says, and healing starts it again', async () => {
  const control = new FakeControl();
  const injection = await kill.inject({ ...common, kind: 'kill' }, arenaOf(control));
  expect(injection.target).toBe('worker 1 of load billing');
  expect(await injection.probe()).toEqual({
    proven: true,
    evidence: `process ${process.pid} is gone`,
  });
  await injection.heal();
  expect(control.calls).toEqual(['kill', 'restart']);
});

test('a worker without a process cannot be hit', async () => {
  const control = new FakeControl();
  control.pid = null;
  const injecting = kill.inject({ ...common, kind: 'kill' }, arenaOf(control));
  await expect(injecting).rejects.toThrow('worker 1 of load billing was not running');
});

test('slow work is seen where there was work, and two disturbances leave each other alone', async () => {
  const control = new FakeControl();
  const slowed = await slow.inject({ ...common, kind: 'slow', delayMs: 20 }, arenaOf(control));
  const storm = await rebalanceStorm.inject(
    { ...common, kind: 'rebalance-storm', everyMs: 1000 },
    arenaOf(control),
  );
  expect(control.disturbance).toEqual({ slowMs: 20, rejoinMs: 1000 });
  control.slowed = 3;
  control.assignments = 2;
  expect(await slowed.probe()).toEqual({
    proven: true,
    evidence: 'worker 1 of load billing took 20 ms longer 3 times',
  });
  expect(await storm.probe()).toMatchObject({ proven: true });
  await slowed.heal();
  expect(control.disturbance).toEqual({ slowMs: 0, rejoinMs: 1000 });
  await storm.heal();
  expect(control.disturbance).toEqual(UNDISTURBED);
});
