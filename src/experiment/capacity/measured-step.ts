/** One step with its numbers, as it is kept and published. */
import type { LoadMeasures, ProcessorUse } from '../../measure/measures.ts';
import { assess, type Judged } from './assess.ts';
import type { Step } from './step.ts';

/** Latencies are milliseconds, response times (intended to acknowledged); null: no samples. */
export type StepLatency = {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
} | null;

export type MeasuredStep = Step & {
  /** From 1. */
  readonly number: number;
  /** Its run folder, below the experiment's. */
  readonly folder: string;
  /** Why it broke or says nothing; null when it holds. */
  readonly why: string | null;
  /** Of all produce loads together, during `measure`. */
  readonly acknowledgedPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly ackMs: StepLatency;
  /** During `measure`; null when nothing was seen. */
  readonly processors: ProcessorUse | null;
};

/** `at`: which step it is. */
export function measuredStep(
  judged: Judged,
  at: Pick<MeasuredStep, 'number' | 'folder' | 'rate'>,
): MeasuredStep {
  const measure = judged.measures.windows.find(({ window }) => window === 'measure');
  const all = measure?.allProduce ?? null;
  return {
    ...at,
    ...assess(judged),
    acknowledgedPerSecond: all?.ratePerSecond ?? null,
    bytesPerSecond: all?.bytesPerSecond ?? null,
    ackMs: latencyOf(all),
    processors: measure?.processors ?? null,
  };
}

function latencyOf(all: LoadMeasures | null): StepLatency {
  const ack = all?.latency.ack ?? null;
  if (ack === null) return null;
  const { p50, p99, p999, max } = ack;
  return { p50, p99, p999, max };
}
