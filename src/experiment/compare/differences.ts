/** What two scenarios ask for differently, path by path; their words about themselves do not count. */
import type { Scenario } from '../../scenario/scenario.ts';
import type { Difference } from './findings.ts';

export function differencesBetween(base: Scenario, candidate: Scenario): readonly Difference[] {
  const [ours, theirs] = [leavesOf(asked(base)), leavesOf(asked(candidate))];
  const paths = new Set([...ours.keys(), ...theirs.keys()]);
  return [...paths].flatMap((path) => {
    const difference = { path, base: ours.get(path) ?? null, candidate: theirs.get(path) ?? null };
    return difference.base === difference.candidate ? [] : [difference];
  });
}

const asked = ({ name: _name, question: _question, ...rest }: Scenario): unknown => rest;

function leavesOf(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, String(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, child]) => {
      const step = nameOf(child) ?? key;
      return [...leavesOf(child, path === '' ? step : `${path}.${step}`)];
    }),
  );
}

/** Loads and faults stand in lists and have names. */
const nameOf = (value: unknown): string | null =>
  typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : null;
