/** What a scenario's provider cannot do for it. */
import type { HostEnvironment } from '../host/environment.ts';
import type { Problem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { check as checkDocker } from './docker/check.ts';
import { check as checkExternal } from './external/check.ts';
import { check as checkLocal } from './local/check.ts';

export function check(scenario: Scenario, host: HostEnvironment): readonly Problem[] {
  switch (scenario.cluster.provider) {
    case 'external':
      return checkExternal(scenario);
    case 'docker':
      return checkDocker(scenario);
    default:
      return checkLocal(scenario, host);
  }
}
