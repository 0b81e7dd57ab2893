/** Whether a scenario may be run on a cluster that is kept: what was asked for when it was raised, and what is now. */
import { inputError } from '../../lib/errors.ts';
import { describeLink, type Link } from '../../links/links.ts';
import type { ClusterSpec, FaultSpec } from '../../scenario/scenario.ts';
import type { KeptState } from './state.ts';

/** By the scenario's own words. */
const COMPARED = {
  brokers: ({ brokers }) => brokers,
  controllers: ({ controllers }) => controllers,
  kafka: ({ kafka }) => kafka,
  config: ({ config }) => Object.fromEntries(Object.entries(config).sort()),
  heap: ({ heapBytes }) => heapBytes,
  jvm: ({ jvm }) => jvm,
  cpus: ({ cpus }) => cpus,
  memory: ({ memoryBytes }) => memoryBytes,
  volume: ({ volume }) => volume,
  images: ({ images }) => images ?? {},
} satisfies Readonly<Record<string, (spec: ClusterSpec) => unknown>>;

/** `brokers: 3 is kept, 5 is wanted`; empty when the kept cluster is what the scenario asks for. */
export function differences(kept: ClusterSpec, wanted: ClusterSpec): readonly string[] {
  return Object.entries(COMPARED).flatMap(([name, of]) => {
    const [is, asked] = [JSON.stringify(of(kept)), JSON.stringify(of(wanted))];
    return is === asked ? [] : [`${name}: ${is} is kept, ${asked} is wanted`];
  });
}

/** The links that a scenario's faults need, and in which no proxy stands. */
export function missingLinks(kept: readonly Link[], wanted: readonly Link[]): readonly string[] {
  const there = new Set(kept.map(describeLink));
  const missing = wanted.map(describeLink).filter((link) => !there.has(link));
  return missing.length === 0 ? [] : [`no proxy stands in ${missing.join(', ')}`];
}

export type Wanted = {
  /** With the provider as the scenario says it. */
  readonly cluster: ClusterSpec;
  readonly proxied: readonly Link[];
  readonly faults: readonly Pick<FaultSpec, 'kind'>[];
};

/** Throws `kept.differs` with all that differs. `file` is the scenario's. */
export function checkFits(kept: KeptState, wanted: Wanted, file: string): void {
  const { provider } = wanted.cluster;
  const drops = kept.provider === 'docker' && wanted.faults.some(({ kind }) => kind === 'drop');
  const found = [
    ...(provider === 'auto' || provider === kept.provider
      ? []
      : [`provider: ${kept.provider} is kept, ${provider} is wanted`]),
    ...differences(kept.cluster, wanted.cluster),
    ...missingLinks(kept.proxied, wanted.proxied),
    ...(drops && !kept.drops ? ['its pods may not drop packets'] : []),
  ];
  if (found.length === 0) return;
  throw inputError(
    'kept.differs',
    [`the kept cluster ${kept.name} is not the one that ${file} asks for:`, ...found].join('\n  '),
    `raise one for it: ordeal cluster up ${file} --name OTHER`,
  );
}
