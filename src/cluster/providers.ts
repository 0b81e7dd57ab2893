/** Which provider runs a scenario's cluster, and what it cannot do for that scenario. */
import type { HostEnvironment } from '../host/environment.ts';
import type { Problem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ClusterProvider } from './cluster.ts';
import { check as checkExternal } from './external/check.ts';
import { externalProvider } from './external/provider.ts';
import { check as checkLocal } from './local/check.ts';
import { localProvider } from './local/provider.ts';

/** `auto` is local. The scenario must have passed `check`. */
export function chooseProvider(scenario: Scenario, host: HostEnvironment): ClusterProvider {
  return scenario.cluster.provider === 'external' ? externalProvider(host) : localProvider(host);
}

export function check(scenario: Scenario, host: HostEnvironment): readonly Problem[] {
  switch (scenario.cluster.provider) {
    case 'external':
      return checkExternal(scenario);
    case 'docker':
      return [
        {
          path: ['cluster', 'provider'],
          message: 'provider `docker` is not there yet',
          hint: 'use local, which runs the brokers as processes and needs Java but no Docker',
        },
      ];
    default:
      return checkLocal(scenario, host);
  }
}
