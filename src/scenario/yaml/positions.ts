/** Offsets into the file → `FILE:LINE:COLUMN` and the lines around it with a caret. */

const AROUND = 1;
const WIDTH = 120;

export type Place = { readonly at: string; readonly frame: string };

export type Positions = (
  start: number,
  end: number,
) => Place & {
  readonly line: number;
  readonly column: number;
};

export function createPositions(file: string, text: string): Positions {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (start, end) => {
    const index = lineOf(starts, start);
    const column = start - (starts[index] as number);
    const length = Math.max(1, Math.min(end, (starts[index + 1] ?? text.length + 1) - 1) - start);
    return {
      at: `${file}:${index + 1}:${column + 1}`,
      line: index + 1,
      column: column + 1,
      frame: frameOf(lines, index, column, length),
    };
  };
}

/** The last line that starts at or before the offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function frameOf(lines: readonly string[], index: number, column: number, length: number): string {
  const first = Math.max(0, index - AROUND);
  const shown = lines.slice(first, index + AROUND + 1);
  const digits = String(first + shown.length).length;
  // Long lines are cut so that the caret stays in view.
  const cut = Math.max(0, column - WIDTH / 2);
  return shown
    .flatMap((line, offset) => {
      const number = String(first + offset + 1).padStart(digits);
      const mark = first + offset === index ? '>' : ' ';
      const code = `${mark} ${number} | ${visible(line.slice(cut, cut + WIDTH))}`.trimEnd();
      if (mark === ' ') return [code];
      const caret = '^'.repeat(Math.min(length, WIDTH / 2));
      return [code, `${' '.repeat(digits + 2)} | ${' '.repeat(column - cut)}${caret}`];
    })
    .join('\n');
}

/** What would disturb a terminal is shown as a dot. */
const visible = (line: string): string => line.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '·');
