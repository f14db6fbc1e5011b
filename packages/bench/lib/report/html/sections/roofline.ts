import { machineLimitRows, ROOFLINE_NOTE, rooflineLines, rooflineTable } from "../../roofline-text.js";
import type { LevelRoofline } from "../../../summary/roofline.js";
import { overConcurrencyChart, type Series } from "../charts/over-concurrency.js";
import { figureBox, note, type ReportContext, type Section } from "../context.js";
import { html, type Markup, type Part } from "../markup.js";
import { table } from "../table.js";
import { legendOf } from "../legend.js";
import type { SeriesStyle, TargetView } from "../target-view.js";

/** The three curves of each picture. */
const CURVES: ReadonlyArray<{
  readonly title: string;
  readonly style: SeriesStyle;
  readonly pick: (level: LevelRoofline) => number | null;
}> = [
  {
    title: "measured",
    style: { color: "var(--series-1)", dash: [], shape: "circle" },
    pick: ({ decode }) => decode.measuredMs,
  },
  {
    title: "limit by memory",
    style: { color: "var(--series-2)", dash: [7, 4], shape: "square" },
    pick: ({ decode }) => decode.memoryMs,
  },
  {
    title: "limit by compute",
    style: { color: "var(--series-3)", dash: [2, 3], shape: "triangle-up" },
    pick: ({ decode }) => decode.computeMs,
  },
];

/** How near each level is to what the machine can do, and which limit binds. Null where no target was loaded. */
export async function rooflineSection({ summary, views, draw }: ReportContext): Promise<Section | null> {
  const { rooflines, targets } = summary;
  if (rooflines.length === 0) return null;
  const known = rooflines.filter(({ levels }) => levels.length > 0);
  const pictures: Markup[] = [];
  const parts: Part[] = [];
  for (const roofline of rooflines) {
    const view = views.find(({ label }) => label === roofline.target);
    if (view === undefined) continue;
    const [head = [], ...rows] = rooflineTable(roofline.levels);
    if (rows.length > 0) {
      pictures.push(await picture(view, roofline.levels, known.indexOf(roofline), draw));
    }
    parts.push([
      html`<h3>${view.title}</h3>`,
      rooflineLines(roofline).map((line) => note(line)),
      rows.length === 0 ? null : table({ name: `Roofline of ${view.title}`, head, rows }),
    ]);
  }
  const [limitHead = [], ...limitRows] = machineLimitRows(targets);
  return {
    id: "roofline",
    title: "Roofline",
    content: [
      note(ROOFLINE_NOTE),
      pictures.length === 0 ? null : [legendOf(CURVES), html`<div class="charts">${pictures}</div>`],
      parts,
      limitRows.length === 0
        ? null
        : html`<details>
            <summary>The machine's limits</summary>
            ${table({ name: "The machine's limits", head: limitHead, textColumns: 2, rows: limitRows })}
          </details>`,
    ],
  };
}

async function picture(
  { label, title, caveat }: TargetView,
  levels: readonly LevelRoofline[],
  index: number,
  draw: ReportContext["draw"],
): Promise<Markup> {
  const series: Series[] = CURVES.map(({ style, pick }) => ({
    style,
    points: levels.flatMap((level) => {
      const value = pick(level);
      return value === null || value <= 0 ? [] : [{ concurrency: level.concurrency, value }];
    }),
  }));
  const description =
    `A decoding step of ${title} over the number of requests at once, ms: measured, and at least by memory and by compute. ` +
    "Where the limit by compute is the higher one, compute binds. The figures are in the table below.";
  const chart = overConcurrencyChart({ id: `roofline-${index + 1}`, description, series, scale: "log" });
  const named = { title: `A decoding step, ms: ${label}`, caveat: caveat === null ? "" : ` (${caveat})` };
  return figureBox(named, await draw(chart));
}
