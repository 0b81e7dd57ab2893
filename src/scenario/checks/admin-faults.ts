/** Checks of the faults that are admin calls. */
import type { Problem } from '../problem.ts';
import type { Draft, DraftFault } from '../yaml/draft.ts';

export const NO_SETTINGS: Problem = {
  path: ['where'],
  message: 'it does not say which settings to change',
  hint: 'add `config: { min.insync.replicas: 1 }`',
};

type DraftReassign = Extract<DraftFault, { readonly kind?: 'reassign' | undefined }>;

/** The number of replicas is part of what a topic promises, so a move keeps it. */
export function replicasProblem(
  { cluster = {}, topics = {} }: Draft,
  { where, to }: DraftReassign,
): Problem | undefined {
  if (to === undefined || where === undefined || !('topic' in where)) return undefined;
  const replicas = topics[where.topic]?.replicas;
  if (replicas !== undefined && to.length !== replicas) {
    return {
      path: ['to'],
      message: `topic \`${where.topic}\` has ${replicas} replicas, and these are ${to.length}`,
      hint: 'name as many brokers',
    };
  }
  const { brokers, provider } = cluster;
  const twice = to.find((id, i) => to.indexOf(id) !== i);
  if (twice !== undefined) return { path: ['to'], message: `broker ${twice} is named twice` };
  const strange = to.find((id) => brokers !== undefined && (id < 1 || id > brokers));
  if (strange === undefined || provider === 'external') return undefined;
  return {
    path: ['to'],
    message: `there is no broker ${strange}`,
    hint: `brokers are numbered 1 to ${brokers}`,
  };
}
