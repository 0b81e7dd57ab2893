/** What one step of a search says. */

/**
 * `void`: the generator was the limit, `disturbed`: the machine's other users may have been; neither says anything of the
 * cluster.
 */
export type StepOutcome = 'holds' | 'breaks' | 'void' | 'disturbed';

/** `rate`: records per second that were asked for. */
export type Step = { readonly rate: number; readonly outcome: StepOutcome };

/** Whether it says something of the cluster. */
export const isTelling = ({ outcome }: Step): boolean =>
  outcome === 'holds' || outcome === 'breaks';
