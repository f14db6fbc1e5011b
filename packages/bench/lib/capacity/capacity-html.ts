/** A search for capacity as one HTML file, in the look of the benchmark's report. */
import { chartOf, niceEnd, SMALL_WIDTH, type Chart } from "../report/html/charts/chart.js";
import { loadRenderer } from "../report/html/charts/render.js";
import { figureBox, note, type Section } from "../report/html/context.js";
import { flatten } from "../report/html/flatten.js";
import { html } from "../report/html/markup.js";
import { page } from "../report/html/page.js";
import { table } from "../report/html/table.js";
import type { CapacityCurve, CapacityReport } from "./capacity-report.js";
import { askedText, capacityLine, CAPACITY_RULES, pointHeads, pointRow, TITLES } from "./capacity-text.js";
import { curvesOf } from "./find-capacity.js";

/** The whole document. Charts are drawn by libraries that are loaded at the first call. */
export async function capacityHtml(report: CapacityReport): Promise<string> {
  const draw = await loadRenderer();
  const curves = curvesOf(report).filter(({ points }) => points.length > 0);
  const sections = await Promise.all(
    curves.map(async (curve): Promise<Section> => {
      const title = "Requests within the service levels, with 95 % intervals";
      const drawing = figureBox({ title }, await draw(shareChart(curve, report.share)));
      const rows = curve.points.map(pointRow);
      const figures = table({ name: TITLES[curve.kind], head: pointHeads(curve.kind, report.share), rows });
      return {
        id: curve.kind,
        title: TITLES[curve.kind],
        content: html`<div class="charts">${drawing}</div>
          ${figures}`,
      };
    }),
  );
  const name = `Capacity of ${report.target.label}`;
  const head = html`<header>
    <h1>${name}</h1>
    <p class="lead"><strong>${capacityLine(report)}</strong></p>
    <p class="lead">${askedText(report)}</p>
  </header>`;
  const settings = { properties: report.target.properties, scheduler: report.target.scheduler };
  const about: Section = {
    id: "settings",
    title: "Settings and machine",
    content: [
      note(CAPACITY_RULES),
      table({
        name: "Settings and machine",
        head: ["", ""],
        rows: flatten({ ...settings, ...report.environment }).map(([path, text]) => [path, text]),
        textColumns: 2,
      }),
    ],
  };
  return page(name, head, [...sections, about]);
}

const HEIGHT = 250;
const PADDING = { left: 56, right: 14, top: 12, bottom: 42 };
const COLORS = { holds: "var(--good)", fails: "var(--bad)", open: "var(--series-6)" } as const;
const SHAPES = { holds: "circle", fails: "cross", open: "diamond" } as const;

/** The share over the load: a point for each, green and round where it is shown to be kept, a red cross where it is not. */
export function shareChart({ kind, points }: CapacityCurve, share: number): Chart {
  const values = points.map(({ load, requests, good, interval, state }) => ({
    load,
    value: (100 * good) / requests,
    low: 100 * interval.low,
    high: 100 * interval.high,
    state,
  }));
  const states = ["holds", "fails", "open"] as const;
  const byState = (range: Readonly<Record<(typeof states)[number], string>>) => ({
    field: "state",
    type: "nominal",
    legend: null,
    scale: { domain: states, range: states.map((state) => range[state]) },
  });
  const y = {
    field: "value",
    type: "quantitative",
    scale: { domain: [0, 100], nice: false },
    axis: { title: null, tickCount: 5, labelExpr: "datum.label + ' %'", grid: true },
  };
  const { field: _field, ...axisOnly } = y;
  const x = {
    field: "load",
    type: "quantitative",
    scale: { domain: [0, niceEnd(Math.max(...values.map(({ load }) => load)) * 1.04)], nice: false },
    axis: {
      ...(kind === "users" ? { title: "users at once", tickMinStep: 1 } : { title: "requests per second" }),
      tickCount: 6,
      format: ",~f",
    },
  };
  const shown = values
    .map(({ load, value, state }) => `${load}: ${value.toFixed(1)} % (${state})`)
    .join("; ");
  const shape = {
    id: `share-${kind}`,
    description: `Share of requests within the service levels by ${x.axis.title}: ${shown}`,
    width: SMALL_WIDTH,
    height: HEIGHT,
  };
  return chartOf(shape, PADDING, {
    data: { values },
    encoding: { x },
    layer: [
      {
        data: { values: [{}] },
        mark: { type: "rule", strokeDash: [4, 3], strokeWidth: 1.5, color: "var(--limit)" },
        encoding: { x: null, y: { ...axisOnly, datum: 100 * share } },
      },
      {
        mark: { type: "rule", strokeWidth: 1.5, opacity: 0.75 },
        encoding: { y: { ...y, field: "low" }, y2: { field: "high" }, color: byState(COLORS) },
      },
      { mark: { type: "line", strokeWidth: 1.5, color: "var(--series-6)" }, encoding: { y } },
      {
        mark: { type: "point", filled: true, size: 64, opacity: 1 },
        encoding: { y, color: byState(COLORS), shape: byState(SHAPES) },
      },
    ],
  });
}
