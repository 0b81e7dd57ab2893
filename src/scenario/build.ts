/** From the file's form to the program's: entries get their names, alternatives their kinds. */

import type { ConsumeLoad, FaultSpec, LoadSpec, ProduceLoad, Scenario } from './scenario.ts';
import type { SurfaceFault } from './schema/fault.ts';
import type { SurfaceLoad } from './schema/load.ts';
import type { Surface } from './schema/scenario-schema.ts';
import type { KeyModel, Rate } from './traffic.ts';
import type { Plain } from './yaml/tree.ts';

type Written = {
  readonly question: string;
  /** The text of a fault's `where`. */
  readonly whereText: (fault: string) => string;
};

export function buildScenario(surface: Surface, written: Written): Scenario {
  const { question, whereText } = written;
  const { phases } = surface;
  return {
    name: surface.name,
    question,
    cluster: buildCluster(surface.cluster),
    topics: Object.fromEntries(
      Object.entries(surface.topics).map(([name, topic]) => [
        name,
        { ...topic, replicas: topic.replicas ?? defaultReplicas(surface.cluster.brokers) },
      ]),
    ),
    load: Object.entries(surface.load).map(([name, load]) => buildLoad(name, load)),
    phases: { warmupMs: phases.warmup, measureMs: phases.measure, drainMs: phases.drain },
    faults: Object.entries(surface.faults).map(([name, fault]) =>
      buildFault(name, fault, whereText(name)),
    ),
    expect: surface.expect.flatMap(({ result }) => (result.ok ? [result.value] : [])),
    abortOn: surface['abort-on'].flatMap(({ result, forMs }) =>
      result.ok ? [{ ...result.value, forMs }] : [],
    ),
    mustFind: surface['must-find'] ?? null,
    attempts: surface.attempts,
  };
}

function buildCluster({
  heap,
  cpus,
  memory,
  volume,
  bootstrap,
  'allow-destructive': allowDestructive,
  'keep-topics': keepTopics,
  ...cluster
}: Surface['cluster']): Scenario['cluster'] {
  return {
    ...cluster,
    heapBytes: heap,
    cpus: cpus ?? null,
    memoryBytes: memory ?? null,
    volume: volume === 'volume' ? { kind: volume } : { kind: 'tmpfs', bytes: volume.tmpfs },
    bootstrap: bootstrap.flat(),
    allowDestructive,
    keepTopics,
  };
}

export const defaultReplicas = (brokers: number): number => Math.min(3, brokers);

export const DEFAULT_EXPONENT = 0.99;

function buildLoad(name: string, load: SurfaceLoad): LoadSpec {
  if (load.kind === 'consume') {
    const config = load.relay?.transactional
      ? { 'isolation.level': 'read_committed', ...load.config }
      : load.config;
    const { processing, start, ...rest } = load;
    const paced = {
      ...(start === undefined ? {} : { startMs: start }),
      ...(processing === undefined ? {} : { processingMs: processing }),
    };
    return { ...rest, ...paced, name, group: load.group ?? name, config } satisfies ConsumeLoad;
  }
  const { rate: _rate, from: _from, stages: _stages, 'after-giving-up': givingUp, ...rest } = load;
  return {
    ...rest,
    name,
    rate: buildRate(load),
    afterGivingUp: givingUp,
    size: buildSizes(load.size),
    keys: buildKeys(load.keys),
  } satisfies ProduceLoad;
}

type SurfaceProduce = Extract<SurfaceLoad, { kind: 'produce' }>;

function buildRate({ rate, from, stages }: SurfaceProduce): Rate {
  if (stages !== undefined) {
    return {
      kind: 'stages',
      fromPerSecond: from ?? 0,
      stages: stages.map(({ to, over }) => ({ toPerSecond: to, overMs: over })),
    };
  }
  return rate === 'max' || rate === undefined
    ? { kind: 'max' }
    : { kind: 'constant', perSecond: rate };
}

function buildSizes(size: SurfaceProduce['size']): ProduceLoad['size'] {
  if (typeof size === 'number') return [{ bytes: size, weight: 1 }];
  const sum = size.reduce((total, { weight }) => total + weight, 0);
  return size.map(({ bytes, weight }) => ({ bytes, weight: weight / sum }));
}

function buildKeys(keys: SurfaceProduce['keys']): KeyModel {
  if (keys === 'none') return { kind: 'none' };
  if (keys.uniform !== undefined) return { kind: 'uniform', count: keys.uniform };
  return { kind: 'zipf', count: keys.zipf ?? 1, exponent: keys.exponent ?? DEFAULT_EXPONENT };
}

function buildFault(name: string, fault: SurfaceFault, whereText: string): FaultSpec {
  if (fault.kind === 'random') throw new Error(`the campaign ${name} was not drawn`);
  const common = {
    name,
    whereText,
    budget: fault.budget,
    atMs: fault.at,
    forMs: 'for' in fault ? (fault.for ?? null) : null,
  };
  switch (fault.kind) {
    case 'latency': {
      const { kind, stream, delay, jitter } = fault;
      return {
        ...common,
        kind,
        where: fault.where.flat(),
        stream,
        delayMs: delay,
        jitterMs: jitter,
      };
    }
    case 'bandwidth': {
      const { kind, stream, rate } = fault;
      return { ...common, kind, where: fault.where.flat(), stream, bytesPerSecond: rate };
    }
    case 'blackhole':
      return { ...common, kind: fault.kind, where: fault.where.flat(), stream: fault.stream };
    case 'drop': {
      const { kind, probability } = fault;
      return { ...common, kind, where: fault.where.flat(), probability };
    }
    case 'cpu':
      return { ...common, kind: fault.kind, where: fault.where, quota: fault.quota };
    case 'power-loss': {
      const { kind, where, lose, of } = fault;
      return { ...common, kind, where, lose, of: of ?? null };
    }
    case 'elect':
    case 'recreate-topic':
      return { ...common, kind: fault.kind, where: fault.where } as FaultSpec;
    case 'reassign':
      return { ...common, kind: fault.kind, where: fault.where, to: fault.to ?? null };
    case 'add-partitions':
      return { ...common, kind: fault.kind, where: fault.where, count: fault.count };
    case 'alter-config':
      return { ...common, kind: fault.kind, where: fault.where, config: fault.config };
    case 'delete-records':
      return { ...common, kind: fault.kind, where: fault.where, before: fault.before };
    case 'slow':
      return { ...common, kind: fault.kind, where: fault.where, delayMs: fault.delay };
    case 'rebalance-storm':
      return { ...common, kind: fault.kind, where: fault.where, everyMs: fault.every };
    case 'kill':
    case 'pause':
      return { ...common, kind: fault.kind, where: fault.where };
    case 'reset':
    case 'partition':
      return { ...common, kind: fault.kind, where: fault.where.flat() };
    default:
      return { ...common, kind: fault.kind, where: fault.where };
  }
}

/** A `where` as one line, however it was written. */
export const whereLine = (where: Plain | undefined): string =>
  Array.isArray(where) ? where.map(whereLine).join(', ') : String(where ?? '');
