/** What has to be undone, in the opposite order; all of it, even when a step fails. */

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

/** What `work` made is undone when it fails, and kept, for its result to undo, when it succeeds. */
export async function undoneOnFailure<T>(work: (cleanUp: CleanUp) => Promise<T>): Promise<T> {
  const cleanUp = new CleanUp();
  try {
    return await work(cleanUp);
  } catch (error) {
    // The first error says more than what then could not be undone, which `ordeal clean` finds.
    await cleanUp[Symbol.asyncDispose]().catch(() => {});
    throw error;
  }
}
