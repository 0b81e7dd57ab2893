/** The table of what each provider can do, as lines for a terminal. */
import { capabilityTable, PROVIDERS } from '../cluster/capabilities.ts';

export function capabilityLines(): readonly string[] {
  const rows = capabilityTable();
  const table = [{ name: '', cells: PROVIDERS }, ...rows];
  const first = Math.max(...table.map(({ name }) => name.length));
  return table.map(({ name, cells }) =>
    `  ${[name.padEnd(first), ...cells.map((cell) => cell.padEnd(6))].join('  ')}`.trimEnd(),
  );
}
