/**
 * A run's own bridge network. Pods have fixed addresses on it, so that they come back at the same place after they
 * were taken off; an engine gives fixed addresses only on subnets that were asked for by name.
 */
import type { Engine } from '../../host/engine.ts';
import { EngineError } from '../../host/engine-guard.ts';
import { environmentError, messageOf } from '../../lib/errors.ts';
import type { RunResources } from './resources.ts';

export type RunNetwork = {
  readonly name: string;
  readonly id: string;
  /** The address that belongs to a node's pod. */
  readonly addressOf: (node: number) => string;
};

/** The engine and the first hosts of a subnet need a few. */
const FIRST_HOST = 10;
const ATTEMPTS = 5;

/** Throws `docker.network`, or `docker.engine` when there is none any more. */
export async function createNetwork(engine: Engine, run: RunResources): Promise<RunNetwork> {
  let failure: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return await create(engine, run);
    } catch (error) {
      if (error instanceof EngineError && error.statusCode === undefined) throw error;
      failure = error; // Another run may have taken the subnet between our two steps.
    }
  }
  throw environmentError('docker.network', `no network for the run: ${messageOf(failure)}`, {
    hint: 'see which networks there are: docker network ls; ordeal clean removes those of dead runs',
    cause: failure,
  });
}

async function create(engine: Engine, { prefix, labels }: RunResources): Promise<RunNetwork> {
  const subnet = await freeSubnet(engine, { Name: `${prefix}-draft`, Labels: labels });
  const { id } = await engine.createNetwork({
    Name: prefix,
    Labels: labels,
    CheckDuplicate: true,
    IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
  });
  return { name: prefix, id, addressOf: (node) => hostIn(subnet, FIRST_HOST + node) };
}

/** The one that the engine itself would choose: it knows its pools and the machine's routes. */
async function freeSubnet(
  engine: Engine,
  draft: { readonly Name: string; readonly Labels: RunResources['labels'] },
): Promise<string> {
  const network = await engine.createNetwork(draft);
  const info = await network.inspect();
  await network.remove();
  const subnet = info.IPAM?.Config?.find(({ Subnet }) => Subnet?.includes('.'))?.Subnet;
  if (subnet === undefined) throw new Error('the engine gave a network without an IPv4 subnet');
  return subnet;
}

/** The `index`th address of an IPv4 subnet such as `172.18.0.0/16`. Throws when the subnet is too small. */
export function hostIn(subnet: string, index: number): string {
  const [base = '', bits = '32'] = subnet.split('/');
  const size = 2 ** (32 - Number(bits));
  if (index >= size - 1) throw new Error(`subnet ${subnet} has no room for host ${index}`);
  const value = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
