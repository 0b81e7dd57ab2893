/** Everything from outside goes through here before it reaches the page. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is already HTML; made by `html` and `trusted` only. */
export type Html = { readonly html: string };

export const trusted = (text: string): Html => ({ html: text });

export const escapeText = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

type Part = Html | string | number | null | undefined | false | readonly Part[];

const partToHtml = (part: Part): string => {
  if (part === null || part === undefined || part === false) return '';
  if (Array.isArray(part)) return part.map(partToHtml).join('');
  return typeof part === 'object' ? (part as Html).html : escapeText(String(part));
};

/** A template whose values are escaped unless they are `Html`; lists are joined, null and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return trusted(strings.reduce((text, next, i) => text + partToHtml(parts[i - 1]) + next));
}

/** JSON that may stand inside a script element: no `<` can end it, no separator can break it. */
export const inlineJson = (value: unknown): string =>
  JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
