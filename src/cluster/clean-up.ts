/** What has to be undone, in the opposite order; all of it, even when a step fails. */
import { OrdealError } from '../lib/errors.ts';
import type { ClusterContext } from './cluster.ts';

export class CleanUp implements AsyncDisposable {
  readonly #steps: (() => Promise<unknown>)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(async () => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Idempotent. Throws the first failure, after every step was tried. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await step().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Undoes all of it. What cannot be undone is told: it says nothing about Kafka, so that the verdict stands. */
export async function undo(cleanUp: CleanUp, { warn }: Warning): Promise<void> {
  try {
    await cleanUp[Symbol.asyncDispose]();
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    warn('left-behind', `${error.message}; what is left of the run is removed by: ordeal clean`);
  }
}

type Warning = Pick<ClusterContext, 'warn'>;

/** What `work` made is undone when it fails, and kept, for its result to undo, when it succeeds. */
export async function undoneOnFailure<T>(
  context: Warning,
  work: (cleanUp: CleanUp) => Promise<T>,
): Promise<T> {
  const cleanUp = new CleanUp();
  try {
    return await work(cleanUp);
  } catch (error) {
    // The first error says more than a defect of ours in undoing it.
    await undo(cleanUp, context).catch(() => {});
    throw error;
  }
}
