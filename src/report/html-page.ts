/**
 * The frame of every HTML report: one file, nothing loaded from anywhere, no script, light and dark, fit for paper. A strict
 * content policy stands in the page, so that even markup that slipped in could do nothing.
 */
import type { Piece } from './markup.ts';
import { html, Markup } from './markup.ts';

/** A whole page. @param generator `firedrill 0.1.0` */
export function page(title: string, generator: string, body: Piece): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="${generator}" />
        <title>${title}</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `.text;
}

/** Figures keep their units on the same line. */
export const together = (text: string): string => text.replace(/(\d) (ms|s|min|h|d)\b/g, '$1\u00a0$2');

/** Above what is no evidence about AWS. */
export const noticeLine = (notice: { word: string; text: string } | undefined): Markup | undefined =>
  notice && html`<p class="note"><b>${notice.word}.</b> ${notice.text}</p>`;

/** A section with a heading; nothing when it has no content. */
export const section = (title: string, content: Markup | undefined, kind = ''): Markup | undefined =>
  content &&
  html`<section class="${kind}">
    <h2>${title}</h2>
    ${content}
  </section> `;

export const bulletList = (items: readonly Piece[]): Markup | undefined =>
  items.length === 0
    ? undefined
    : html`<ul>
        ${items.map((item) => html`<li>${item}</li>`)}
      </ul>`;

/** Names and values, e.g. of the evidence. */
export const factList = (facts: readonly (readonly [name: string, value: Piece])[]): Markup =>
  html`<dl>
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

/**
 * Cells of class `n` are figures. The frame scrolls sideways by itself on narrow screens.
 * @param kind `fits`: its columns are few enough to stay within the narrowest screen
 */
export const dataTable = (head: readonly Piece[], rows: readonly Piece[], kind = ''): Markup | undefined =>
  rows.length === 0
    ? undefined
    : html`<div class="scroll">
        <table class="${kind}">
          <thead>
            <tr>
              ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>`;

