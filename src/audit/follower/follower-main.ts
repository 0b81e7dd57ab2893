/**
 * The entry of the follower's process, started by the runner. It gives way to everything else on the machine, ends with
 * its parent, and whatever it cannot do it says: a run does not need it.
 */
import { setPriority } from 'node:os';
import { createClock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { openAdmin } from '../../wire/admin.ts';
import { follow } from './follower.ts';
import type { FollowPlan, FromFollower, ToFollower } from './protocol.ts';

const LOWEST = 19;

const stopping = new AbortController();

const send = (message: FromFollower): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });

async function start(plan: FollowPlan): Promise<void> {
  try {
    setPriority(LOWEST);
    using admin = await openAdmin({ ...plan, clientId: 'ordeal-follower' });
    await follow({
      plan,
      admin,
      nowUs: createClock(BigInt(plan.t0Ns)).nowUs,
      onEvent: (event) => void send({ type: 'event', event }),
      stopping: stopping.signal,
    });
  } catch (error) {
    await send({ type: 'failed', message: messageOf(error) });
  }
  process.disconnect();
}

process.on('message', (message) => {
  const told = message as ToFollower;
  if (told.type === 'start') void start(told.plan);
  else stopping.abort();
});
process.on('disconnect', () => process.exit());
// The terminal sends Ctrl-C to the whole group; the harness says when to stop.
process.on('SIGINT', () => {});
