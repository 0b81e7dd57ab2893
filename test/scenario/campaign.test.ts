/** A campaign draws the same faults from the same seed, only such as fit the scenario, and never none. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAMPAIGN_KINDS } from '../../src/scenario/campaign.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';

const text = (random: string, rest = 'at: 10s, for: 2m'): string => `# ?
name: x
cluster: { brokers: 5, config: { min.insync.replicas: 2 }, provider: docker }
topics: { orders: { partitions: 6, replicas: 3 }, alone: { partitions: 1, replicas: 3 } }
load: { l: { produce: orders, rate: 1/s }, billing: { consume: orders } }
phases: { measure: 3m }
faults:
  first: { at: 1s, kill: broker 1, for: 2s }
  chaos: { random: { ${random} }, ${rest} }
  last: { at: 170s, kill: broker 1, for: 2s }
`;
const all = `from: [${CAMPAIGN_KINDS.join(', ')}]`;
const load = (source: string, seed: number) => loadScenario(source, { file: 's', env: {}, seed });

describe('drawn faults', () => {
  test('are the same for the same seed, and others for another', () => {
    const faults = (seed: number) => load(text(all), seed).scenario.faults;
    expect(faults(7)).toEqual(faults(7));
    expect(faults(7)).not.toEqual(faults(8));
  });

  test('stand in the place of the campaign, in the order of their slots, with its budget', () => {
    const { faults } = load(text(`${all}, every: 30s, quiet: 0%`), 3).scenario;
    expect(faults.map(({ name }) => name)).toEqual([
      ...['first', 'chaos-1', 'chaos-2', 'chaos-3', 'chaos-4', 'last'],
    ]);
    expect(faults.map(({ budget }) => budget)).toEqual([undefined, 1, 1, 1, 1, undefined]);
    const slots = faults.slice(1, 5).map(({ atMs }) => Math.floor((atMs - 10_000) / 30_000));
    expect(slots).toEqual([0, 1, 2, 3]);
  });

  test('fit the scenario and their slots, whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const { faults } = load(text(`${all}, every: 20s`), seed).scenario;
        const drawn = faults.filter(({ name }) => name.startsWith('chaos-'));
        expect(drawn.length).toBeGreaterThan(0);
        for (const { atMs, forMs } of drawn) {
          const into = (atMs - 10_000) % 20_000;
          expect(into + (forMs ?? 0)).toBeLessThanOrEqual(20_000);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('stand in the resolved scenario, which loads to the same ones with any seed', () => {
    const loaded = load(text(all), 5);
    expect(loaded.resolved).not.toContain('random');
    expect(load(loaded.resolved, 99).scenario.faults).toEqual(loaded.scenario.faults);
  });

  test('leave out about as many slots as asked, and never all', () => {
    const count = (quiet: string, seed: number): number =>
      load(text(`${all}, every: 10s, quiet: ${quiet}`), seed).scenario.faults.length - 2;
    const seeds = Array.from({ length: 100 }, (_, seed) => seed);
    const mean = seeds.reduce((sum, seed) => sum + count('25%', seed), 0) / 100;
    expect(mean).toBeGreaterThan(8);
    expect(mean).toBeLessThan(10);
    for (const seed of seeds) expect(count('100%', seed)).toBe(1);
  });

  test('come from every kind and aim at every role', () => {
    const faults = Array.from({ length: 60 }, (_, seed) => load(text(all), seed).scenario.faults)
      .flat()
      .filter(({ name }) => name.startsWith('chaos-'));
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(CAMPAIGN_KINDS));
    const places = faults.map(({ whereText }) => whereText).join('\n');
    for (const role of ['any broker', 'controller', 'leader of', 'follower of', 'coordinator of']) {
      expect(places).toContain(role);
    }
  });

  test('say where the campaign stands when something is wrong with them', () => {
    expect(load(text(all), 1).locate(['faults', 'chaos-1', 'where']).at).toBe('s:9:10');
  });
});

test('without `for` a campaign lasts to the end of measure', () => {
  const { faults } = load(text(`${all}, every: 20s, quiet: 0%`, 'at: 60s'), 1).scenario;
  expect(faults.filter(({ name }) => name.startsWith('chaos-'))).toHaveLength(6);
});
