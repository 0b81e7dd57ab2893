/** What was used up when the cluster no longer held: said as far as it was measured, and no further. */
import type { ProcessorUse } from '../../measure/measures.ts';
import type { MeasuredStep } from './measured-step.ts';
import type { StepOutcome } from './step.ts';

/** So busy are processors that had little left. */
const USED_UP = 0.9;

/** `null`: no step broke or was void, or nothing was measured in those. */
export type Saturation = {
  readonly what: 'machine' | 'generator' | 'cluster';
  readonly text: string;
  /** On the average of the steps that broke, or were void when none broke. */
  readonly processors: ProcessorUse;
} | null;

export function saturationOf(steps: readonly MeasuredStep[]): Saturation {
  const of = (outcome: StepOutcome): ProcessorUse[] =>
    steps.flatMap((step) => (step.outcome === outcome && step.processors) || []);
  const broke = of('breaks');
  const processors = average(broke.length > 0 ? broke : of('void'));
  if (processors === null) return null;
  const { busy, cores } = processors;
  const usage = `${busy.toFixed(1)} of the machine's ${cores} cores were in use${by(processors)}`;
  if (broke.length === 0) {
    return { what: 'generator', text: `The load generator was the limit: ${usage}.`, processors };
  }
  return busy / cores >= USED_UP
    ? {
        what: 'machine',
        text: `The processors were used up where it broke: ${usage}.`,
        processors,
      }
    : {
        what: 'cluster',
        text: `Not the processors: where it broke, ${usage}. What in the cluster was the limit (disks, network threads, replication) was not measured.`,
        processors,
      };
}

const by = ({ brokers, clients }: ProcessorUse): string =>
  brokers === null
    ? `, ${clients.toFixed(1)} of them by the clients`
    : `, ${brokers.toFixed(1)} of them by the brokers and ${clients.toFixed(1)} by the clients`;

function average(all: readonly ProcessorUse[]): ProcessorUse | null {
  const [first] = all;
  if (first === undefined) return null;
  const mean = (pick: (use: ProcessorUse) => number): number =>
    all.reduce((sum, use) => sum + pick(use), 0) / all.length;
  const known = all.every(({ brokers }) => brokers !== null);
  return {
    cores: first.cores,
    busy: mean(({ busy }) => busy),
    brokers: known ? mean(({ brokers }) => brokers ?? 0) : null,
    clients: mean(({ clients }) => clients),
    others: known ? mean(({ others }) => others ?? 0) : null,
  };
}
