/** What a scenario's provider cannot do for it. */
import type { HostEnvironment } from '../host/environment.ts';
import type { Path, Problem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { checkCapabilities } from './capabilities.ts';
import { check as checkDocker } from './docker/check.ts';
import { check as checkExternal } from './external/check.ts';
import { check as checkLocal } from './local/check.ts';

/** `why`: why `auto` became this provider; null when somebody named it. */
export function check(
  scenario: Scenario,
  host: HostEnvironment,
  why: string | null = null,
): readonly Problem[] {
  const own = checkOne(scenario, host);
  // Where a provider says something itself, it says it better.
  const general = checkCapabilities(scenario, why).filter(
    ({ path }) => !own.some((problem) => samePath(problem.path, path)),
  );
  return [...own, ...general];
}

function checkOne(scenario: Scenario, host: HostEnvironment): readonly Problem[] {
  switch (scenario.cluster.provider) {
    case 'external':
      return checkExternal(scenario);
    case 'docker':
      return checkDocker(scenario);
    default:
      return checkLocal(scenario, host);
  }
}

const samePath = (a: Path, b: Path): boolean => a.join('\0') === b.join('\0');
