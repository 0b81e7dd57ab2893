/** What every page is: one self-contained file that opens offline, is read without scripts, and can be printed. */
import type { Spec } from './charts/frame.ts';
import { type Html, html, inlineJson, trusted } from './escape.ts';
import { DRAW, scriptHash, vegaRuntime } from './runtime.ts';
import { STYLE } from './style.ts';

export type PageParts = {
  readonly title: string;
  /** Null is a section that has nothing to say. */
  readonly body: readonly (Html | null)[];
  readonly footer: string;
  /** Compiled charts; an element's `data-chart` is the index of the one that is drawn into it. */
  readonly specs: readonly Spec[];
};

/** Throws when Vega's runtime is not installed. */
export async function renderPage({ title, body, footer, specs }: PageParts): Promise<string> {
  const runtime = await vegaRuntime();
  // Vega compiles its expressions to functions, hence unsafe-eval; nothing may be fetched from anywhere.
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${scriptHash(runtime)} ${scriptHash(DRAW)} 'unsafe-eval'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${body.map((part) => part && html`${part}\n`)}<footer>${footer}</footer>
</main>
<script type="application/json" id="charts">${trusted(inlineJson(specs))}</script>
<script>${trusted(runtime)}</script>
<script>${trusted(DRAW)}</script>
</body>
</html>
`.html;
}
