/** `experiment.json` of a capacity search: a public contract, as result.json is. */
import type { Verdict } from '../../verify/result.ts';
import { type AtLatency, type CurvePoint, curveOf, kneeOf, throughputAt } from './curve.ts';
import type { MeasuredStep } from './measured-step.ts';
import { type Saturation, saturationOf } from './saturation.ts';
import type { Answer, SearchOptions } from './search.ts';

export const EXPERIMENT_FORMAT = 1;

export type CapacityFindings = {
  readonly format: number;
  readonly kind: 'capacity';
  readonly scenario: string;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
  /** `pass`: the capacity is known as closely as was asked for. A search never fails: there is nothing to hold. */
  readonly verdict: Extract<Verdict, 'pass' | 'unknown'>;
  readonly exitCode: 0 | 3;
  /** Rates are records per second of all produce loads together. */
  readonly answer: Answer;
  /** What holds, as the scenario writes it. */
  readonly predicate: readonly string[];
  readonly options: SearchOptions & { readonly seed: number };
  readonly curve: readonly CurvePoint[];
  readonly throughputAt: readonly AtLatency[];
  /** Records per second; null: not to be seen. */
  readonly knee: number | null;
  readonly saturation: Saturation;
  readonly steps: readonly MeasuredStep[];
  readonly environment: Readonly<Record<string, unknown>>;
};

type Known = Pick<
  CapacityFindings,
  'scenario' | 'finishedAt' | 'predicate' | 'options' | 'environment'
>;

export function findings(
  answer: Answer,
  steps: readonly MeasuredStep[],
  known: Known,
): CapacityFindings {
  const found = answer.kind === 'bracketed';
  const curve = curveOf(steps);
  return {
    format: EXPERIMENT_FORMAT,
    kind: 'capacity',
    ...known,
    verdict: found ? 'pass' : 'unknown',
    exitCode: found ? 0 : 3,
    answer,
    curve,
    throughputAt: throughputAt(curve),
    knee: kneeOf(curve),
    saturation: saturationOf(steps),
    steps,
  };
}
