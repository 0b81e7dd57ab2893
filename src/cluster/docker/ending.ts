/** When a container ends: asked of the engine for as long as it runs, however often the question itself is cut off. */
import type { Engine } from '../../host/engine.ts';
import { EngineError } from '../../host/engine-guard.ts';
import { pause } from '../../lib/deadline.ts';

type Container = ReturnType<Engine['getContainer']>;

/** 128 + SIGKILL. */
export const KILLED_STATUS = 137;
const ASK_AGAIN_MS = 200;

/** Resolves to its exit code. Throws `docker.engine` when the engine is lost: then nobody knows. */
export async function exitOf(container: Container): Promise<number> {
  for (;;) {
    try {
      return ((await container.wait()) as { StatusCode: number }).StatusCode;
    } catch (error) {
      const status = await exitNow(container, error);
      if (status !== null) return status;
    }
    await pause(ASK_AGAIN_MS);
  }
}

/** Null while it runs. */
async function exitNow(container: Container, asking: unknown): Promise<number | null> {
  if (isGone(asking)) return KILLED_STATUS;
  try {
    const { State } = await container.inspect();
    return State.Running ? null : State.ExitCode;
  } catch (error) {
    if (isGone(error)) return KILLED_STATUS;
    throw error;
  }
}

/** Somebody removed it. */
const isGone = (error: unknown): boolean =>
  error instanceof EngineError && error.statusCode === 404;
