/**
 * The Docker engine for tests, and what becomes of them without one: they are skipped where everyone sees it, or fail
 * where ORDEAL_REQUIRE_DOCKER says that an engine must be there.
 */
import type { TestAPI } from 'vitest';
import { type EngineAnswer, findEngine, type RunningEngine } from '../../src/host/engine.ts';

const answer: EngineAnswer = await findEngine({
  env: process.env,
  platform: process.platform,
  version: '0',
});

/** For tests that were not skipped. */
export function runningEngine(): RunningEngine {
  if (!answer.running) throw new Error(answer.reason);
  return answer;
}

/** True without an engine; one test then says so in place of those that need it. */
export function dockerSkipped(test: TestAPI): boolean {
  if (answer.running) return false;
  const { reason } = answer;
  if (process.env['ORDEAL_REQUIRE_DOCKER']) {
    test('a Docker engine answers', () => {
      throw new Error(`ORDEAL_REQUIRE_DOCKER is set, and ${reason}`);
    });
  } else test.skip(`needs a Docker engine: ${reason}`, () => {});
  return true;
}
