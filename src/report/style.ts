/** How the page looks: system fonts, light and dark, the colours of Okabe and Ito, and a sheet of paper. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1d2329; --soft: #5d6771; --line: #dfe2e0; --wash: #f2f3f0;
  --c-blue: #0072b2; --c-orange: #c77700; --c-green: #008060; --c-red: #c8461e; --c-violet: #a4508b; --c-sky: #7fb9de;
  --pass: #00694f; --fail: #b3360d; --unknown: #8a5a00;
  --band-fault: #c8461e22; --band-phase: #80888014; --band-ink: #8a4a33;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1b1f23; --ink: #e6e8e6; --soft: #9aa4ac; --line: #333a40; --wash: #22272c;
    --c-blue: #5fb0e6; --c-orange: #f0a93b; --c-green: #3cc39a; --c-red: #ff7d57; --c-violet: #dd93c6; --c-sky: #38678a;
    --pass: #3cc39a; --fail: #ff7d57; --unknown: #f0b64f;
    --band-fault: #ff7d5726; --band-phase: #ffffff0a; --band-ink: #ffab92;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1080px; margin: 0 auto; padding: 40px 28px 72px; }
h1 { font-size: 17px; font-weight: 600; margin: 0; letter-spacing: 0.01em; overflow-wrap: anywhere; }
h2 { font-size: 21px; font-weight: 650; line-height: 1.25; margin: 56px 0 14px; letter-spacing: -0.01em; }
h3 { font-size: 14px; font-weight: 600; margin: 26px 0 6px; }
p { margin: 0 0 10px; max-width: 74ch; overflow-wrap: anywhere; }
a { color: var(--c-blue); }
.soft, .note, .unit { color: var(--soft); }
.unit { font-weight: 400; margin-left: 6px; }
.note { font-size: 14px; }
.scroll + .note { margin-top: 10px; }
.scroll + .scroll, .note + .scroll { margin-top: 26px; }
.top { display: flex; flex-wrap: wrap; gap: 4px 20px; justify-content: space-between; align-items: baseline; }
.verdict { margin: 26px 0 30px; padding: 26px 30px 24px; background: var(--card); border: 1px solid var(--line); border-left: 8px solid var(--tone); border-radius: 6px; }
.verdict strong { display: block; font-size: 46px; line-height: 1.05; letter-spacing: -0.02em; color: var(--tone); font-weight: 750; }
.verdict .word { font-size: 21px; margin: 6px 0 14px; }
.verdict ul { margin: 0; padding-left: 20px; }
.verdict li { margin: 4px 0; overflow-wrap: anywhere; }
.pass { --tone: var(--pass); } .fail { --tone: var(--fail); } .unknown { --tone: var(--unknown); }
.story { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 8px 44px; }
.story h3 { margin-top: 6px; color: var(--soft); font-weight: 500; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(124px, 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 6px; overflow: hidden; margin: 28px 0 0; }
.tiles div { background: var(--card); padding: 12px 16px 13px; }
.tiles dt { font-size: 13px; color: var(--soft); }
.tiles dd { margin: 0; font-size: 23px; font-weight: 600; letter-spacing: -0.01em; }
.tiles .bad dd { color: var(--fail); }
dl { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; }
caption { text-align: left; color: var(--soft); padding-bottom: 6px; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 13px; }
th, td { padding: 7px 18px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
td.n, th.n { text-align: right; white-space: nowrap; }
td { overflow-wrap: anywhere; min-width: 4ch; }
td:first-child { min-width: 12ch; }
td.n { overflow-wrap: normal; }
.mark { font-weight: 650; color: var(--tone); white-space: nowrap; }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
td code { font-size: 13.5px; }
pre { background: var(--wash); padding: 16px 18px; border-radius: 6px; overflow-x: auto; margin: 10px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
details { border-top: 1px solid var(--line); padding: 10px 0; }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; font-weight: 550; }
details[open] > summary { margin-bottom: 10px; }
.chart { width: 100%; }
.chart svg { display: block; max-width: 100%; }
.span { position: relative; height: 26px; background: var(--wash); border-radius: 4px; margin: 10px 0 4px; overflow: hidden; }
.span i { position: absolute; top: 0; bottom: 0; }
.span .force { background: var(--c-red); } .span .after { background: var(--c-orange); opacity: 0.75; }
.keys { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; color: var(--soft); }
.keys i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 6px; }
.keys .force { background: var(--c-red); } .keys .after { background: var(--c-orange); opacity: 0.75; }
ol.steps { list-style: none; margin: 10px 0 0; padding: 0; font-size: 14.5px; }
ol.steps li { display: grid; grid-template-columns: 84px 1fr; gap: 14px; padding: 2px 0; }
ol.steps time { text-align: right; color: var(--soft); white-space: nowrap; }
footer { margin-top: 64px; padding-top: 14px; border-top: 1px solid var(--line); font-size: 13.5px; color: var(--soft); }
@media (max-width: 640px) { main { padding: 24px 16px 48px; } .verdict { padding: 18px 18px 16px; } .verdict strong { font-size: 36px; } }
@media print {
  :root { --paper: #fff; --card: #fff; }
  body { font-size: 11pt; } main { max-width: none; padding: 0; }
  h2 { margin-top: 28px; break-after: avoid; } h3 { break-after: avoid; }
  .chart, .verdict, tr, details { break-inside: avoid; }
}
`;
