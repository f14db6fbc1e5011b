// A terminal's screen as an SVG that needs nothing else: its own colours, light and dark, and the reader's monospaced font.

const CELL = { width: 8.4, height: 19, baseline: 14 };
const MARGIN = 18;
const BAR = 34;
/** The blocks that charts are made of are drawn, because fonts leave gaps between them. */
const EIGHTHS = "▁▂▃▄▅▆▇█";
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * @param {import("./screen.mjs").Run[][]} lines
 * @param {{ columns: number, title: string, description: string }} options `description`: for who does not see it
 * @returns {string}
 */
export function svgOf(lines, { columns, title, description }) {
  const width = Math.ceil(2 * MARGIN + columns * CELL.width);
  const height = Math.ceil(BAR + MARGIN + lines.length * CELL.height);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(description)}">
<style>
.page{fill:#fff;stroke:#d0d7de}.bar{fill:#f6f8fa}text,.block{fill:#1f2328}.title,.dim,.dot{fill:#656d76}
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;white-space:pre}
.title{text-anchor:middle;font-size:12px}.bold{font-weight:700}
@media(prefers-color-scheme:dark){.page{fill:#0d1117;stroke:#30363d}.bar{fill:#161b22}text,.block{fill:#e6edf3}.title,.dim,.dot{fill:#8d96a0}}
</style>
<rect class="page" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
<path class="bar" d="M1 ${BAR}V9a8 8 0 0 1 8-8h${width - 18}a8 8 0 0 1 8 8v${BAR - 9}z"/>
${[0, 1, 2].map((i) => `<circle class="dot" cx="${MARGIN + 4 + i * 18}" cy="${BAR / 2}" r="5"/>`).join("")}
<text class="title" x="${width / 2}" y="${BAR / 2 + 4}">${escaped(title)}</text>
${lines.flatMap((line, row) => line.map((run) => drawn(run, BAR + MARGIN / 2 + row * CELL.height))).join("")}</svg>
`;
}

/** A run as its text and its blocks. */
function drawn(run, top) {
  const blocks = [...run.text.matchAll(/([▁-█])\1*/g)].map(({ 0: blocks, index }) => {
    const height = (CELL.height * (EIGHTHS.indexOf(blocks[0]) + 1)) / 8;
    const place = `x="${number(left(run.column + index))}" y="${number(top + CELL.height - height)}"`;
    // A little higher, so that what stands on each other is one.
    return `<rect class="block" ${place} width="${number(blocks.length * CELL.width)}" height="${number(height + 0.3)}"/>\n`;
  });
  return blocks.join("") + words(run, run.text.replaceAll(/[▁-█]/g, " "), top);
}

/** Each piece between wide gaps has its place and its length, so that columns stand whatever font there is. */
function words({ column, isBold, isDim }, text, top) {
  const look = [isBold && "bold", isDim && "dim"].filter(Boolean).join(" ");
  return [...text.matchAll(/\S+(?: \S+)*/g)]
    .map(({ 0: piece, index }) => {
      const length = number(piece.length * CELL.width);
      const place = `x="${number(left(column + index))}" y="${number(top + CELL.baseline)}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`;
      return `<text${look && ` class="${look}"`} ${place}>${escaped(piece)}</text>\n`;
    })
    .join("");
}

const left = (column) => MARGIN + column * CELL.width;
const number = (value) => String(Math.round(value * 10) / 10);
const escaped = (text) => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character]);
