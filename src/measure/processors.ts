/** Who used the machine's processors in a window, from the samples that fall into it. */
import type { RunEvidence } from '../evidence/read-run.ts';
import type { ClusterSample } from '../evidence/series.ts';
import type { ProcessorUse, SecondMeasures } from './measures.ts';
import type { MeasureWindow } from './windows.ts';

export type ProcessorSample = Extract<ClusterSample, { type: 'processors' }>;

/** Each sample with the second it is mostly about: it ends at `t`. */
export type ProcessorSecond = { readonly second: number; readonly sample: ProcessorSample };

export function processorSeconds({
  samples,
  schedule,
}: Pick<RunEvidence, 'samples' | 'schedule'>): readonly ProcessorSecond[] {
  if (schedule === null) return [];
  return samples.flatMap((sample) => {
    if (sample.type !== 'processors') return [];
    const middleUs = sample.t - (sample.wallMs * 1000) / 2;
    return [{ second: Math.floor((middleUs - schedule.measureUs) / 1e6), sample }];
  });
}

/** `rows`: of the window. Null without samples. */
export function processorUse(
  window: MeasureWindow,
  all: readonly ProcessorSecond[],
  rows: readonly SecondMeasures[],
): ProcessorUse | null {
  const samples = all.flatMap(({ second, sample }) => (window.has(second) ? [sample] : []));
  const [first] = samples;
  const wallMs = sum(samples, (one) => one.wallMs);
  if (first === undefined || wallMs === 0 || window.lengthS === 0) return null;
  const busy = sum(samples, (one) => one.busyMs) / wallMs;
  const clients = rows.reduce((total, row) => total + row.cpuMicros, 0) / 1e6 / window.lengthS;
  const harness = sum(samples, (one) => one.harnessMs) / wallMs;
  const seen = samples.every(
    ({ nodes, brokersMs }) => nodes > 0 && Object.keys(brokersMs).length === nodes,
  );
  const used = seen ? sum(samples, brokersOf) / wallMs : null;
  return {
    cores: first.cores,
    busy,
    brokers: used,
    clients,
    others: used === null ? null : Math.max(0, busy - used - clients - harness),
  };
}

/** A share of the machine: what proxies, kernel threads and an idle system use stays below. */
const NOISE = 0.1;

/** Cores that neighbours used, when so many that what was slow may have been slow by them; null when not, or not known. */
export const neighbours = (use: ProcessorUse | null | undefined): number | null =>
  use?.others == null || use.others / use.cores < NOISE ? null : use.others;

const brokersOf = ({ brokersMs }: ProcessorSample): number =>
  Object.values(brokersMs).reduce((total, ms) => total + ms, 0);

const sum = (
  samples: readonly ProcessorSample[],
  pick: (sample: ProcessorSample) => number,
): number => samples.reduce((total, sample) => total + pick(sample), 0);
