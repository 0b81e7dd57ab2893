/** What cannot be is said before anything starts, at its line, and with what the choice of the provider had to do with it. */
import { expect, test } from 'vitest';
import { planRun } from '../../src/runner/plan.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import { hostWith } from '../cluster/scenarios.ts';

const plan = (cluster: string, fault: string) =>
  planRun(
    loadScenario(
      `# ?
name: x
cluster: { ${cluster} }
topics: { orders: { config: { flush.ms: 1000 } } }
load: { l: { produce: orders, rate: 1/s } }
faults: { f: { at: 1s, ${fault} } }
`,
      { file: 's', env: {} },
    ),
    {
      ...{ file: 's', seed: 1, folder: 'reports' },
      host: hostWith({ DOCKER_HOST: 'unix:///nowhere/docker.sock' }),
    },
  );

test('a fault of containers, without an engine, says why auto is local', async () => {
  await expect(plan('provider: auto', 'pause: broker 1')).resolves.toMatchObject({});
  await expect(plan('provider: auto', 'cpu: broker 1, quota: 0.1')).rejects.toThrow(
    /provider local has no fault cpu[\s\S]*use provider: docker \(auto took local: no Docker engine answers at unix:\/\/\/nowhere/,
  );
});

test('a power loss beside a flush interval is refused at its line', async () => {
  const dark = plan('provider: docker', 'power-loss: broker 1, lose: 1 record');
  await expect(dark).rejects.toThrow(/s:4:\d+[\s\S]*`flush.ms` makes Kafka sync at moments/);
});
