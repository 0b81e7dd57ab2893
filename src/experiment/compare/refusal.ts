/**
 * Which runs may not be compared. One that lost what it acknowledged was fast by not doing its work; one whose generator
 * was the limit says how fast the generator is; one that did not come to its end says nothing.
 */
import { isMetricName, METRICS } from '../../scenario/metrics.ts';
import type { Expectation, Scenario } from '../../scenario/scenario.ts';
import type { ReasonCode, Result } from '../../verify/result.ts';

export type Refusal = {
  /** `delivery`: proven of the cluster; the others leave it open. */
  readonly kind: 'delivery' | 'generator' | 'unusable';
  readonly why: string;
};

/** A latency that was missed, or could not be judged, is what a comparison is about. */
const COMPARABLE: ReadonlySet<ReasonCode> = new Set(['expectation-failed', 'expectation-unknown']);

/** What is wrong with the cluster's promises. */
const DELIVERY: ReadonlySet<ReasonCode> = new Set([
  'guarantee-violated',
  'stuck-group',
  'stuck-partition',
]);

/** Null: it may be compared. */
export function refusalOf(
  { expect }: Pick<Scenario, 'expect'>,
  { delivery, reasons, expectations }: Pick<Result, 'delivery' | 'reasons' | 'expectations'>,
): Refusal | null {
  if ((delivery.lost ?? 0) > 0) {
    return { kind: 'delivery', why: `it lost ${delivery.lost} acknowledged records` };
  }
  const broken = reasons.find(({ code }) => DELIVERY.has(code));
  if (broken !== undefined) return { kind: 'delivery', why: broken.message };
  const failed = expectations.find(
    ({ verdict }, i) => verdict === 'fail' && isAboutDelivery(expect[i]),
  );
  if (failed !== undefined) return { kind: 'delivery', why: `${failed.expression} does not hold` };
  const late = reasons.find(({ code }) => code === 'generator-bound');
  if (late !== undefined) return { kind: 'generator', why: late.message };
  const other = reasons.find(({ code }) => !COMPARABLE.has(code));
  return other === undefined ? null : { kind: 'unusable', why: other.message };
}

const isAboutDelivery = (expectation: Expectation | undefined): boolean =>
  expectation !== undefined &&
  isMetricName(expectation.metric) &&
  METRICS[expectation.metric].kind === 'delivery';
