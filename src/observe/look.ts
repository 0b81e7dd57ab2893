/** A look at the cluster must not take longer than the time between two looks by much: a paused broker is silent. */
export const LOOK = { timeoutMs: 1000 } as const;
