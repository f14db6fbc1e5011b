/**
 * The style sheet of the report. The series' colours are distinguished by people who see few colours too, and have at
 * least 4.5:1 against their ground; every series differs by its points and dashes as well.
 */
export const STYLE = `
:root {
  --surface: #ffffff; --text: #1a1d21; --muted: #565e67; --axis: #8a929b; --grid: #e3e6ea;
  --rule: #d5d9de; --link: #0b5cad; --limit: #b3261e; --stall: #c2410c; --good: #1b6e3c; --bad: #b3261e;
  --shade: #1a1d2133; --notice: #fff4e0; --notice-edge: #b26a00;
  --series-1: #0067a8; --series-2: #b94700; --series-3: #00734f; --series-4: #9c3d80;
  --series-5: #7d6200; --series-6: #4b5f8a; --series-7: #3a3d42; --series-8: #87492c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --surface: #15181c; --text: #e8eaed; --muted: #a9b1ba; --axis: #7c858f; --grid: #2c3137;
    --rule: #363c43; --link: #7db8f0; --limit: #ff8a80; --stall: #ff9e5e; --good: #6fd396; --bad: #ff8a80;
    --shade: #e8eaed44; --notice: #33280f; --notice-edge: #e0a030;
    --series-1: #5bb5ec; --series-2: #f2914e; --series-3: #3fc799; --series-4: #dd90c6;
    --series-5: #e0c24a; --series-6: #a3b6df; --series-7: #d5d8dc; --series-8: #cf9a7c;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 1152px; padding: 32px 24px 64px; background: var(--surface); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0 0 16px; font-size: 26px; line-height: 1.25; }
h2 { margin: 48px 0 12px; padding-top: 12px; border-top: 1px solid var(--rule); font-size: 20px; line-height: 1.3; }
h3 { margin: 28px 0 8px; font-size: 15px; line-height: 1.35; }
p { margin: 0 0 12px; }
a { color: var(--link); }
.lead { max-width: 820px; font-size: 16px; }
.note { max-width: 820px; color: var(--muted); font-size: 14px; }
.notice { margin: 0 0 8px; padding: 8px 12px; border-left: 4px solid var(--notice-edge); background: var(--notice); }
.notice + .lead { margin-top: 16px; }
.muted { color: var(--muted); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.kept { color: var(--good); font-weight: 600; }
.missed { color: var(--bad); font-weight: 600; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 16px; font-size: 14px; }
.scroll {
  position: relative; max-width: 100%; margin: 0 0 16px; overflow-x: auto;
  background:
    linear-gradient(to right, var(--surface) 40%, transparent) left / 40px 100% no-repeat local,
    linear-gradient(to left, var(--surface) 40%, transparent) right / 40px 100% no-repeat local,
    linear-gradient(to right, var(--shade), transparent) left / 14px 100% no-repeat scroll,
    linear-gradient(to left, var(--shade), transparent) right / 14px 100% no-repeat scroll;
  animation: overflows linear both; animation-timeline: scroll(self inline);
}
.scroll::before {
  content: "scroll sideways for all columns →"; display: var(--hint, none); position: sticky; left: 0; width: fit-content;
  color: var(--muted); font-size: 12px;
}
@keyframes overflows { from, to { --hint: block; } }
table { border-collapse: collapse; font-size: 13px; line-height: 1.35; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 9px; border-bottom: 1px solid var(--rule); vertical-align: top; overflow-wrap: normal; }
th:first-child, td:first-child { padding-left: 0; }
thead th { border-bottom: 1px solid var(--axis); color: var(--muted); font-weight: 600; vertical-align: bottom; white-space: nowrap; }
thead th.text { white-space: normal; overflow-wrap: anywhere; }
tbody th { font-weight: 600; }
.text { text-align: left; }
.figure { text-align: right; white-space: nowrap; }
td.text, th.text { min-width: 64px; max-width: 420px; }
.interval { display: block; color: var(--muted); font-size: 12px; font-weight: normal; }
.prose { display: block; max-width: 760px; min-width: 220px; overflow-wrap: anywhere; }
.name { display: block; min-width: 150px; overflow-wrap: anywhere; }
.field { display: block; min-width: 150px; overflow-wrap: anywhere; }
code { font-size: 12.5px; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 24px; margin: 12px 0 16px; padding: 0; list-style: none; font-size: 14px; }
.legend li { display: flex; align-items: center; gap: 8px; }
.legend svg { flex: none; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 310px), 1fr)); gap: 24px; }
.charts.top figure { justify-content: flex-start; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 0 32px; }
.columns > div { min-width: 0; }
figure { display: flex; flex-direction: column; justify-content: space-between; margin: 0; min-width: 0; }
figcaption h3 { margin: 0 0 6px; }
figcaption .note { margin-bottom: 6px; font-size: 13px; }
.chart { display: block; width: 100%; height: auto; }
.chart text { font-family: inherit; paint-order: stroke; stroke: var(--surface); stroke-width: 3px; stroke-linejoin: round; }
.wide { display: none; }
details { margin: 8px 0 16px; }
summary { cursor: pointer; color: var(--link); font-size: 14px; }
details .scroll { margin-top: 8px; }
dl { display: grid; gap: 8px 32px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); margin: 0 0 16px; }
dt { font-weight: 600; }
dd { margin: 0; color: var(--muted); }
@media (min-width: 780px) {
  .span { grid-column: span 2; }
  .wide { display: block; }
  .narrow { display: none; }
}
@media (max-width: 520px) {
  body { padding: 20px 16px 48px; }
  h1 { font-size: 22px; }
  th, td { padding: 5px 8px; }
}
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav { display: none; }
  summary { color: inherit; list-style: none; }
  h2 { margin-top: 24px; }
  h2, h3 { break-after: avoid; }
  figure, tr, .notice { break-inside: avoid; }
  .scroll { overflow: visible; background: none; animation: none; }
  table { font-size: 8pt; }
  .interval { font-size: 7pt; }
  th, td { padding: 3px 5px; }
  thead th { white-space: normal; }
  .prose { min-width: 0; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
  a { color: inherit; }
}
`;
