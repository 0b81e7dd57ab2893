/** The reaper's process: waits for the pipe to its harness to close, then undoes what the run left behind. */
import { undo } from './run-state.ts';

/** An engine that restarts is back by then. */
const ENGINE_WITHIN_MS = 60_000;

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: reaper-main STATE_FILE');

// A terminal's signals are meant for the harness.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

process.stdin.on('error', () => {});
process.stdin.once('close', () => {
  // What cannot be undone stays in the state file, for `ordeal clean`.
  undo(path, { engineWithinMs: ENGINE_WITHIN_MS }).catch(() => {
    process.exitCode = 1;
  });
});
process.stdin.resume();
