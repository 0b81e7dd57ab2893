/** ANSI colours, or none. */

type Stroke = (text: string) => string;
export type Paint = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', Stroke>>;

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export const paint = (colour: boolean): Paint =>
  Object.fromEntries(
    Object.entries(CODES).map(([name, [on, off]]): [string, Stroke] => [
      name,
      (text) => (colour ? `\u001b[${on}m${text}\u001b[${off}m` : text),
    ]),
  ) as Paint;