const style = `
:root { --bg:#fff; --card:#f6f8fa; --line:#d8dee4; --ink:#1c2128; --soft:#59636e; --good:#1a7f4b; --good-bg:#dcf3e5; --bad:#c4202b;
  --bad-bg:#ffe9e8; --warn:#8a5a00; --warn-bg:#fff3d6; --pivot:#6a3fc4; --act:#2f6fc1; --watch:#9aa7b4; --lane:#62b98a; --shade:#c4202b;
  --p-find:#66727f; --p-launch:#2f6fc1; --p-boot:#7fb0ea; --p-restore:#6a3fc4; --p-verify:#1f9d63; }
@media screen and (prefers-color-scheme: dark) { :root { --bg:#0f1318; --card:#181d24; --line:#303842; --ink:#e8ecf1; --soft:#9aa6b2;
  --good:#56d192; --good-bg:#12352a; --bad:#ff7b76; --bad-bg:#43191c; --warn:#f0c063; --warn-bg:#3a2d0f; --pivot:#b99aff; --act:#6cabf7;
  --watch:#66727f; --lane:#2f8f61; --shade:#ff7b76;
  --p-find:#9aa6b2; --p-launch:#5b9bef; --p-boot:#a9cdf9; --p-restore:#a283f0; --p-verify:#4fc48a; } }
* { box-sizing:border-box; }
body { margin:0; background:var(--bg); color:var(--ink); font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
  -webkit-print-color-adjust:exact; print-color-adjust:exact; }
main { max-width:1040px; margin:0 auto; padding:40px 28px 64px; }
header { margin-bottom:24px; }
.meta { color:var(--soft); font-size:14px; display:flex; flex-wrap:wrap; gap:4px 16px; margin:0 0 18px; align-items:center; }
.meta b { color:var(--ink); letter-spacing:.02em; }
h1 { font-size:30px; line-height:1.22; margin:14px 0 0; letter-spacing:-.012em; text-wrap:balance; overflow-wrap:anywhere; }
h2 { font-size:19px; margin:0 0 12px; letter-spacing:-.005em; }
h3 { font-size:15px; margin:26px 0 6px; color:var(--soft); font-weight:600; }
section { margin-top:40px; }
p { margin:0 0 10px; }
ul { margin:0; padding-left:20px; } li { margin:5px 0; overflow-wrap:anywhere; }
.verdict { display:inline-block; font-weight:700; font-size:15px; letter-spacing:.06em; text-transform:uppercase; padding:6px 14px; border-radius:999px; }
.pass { background:var(--good-bg); color:var(--good); } .fail,.stuck { background:var(--bad-bg); color:var(--bad); }
.inconclusive,.aborted { background:var(--warn-bg); color:var(--warn); }
.lead { font-size:19px; line-height:1.5; max-width:44em; } .lead p { margin-bottom:6px; }
.note { border-left:4px solid var(--warn); background:var(--warn-bg); color:var(--ink); padding:10px 16px; border-radius:0 8px 8px 0; margin:18px 0 16px; }
.alert { border:2px solid var(--bad); border-radius:12px; padding:18px 22px; background:var(--bad-bg); margin-top:28px; }
.alert h2 { color:var(--bad); }
.cards { display:grid; grid-template-columns:repeat(auto-fill,minmax(205px,1fr)); gap:14px; }
.card { border:1px solid var(--line); border-radius:12px; padding:16px 18px; background:var(--card); break-inside:avoid; }
.card .name { font-size:14px; color:var(--soft); display:flex; justify-content:space-between; gap:8px; }
.card .figure { font-size:25px; font-weight:650; letter-spacing:-.015em; margin:6px 0 2px; line-height:1.2; font-variant-numeric:tabular-nums; text-wrap:balance; }
.card .how { font-size:13.5px; color:var(--soft); margin:0; }
.met { color:var(--good); } .missed { color:var(--bad); } .unmeasured { color:var(--warn); }
.tag { font-weight:650; white-space:nowrap; }
.gauge { height:6px; border-radius:3px; background:var(--line); margin:10px 0 8px; overflow:hidden; }
.gauge i { display:block; height:100%; background:var(--good); border-radius:3px; } .gauge.over i { background:var(--bad); }
.scroll { overflow-x:auto; }
table { border-collapse:collapse; width:100%; font-size:14.5px; }
th { text-align:left; font-weight:600; color:var(--soft); font-size:13px; }
th,td { padding:7px 14px 7px 0; border-bottom:1px solid var(--line); vertical-align:top; }
td.n { white-space:nowrap; font-variant-numeric:tabular-nums; } td.wide { overflow-wrap:anywhere; }
tr.first td { border-top:2px solid var(--line); } td.phase { color:var(--soft); } td .why { color:var(--bad); } td small { color:var(--soft); display:block; }
td code { overflow-wrap:normal; white-space:nowrap; } td.wide code { overflow-wrap:anywhere; white-space:normal; }
tr { break-inside:avoid; }
pre { margin:8px 0 4px; padding:10px 14px; border:1px solid var(--line); border-radius:8px; background:var(--card); font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace; font-size:13px; line-height:1.45; white-space:pre-wrap; overflow-wrap:anywhere; }
code,.hash { font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace; font-size:.9em; overflow-wrap:anywhere; }
.good { color:var(--good); } .bad { color:var(--bad); } .busy { color:var(--warn); } .quiet { color:var(--soft); }
dl { margin:0; font-size:14.5px; } dl div { display:grid; grid-template-columns:210px 1fr; gap:14px; padding:6px 0; border-bottom:1px solid var(--line); break-inside:avoid; }
dt { color:var(--soft); } dd { margin:0; overflow-wrap:anywhere; }
figure { margin:0; } figcaption { color:var(--soft); font-size:14px; margin-top:8px; }
.chart { overflow-x:auto; border:1px solid var(--line); border-radius:12px; background:var(--card); padding:12px 8px; break-inside:avoid; }
.chart + .chart,.chart + .scroll { margin-top:12px; } .chart svg { display:block; width:100%; min-width:760px; height:auto; }
.legend { display:flex; flex-wrap:wrap; gap:4px 20px; font-size:13.5px; color:var(--soft); margin:10px 0 0; }
.legend svg { width:16px; height:14px; vertical-align:-2px; margin-right:6px; }
svg text { font-family:inherit; font-size:12px; fill:var(--ink); } svg .s { fill:var(--soft); } svg .end { text-anchor:end; } svg .mid { text-anchor:middle; }
svg .b { font-weight:650; } svg .grid { stroke:var(--line); } svg .lane-good { fill:var(--lane); } svg .lane-bad { fill:var(--bad); }
svg .lane-half { fill:var(--warn); } svg .lane-unknown { fill:var(--watch); opacity:.55; }
svg .bar-acts { fill:var(--act); } svg .bar-watches { fill:var(--watch); } svg .bar-fault,svg .bar-failed { fill:var(--bad); } svg .bar-pivot { fill:var(--pivot); }
svg .phase-a { fill:var(--line); } svg .phase-b { fill:var(--line); opacity:.55; } svg .upper,svg .lower { fill:var(--shade); opacity:.07; } svg .halo { paint-order:stroke; stroke:var(--card); stroke-width:4px; stroke-linejoin:round; }
svg .edge { stroke:var(--bad); fill:none; } svg .m-fault { stroke:var(--bad); stroke-width:1.5; } svg .m-pivot { stroke:var(--pivot); stroke-width:1.5; } svg .m-quiet { stroke:var(--soft); stroke-dasharray:3 3; }
svg .t-fault { fill:var(--bad); font-weight:650; } svg .t-pivot { fill:var(--pivot); font-weight:650; } svg .t-quiet { fill:var(--soft); }
svg .promise { stroke:var(--ink); stroke-dasharray:5 4; }
.spent table { margin-top:14px; } .spent td { border-bottom:0; padding-top:3px; padding-bottom:3px; } .spent tr.first td { border-top:1px solid var(--line); } .spent td:last-child { width:100%; }
td.end { text-align:right; } td.found { overflow-wrap:anywhere; width:100%; }
.stack { position:relative; display:flex; height:34px; background:var(--card); border:1px solid var(--line); border-radius:6px; }
.stack.flagged { margin-top:30px; } .closer { margin:14px 0 4px; font-size:14px; color:var(--soft); }
.stack i { display:block; min-width:2px; box-shadow:inset -1px 0 0 var(--bg); } .stack i:first-child { border-radius:5px 0 0 5px; }
.stack b { position:absolute; top:-8px; bottom:-8px; width:0; border-left:2px dashed var(--ink); } .stack b span { position:absolute; left:4px; top:-17px; white-space:nowrap; font-size:13px; font-weight:600; } .stack b.flip span { left:auto; right:4px; }
.swatch { display:inline-block; width:12px; height:12px; border-radius:3px; margin-right:8px; vertical-align:-1px; }
.p-find { background:var(--p-find); } .p-launch { background:var(--p-launch); } .p-boot { background:var(--p-boot); } .p-restore { background:var(--p-restore); } .p-verify { background:var(--p-verify); }
.p-other { background:var(--line); } .p-people { background:repeating-linear-gradient(135deg,var(--watch) 0 4px,var(--bg) 4px 8px); border:1px solid var(--watch); }
footer { margin-top:48px; padding-top:16px; border-top:1px solid var(--line); color:var(--soft); font-size:13.5px; }
@media (max-width:620px) { main { padding:24px 16px 48px; } h1 { font-size:24px; } .lead { font-size:17px; } dl div { grid-template-columns:1fr; gap:0; } .chart svg { min-width:680px; } table:not(.fits) { min-width:640px; }
  .checks thead { display:none; } .checks tr { display:grid; grid-template-columns:1fr auto; border-bottom:1px solid var(--line); padding:6px 0; } .checks td { border:0; padding:1px 0; } .checks td.found { grid-area:2 / 1 / 3 / 3; } }
@media print { @page { size:A4; margin:12mm 13mm; } body { font-size:11.5px; line-height:1.45; } main { max-width:none; padding:0; } header { margin-bottom:12px; }
  h1 { font-size:20px; margin-top:8px; } h2 { font-size:14.5px; margin-bottom:7px; break-after:avoid; } h3 { font-size:12px; margin-top:14px; break-after:avoid; } section { margin-top:18px; }
  .meta,.legend,figcaption,footer { font-size:10.5px; } .meta { margin-bottom:8px; } .verdict { font-size:12px; padding:4px 11px; } .lead { font-size:13px; max-width:none; } .lead p { margin-bottom:3px; }
  .note { margin:8px 0; padding:6px 12px; } .cards { grid-template-columns:repeat(auto-fill,minmax(150px,1fr)); gap:9px; } .card { padding:9px 12px; } .card .name,.card .how { font-size:10.5px; } .card .figure { font-size:15.5px; }
  .gauge { height:4px; margin:6px 0; } table,dl { font-size:10.5px; } th { font-size:10px; } th,td { padding-top:4px; padding-bottom:4px; } dl div { padding:3px 0; } li { margin:2px 0; }
  .chart { overflow:visible; padding:6px 4px; } .chart svg { min-width:0; } .scroll { overflow:visible; } .alert,.note,figure { break-inside:avoid; } footer { margin-top:18px; padding-top:8px; } }
`;
