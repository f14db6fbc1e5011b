/** The page of `models inspect --html`: one file without script, in the look of the benchmark's report. */
import type { ModelInspection, TensorRole } from "openvino-llm/models";
import {
  formatBytes,
  inspectionSections,
  percentText,
  randomText,
  weightRowName,
  type InspectionSection,
} from "openvino-llm/internal";
import { SMALL_WIDTH, chartOf, type Chart } from "./html/charts/chart.js";
import { loadRenderer } from "./html/charts/render.js";
import type { Section } from "./html/context.js";
import { html, type Markup, type Part } from "./html/markup.js";
import { page } from "./html/page.js";
import { table } from "./html/table.js";

/** The whole document. */
export async function inspectionPage(model: ModelInspection): Promise<string> {
  const draw = await loadRenderer();
  const census = model.weights.filter(({ share }) => share >= MIN_SHARE);
  const charts = await Promise.all(
    census.length === 0
      ? []
      : WIDTHS.map(({ kind, width }) => draw(censusChart(census, `weights-${kind}`, width))),
  );
  const drawings = WIDTHS.map(({ kind }, index) => html`<div class="${kind}">${charts[index] ?? null}</div>`);
  const sections = inspectionSections(model).map((section): Section => {
    const { title } = section;
    const content = title === "Weights" ? [drawings, weightsTable(model)] : plainContent(section);
    return {
      id: title.toLowerCase(),
      title,
      content: [content, title === "Graph" ? operationsTable(model) : null],
    };
  });
  return page(`${model.name}: what its files say`, head(model), sections);
}

/** Below these come constants of some bytes, which no bar shows. */
const MIN_SHARE = 0.0005;
const WIDTHS = [
  { kind: "wide", width: 720 },
  { kind: "narrow", width: SMALL_WIDTH },
] as const;

function plainContent({ title, rows, notes }: InspectionSection): Part {
  const lines = rows.filter(([name]) => name !== "Operations");
  return [
    lines.length === 0 ? null : table({ name: title, head: ["", ""], rows: lines, textColumns: 2 }),
    notes.map((note) => html`<p class="note">${note}</p>`),
  ];
}

function weightsTable({ weights }: ModelInspection): Markup {
  return table({
    name: "Weights",
    head: ["Tensors for", "Tensors", "Numbers", "Bytes", "Share"],
    rows: weights.map((row) => [
      weightRowName(row),
      row.tensors.toLocaleString("en-US"),
      row.elements.toLocaleString("en-US"),
      row.sizeBytes.toLocaleString("en-US"),
      percentText(row.share),
    ]),
  });
}

function operationsTable({ graph }: ModelInspection): Markup | null {
  if (graph === null) return null;
  const rows = Object.entries(graph.operations).map(([type, count]) => [type, count.toLocaleString("en-US")]);
  return html`<h3>${graph.operationCount.toLocaleString("en-US")} operations by type</h3>
    ${table({ name: "Operations", head: ["Type", "Operations"], rows })}`;
}

function head(model: ModelInspection): Markup {
  const random = model.randomWeights === null ? null : html`<p class="notice">${randomText(model)}</p>`;
  return html`<header>
    <h1>${model.name}</h1>
    ${random}
    <p class="lead"><code>${model.path}</code></p>
  </header>`;
}

const ROW_HEIGHT = 40;
const BAR_HEIGHT = 14;
const PADDING = { left: 4, right: 12, top: 24, bottom: 24 };

const COLORS: Readonly<Record<TensorRole, string>> = {
  weight: "var(--series-1)",
  scale: "var(--series-2)",
  zeroPoint: "var(--series-3)",
  other: "var(--series-6)",
};

/** Bytes of each kind of tensor, as bars. */
export function censusChart(rows: ModelInspection["weights"], id: string, width: number): Chart {
  const megabytes = (bytes: number) => bytes / 1e6;
  const values = rows.map((row, index) => ({
    row: String(index),
    name: weightRowName(row),
    text: `${formatBytes(row.sizeBytes)}, ${percentText(row.share)}`,
    size: megabytes(row.sizeBytes),
    color: COLORS[row.role],
  }));
  const y = { field: "row", type: "nominal", sort: null, axis: null, scale: { type: "point", padding: 0.7 } };
  const label = (align: "left" | "right", field: "name" | "text") => ({
    mark: { type: "text", align, baseline: "bottom", dy: -BAR_HEIGHT / 2 - 3, color: "var(--text)" },
    encoding: { y, x: { value: align === "left" ? 0 : "width" }, text: { field } },
  });
  const bars = {
    mark: { type: "bar", height: BAR_HEIGHT },
    encoding: {
      y,
      x: {
        field: "size",
        type: "quantitative",
        axis: { title: null, tickCount: width > SMALL_WIDTH ? 6 : 4, format: ",~f", grid: true },
      },
      color: { field: "color", type: "nominal", scale: null, legend: null },
    },
  };
  const shape = {
    id,
    description: `Bytes of the tensors, in MB: ${values.map(({ name, text }) => `${name} ${text}`).join("; ")}`,
    width,
    height: PADDING.top + PADDING.bottom + ROW_HEIGHT * values.length,
  };
  return chartOf(shape, PADDING, {
    title: "Megabytes in the file",
    data: { values },
    layer: [bars, label("left", "name"), label("right", "text")],
  });
}
