/** The two scripts of the page: Vega's runtime, read from its package, and the few lines that draw the charts. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Vega's bundle for browsers; it contains nothing that could end a script element. */
export async function vegaRuntime(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('vega');
  const text = await readFile(join(dirname(entry), 'vega.min.js'), 'utf8');
  return text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '').replaceAll('</script', '<\\/script');
}

/** Draws every chart of the page, one after the other, so that text can be read meanwhile. */
export const DRAW = `(async () => {
  const specs = JSON.parse(document.getElementById('charts').textContent);
  for (const box of document.querySelectorAll('[data-chart]')) {
    try {
      const runtime = vega.parse(specs[box.dataset.chart]);
      await new vega.View(runtime, { renderer: 'svg', container: box, hover: true }).runAsync();
    } catch (error) {
      box.textContent = 'This chart could not be drawn: ' + error.message;
    }
  }
})();`;

/** For a content security policy that lets these scripts run and no other. */
export const scriptHash = (script: string): string =>
  `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
