/** What ordeal makes of each kind of anomaly under a scenario's settings, in lines and as rows. */
import type { Treatment, TreatmentRow } from '../verify/guarantees.ts';

/** Kinds of anomalies that are treated alike, for one reason, about one load or topic. */
export type TreatedAlike = Treatment & { readonly kinds: string; readonly about: string };

const HEADINGS = {
  failure: 'Treated as a failure:',
  expected: 'Expected, so counted and told, and no failure:',
  'not judged': 'Not judged, so that the run cannot pass:',
  impossible: 'Impossible here, or not to be told:',
} as const satisfies Record<Treatment['as'], string>;

const ORDER = Object.keys(HEADINGS) as readonly Treatment['as'][];

/** Failures first. */
export function treatedAlike(rows: readonly TreatmentRow[]): readonly TreatedAlike[] {
  const groups = new Map<string, TreatmentRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.as, row.about, row.why]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const alike = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { as, why, about } = first;
    return [{ as, why, about, kinds: group.map(({ kind }) => kind).join(', ') }];
  });
  return ORDER.flatMap((as) => alike.filter((one) => one.as === as));
}

export function treatmentLines(rows: readonly TreatmentRow[]): readonly string[] {
  const alike = treatedAlike(rows);
  return ORDER.flatMap((as) => {
    const mine = alike.filter((one) => one.as === as);
    if (mine.length === 0) return [];
    return [HEADINGS[as], ...mine.map(({ kinds, about, why }) => `  ${kinds} of ${about}: ${why}`)];
  });
}
