/**
 * Ctrl-C and its kin. The first one asks the run to heal, stop and record; a second one exits 130 at once, and the
 * reaper cleans up what is left.
 */
import { EXIT } from './exit-codes.ts';
import { tell } from './output.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type Interruption = Disposable & { readonly signal: AbortSignal };

/** `doing` is said to whoever pressed Ctrl-C. */
export function onInterrupt(doing = 'healing, stopping and recording'): Interruption {
  const controller = new AbortController();
  const handle = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(EXIT.interruptedTwice);
    tell(`\n${signal}: ${doing}; once more to quit at once`);
    controller.abort(signal);
  };
  for (const name of SIGNALS) process.on(name, handle);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of SIGNALS) process.off(name, handle);
    },
  };
}
