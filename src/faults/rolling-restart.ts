/**
 * `rolling-restart`: every broker in turn, the next one only when the last is back in the ISR of every partition:
 * an upgrade as it should be done.
 */
import { waitFor } from '../lib/deadline.ts';
import type { RollingRestartFault } from '../scenario/scenario.ts';
import type { Admin } from '../wire/admin.ts';
import { type Arena, describeNodes, type Fault } from './arena.ts';
import { nodesOf } from './process.ts';
import { restartNode } from './restart-node.ts';

/** How long one broker may take to catch up before the next one is not restarted any more. */
const CATCH_UP_MS = 60_000;

export const rollingRestart: Fault<RollingRestartFault> = {
  async inject(spec, arena) {
    const ids = await arena.resolve(spec.where);
    const state = { replaced: 0 };
    const ends = restartInTurn(arena, ids, state);
    ends.catch(() => {}); // The timeline awaits it; a rejection before that is not unhandled.
    return {
      target: describeNodes(ids),
      probe: async () => {
        await ends;
        return {
          proven: state.replaced === ids.length,
          evidence: `${state.replaced} of ${ids.length} processes were replaced`,
        };
      },
      heal: () => ends,
      ends,
    };
  },
};

async function restartInTurn(
  arena: Arena,
  ids: readonly number[],
  state: { replaced: number },
): Promise<void> {
  for (const node of nodesOf(arena, ids)) {
    if (arena.signal.aborted) return;
    const { replaced, back } = restartNode(node);
    if (await replaced) state.replaced++;
    await back;
    await waitFor(`broker ${node.id} in every ISR`, () => inEveryIsr(arena.admin, node.id), {
      timeoutMs: CATCH_UP_MS,
      everyMs: 250,
      signal: arena.signal,
    });
  }
}

async function inEveryIsr(admin: Admin, id: number): Promise<boolean> {
  const { topics } = await admin.metadata();
  return topics.every((topic) =>
    topic.partitions.every(
      ({ replicas, isr, leader }) => leader >= 0 && (!replicas.includes(id) || isr.includes(id)),
    ),
  );
}
