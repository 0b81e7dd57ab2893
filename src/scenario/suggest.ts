/** "Did you mean": the nearest known word to a mistyped one. */

/** Edits of one letter (insert, delete, change, swap of neighbours) between two words. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, at(before, j - 2) + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] as number;

/** The known word within a third of the letters' reach, or undefined when nothing is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const near = Math.max(1, Math.floor(word.length / 3));
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of known) {
    if (Math.abs(name.length - word.length) > near) continue;
    const edits = distance(word.toLowerCase(), name.toLowerCase());
    if (edits <= near && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { name, edits };
  }
  return best?.name;
}

/** `did you mean X?`, or the words to choose from. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const name = nearest(word.slice(0, 100), known);
  if (name !== undefined) return `did you mean \`${name}\`?`;
  return known.length === 0 ? undefined : `known: ${known.join(', ')}`;
}
