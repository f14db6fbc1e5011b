/** One figure of several targets beside each other. Pure. */
import type { SeriesStyle } from "../target-view.js";
import { chartOf, niceEnd, SMALL_WIDTH, type Chart, type ChartSpec } from "./chart.js";

/** A bar with its name above it. */
export interface Bar {
  readonly name: string;
  /** The value as text, at the end of the name's line. */
  readonly text: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly style: SeriesStyle;
}

/** What is to be drawn. */
export interface BarsOptions {
  readonly id: string;
  readonly description: string;
  readonly bars: readonly Bar[];
  /** A mark on each bar, such as a service level. Its name stands above the plot. */
  readonly line?: { readonly value: number; readonly text: string } | null;
}

/** As other charts in its row have it; more where there are many bars. */
const HEIGHT = 250;
const ROW_HEIGHT = 44;
const BAR_HEIGHT = 14;
const PADDING = { left: 6, right: 14, top: 22, bottom: 26 };
/** More would run into the value at the other end. */
const NAME_LENGTH = 38;

/** The chart. There must be a bar at least. */
export function barsChart({ id, description, bars, line = null }: BarsOptions): Chart {
  const most = Math.max(...bars.map(({ value }) => value), line?.value ?? 0);
  const end = niceEnd(Math.min(2 * most, Math.max(most, ...bars.map(({ high }) => high ?? 0))) * 1.02);
  const inside = (value: number) => Math.min(end, Math.max(0, value));
  const values = bars.map(({ name, text, value, low, high }, index) => ({
    row: String(index),
    name: shortened(name),
    text,
    value,
    low: inside(low ?? value),
    high: inside(high ?? value),
  }));
  const scale = { domain: [0, end], nice: false };
  const x = {
    field: "value",
    type: "quantitative",
    scale,
    axis: { title: null, tickCount: 4, format: ",~f", grid: true },
  };
  const label = (align: "left" | "right", field: "name" | "text") => ({
    mark: { type: "text", align, baseline: "bottom", dy: -BAR_HEIGHT / 2 - 3, color: "var(--text)" },
    encoding: { x: { value: align === "left" ? 0 : "width" }, text: { field } },
  });
  const spec: ChartSpec = {
    data: { values },
    encoding: {
      y: {
        field: "row",
        type: "nominal",
        sort: null,
        axis: null,
        scale: { type: "point", padding: 0.72 },
      },
    },
    layer: [
      {
        mark: { type: "bar", height: BAR_HEIGHT },
        encoding: {
          x,
          color: {
            field: "row",
            type: "nominal",
            legend: null,
            scale: { domain: values.map(({ row }) => row), range: bars.map(({ style }) => style.color) },
          },
        },
      },
      {
        transform: [{ filter: "datum.high > datum.low" }],
        mark: { type: "rule", strokeWidth: 2, color: "var(--text)" },
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" } },
      },
      ...(line === null ? [] : lineLayers(line, scale, end)),
      label("left", "name"),
      label("right", "text"),
    ],
  };
  const height = Math.max(HEIGHT, PADDING.top + PADDING.bottom + ROW_HEIGHT * bars.length);
  return chartOf({ id, description, width: SMALL_WIDTH, height }, PADDING, spec);
}

/** A piece of the line at each bar and not one through all, which would cross their names. */
function lineLayers(line: NonNullable<BarsOptions["line"]>, scale: ChartSpec, end: number): ChartSpec[] {
  const x = { datum: line.value, type: "quantitative", scale };
  return [
    {
      mark: { type: "tick", orient: "vertical", size: BAR_HEIGHT + 4, thickness: 2, color: "var(--limit)" },
      encoding: { x },
    },
    {
      data: { values: [{}] },
      mark: {
        type: "text",
        text: line.text,
        // Towards the side where there is room.
        align: line.value > end / 2 ? "right" : "left",
        baseline: "bottom",
        dy: -4,
        color: "var(--limit)",
      },
      encoding: { x, y: { value: 0 } },
    },
  ];
}

/** Both ends of a name say more than its beginning alone. */
export function shortened(name: string, most = NAME_LENGTH): string {
  const letters = [...name];
  if (letters.length <= most) return name;
  const head = Math.ceil((most - 1) / 2);
  return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (most - 1 - head)).join("")}`;
}
