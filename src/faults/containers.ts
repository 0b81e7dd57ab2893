/** What the container faults share: a node's container, commands in it, and bringing the node back. */
import type { ClusterNode, NodeContainer } from '../cluster/cluster.ts';
import { environmentError } from '../lib/errors.ts';

/** Faults that need one are refused before a run starts where there is none, so a lack is a defect. */
export function containerOf({ id, container }: ClusterNode): NodeContainer {
  if (container === null) throw new Error(`node ${id} does not run in a container`);
  return container;
}

/** What a command says; throws `docker.command` with that when it fails. */
export async function run(
  node: ClusterNode,
  where: 'node' | 'pod',
  command: readonly string[],
): Promise<string> {
  const { exitCode, output } = await containerOf(node).exec(where, command);
  if (exitCode === 0) return output;
  const place = where === 'pod' ? `the pod of broker ${node.id}` : `broker ${node.id}`;
  throw environmentError(
    'docker.command',
    `in ${place}, \`${command.join(' ')}\` failed with ${exitCode}: ${output}`,
    { hint: 'the images that `ordeal image build` makes have every tool that faults need' },
  );
}

/** A shell's script, with its arguments as $1, $2, … */
export const script = (text: string, ...values: readonly string[]): readonly string[] => [
  'sh',
  '-c',
  text,
  'sh',
  ...values,
];

/** Starts a node that is down; leaves one alone that is not. */
export async function bringBack(node: ClusterNode): Promise<void> {
  const { process } = await node.look();
  if (process === null) await node.start();
}

/** A fault that got stuck halfway must not leave its node down. */
export async function orBringBack(node: ClusterNode, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await bringBack(node).catch(() => {}); // What went wrong first says more.
    throw error;
  }
}
