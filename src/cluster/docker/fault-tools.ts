/**
 * What faults need of the images: a shell's tools, and a kernel that drops packets. Tried before the traffic starts,
 * because images can be anybody's and a fault that fails in the middle of a run has cost the run.
 */
import { EngineError } from '../../host/engine-guard.ts';
import { environmentError, messageOf } from '../../lib/errors.ts';
import type { FaultKind, FaultSpec } from '../../scenario/scenario.ts';
import type { NodeContainer } from '../cluster.ts';

type Trial = { readonly where: 'node' | 'pod'; readonly command: string };

const has = (where: Trial['where'], ...tools: readonly string[]): Trial => ({
  where,
  command: tools.map((tool) => `command -v ${tool}`).join(' && '),
});

const RULE = 'INPUT -p tcp --dport 1 -m statistic --mode random --probability 0.1 -j DROP';

const TRIALS: Readonly<Partial<Record<FaultKind, Trial>>> = {
  replace: has('pod', 'find'),
  'disk-full': has('pod', 'dd', 'df', 'rm'),
  'disk-readonly': has('node', 'prlimit', 'grep'),
  'power-loss': has('pod', 'wc', 'head', 'tail', 'base64', 'truncate'),
  drop: { where: 'pod', command: `iptables -w -A ${RULE} && iptables -w -D ${RULE}` },
};

/** Throws `docker.tools` for the first fault whose tools are not there. */
export async function checkFaultTools(
  node: Pick<NodeContainer, 'exec'>,
  faults: readonly FaultSpec[],
  signal?: AbortSignal,
): Promise<void> {
  for (const { name, kind } of faults) {
    const trial = TRIALS[kind];
    if (trial === undefined) continue;
    const reason = await failure(node, trial, signal);
    if (reason === null) continue;
    const image = trial.where === 'pod' ? 'image of the pods' : 'broker image';
    throw environmentError(
      'docker.tools',
      `fault ${name} (${kind}) cannot be done with this ${image}: ${reason}`,
      { hint: 'build images that have every tool with `ordeal image build`' },
    );
  }
}

async function failure(
  node: Pick<NodeContainer, 'exec'>,
  { where, command }: Trial,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  try {
    const { exitCode, output } = await node.exec(where, ['sh', '-c', command], signal);
    return exitCode === 0 ? null : output || `\`${command}\` failed with ${exitCode}`;
  } catch (error) {
    signal?.throwIfAborted();
    // Without an answer it is not the image that lacks something.
    if (error instanceof EngineError && error.statusCode === undefined) throw error;
    return messageOf(error);
  }
}
