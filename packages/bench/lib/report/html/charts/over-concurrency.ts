/** A figure over concurrency, a curve for each target. Pure. */
import type { SeriesStyle } from "../target-view.js";
import { chartOf, logTicks, niceEnd, SMALL_WIDTH, type Chart, type ChartSpec } from "./chart.js";

/** A curve. */
export interface Series {
  readonly style: SeriesStyle;
  readonly points: readonly SeriesPoint[];
}

/** A figure at a level, with the interval that holds it where that is known. */
export interface SeriesPoint {
  readonly concurrency: number;
  readonly value: number;
  readonly low?: number | null;
  readonly high?: number | null;
}

/** What is to be drawn. */
export interface OverConcurrency {
  readonly id: string;
  readonly description: string;
  readonly series: readonly Series[];
  /** "log" for latencies, which grow by factors; a linear axis begins at 0. */
  readonly scale: "log" | "linear";
  /** A line across, such as a service level. Its name stands above the plot, where no curve comes. */
  readonly line?: { readonly value: number; readonly text: string } | null;
}

const HEIGHT = 250;
const PADDING = { left: 56, right: 14, top: 28, bottom: 42 };
/** The piece of line before its name. */
const SAMPLE_WIDTH = 20;
/** Over the upper edge of the plot, which points may reach beyond. */
const NAME_BOTTOM = -8;

/** The chart. There must be a point at least, and no value that is not above 0 on a logarithmic axis. */
export function overConcurrencyChart({
  id,
  description,
  series,
  scale,
  line = null,
}: OverConcurrency): Chart {
  const rows = series.flatMap(({ points }, index) =>
    points.map(({ concurrency, value, low, high }) => ({
      series: String(index),
      concurrency,
      value,
      low: low ?? value,
      high: high ?? value,
    })),
  );
  const y = yScale(rows, scale, line?.value ?? null);
  const [bottom, top] = y.domain;
  const inside = (value: number) => Math.min(top, Math.max(bottom, value));
  const values = rows.map((row) => ({ ...row, low: inside(row.low), high: inside(row.high) }));
  const levels = [...new Set(rows.map(({ concurrency }) => concurrency))].sort((a, b) => a - b);
  const spec: ChartSpec = {
    data: { values },
    encoding: {
      x: {
        field: "concurrency",
        type: "quantitative",
        scale: {
          type: "log",
          base: 2,
          domain: [(levels[0] ?? 1) / 1.25, (levels.at(-1) ?? 1) * 1.25],
          nice: false,
        },
        axis: { values: levels, format: "d", labelOverlap: "greedy", title: "requests at once" },
      },
      color: byIndex(series, ({ style }) => style.color),
    },
    layer: [
      ...(line === null ? [] : lineLayers(line, y)),
      {
        mark: { type: "rule", strokeWidth: 1.5, opacity: 0.75 },
        encoding: { y: { ...y.channel, field: "low" }, y2: { field: "high" } },
      },
      ...["low", "high"].map((field) => ({
        // No cap where there is no interval, or none that could be seen.
        transform: [{ filter: "datum.high > datum.low" }],
        mark: { type: "tick", orient: "horizontal", thickness: 1.5, size: 8, opacity: 0.75 },
        encoding: { y: { ...y.channel, field } },
      })),
      {
        mark: { type: "line", strokeWidth: 2 },
        encoding: { y: y.channel, strokeDash: byIndex(series, ({ style }) => style.dash) },
      },
      {
        mark: { type: "point", filled: true, size: 58, opacity: 1 },
        encoding: { y: y.channel, shape: byIndex(series, ({ style }) => style.shape) },
      },
    ],
  };
  return chartOf({ id, description, width: SMALL_WIDTH, height: HEIGHT }, PADDING, spec);
}

function yScale(
  rows: ReadonlyArray<{ readonly value: number; readonly low: number; readonly high: number }>,
  type: OverConcurrency["scale"],
  line: number | null,
): { readonly domain: readonly [number, number]; readonly channel: ChartSpec } {
  const extra = line === null ? [] : [line];
  const most = Math.max(...rows.map(({ value }) => value), ...extra);
  // An interval of few repeats may be wider than all the rest; the axis follows it so far and no further.
  const high = Math.max(most, Math.min(2 * most, Math.max(...rows.map((row) => row.high))));
  // Said, because a line at a value alone would have none.
  const axis = { title: null, format: ",~f", grid: true };
  const channel = (domain: readonly [number, number], ticks: ChartSpec, scale: ChartSpec) => ({
    domain,
    channel: {
      field: "value",
      type: "quantitative",
      scale: { ...scale, domain, nice: false, zero: false },
      axis: { ...axis, ...ticks },
    },
  });
  if (type === "linear") return channel([0, niceEnd(high * 1.04)], { tickCount: 5 }, { type: "linear" });
  const least = Math.min(...rows.map(({ value }) => value), ...extra);
  const low = Math.min(least, Math.max(least / 2, Math.min(...rows.map((row) => row.low))));
  const ticks = logTicks(low, high * 1.05);
  const domain = [ticks[0] ?? low, ticks.at(-1) ?? high] as const;
  return channel(domain, { values: ticks.length > 9 ? ticks.filter(isPowerOfTen) : ticks }, { type: "log" });
}

function lineLayers(
  { value, text }: NonNullable<OverConcurrency["line"]>,
  { channel }: { readonly channel: ChartSpec },
): ChartSpec[] {
  const { field: _field, ...scale } = channel;
  const data = { values: [{}] };
  const mark = { type: "rule", strokeDash: [4, 3], strokeWidth: 1.5, color: "var(--limit)" };
  return [
    { data, mark, encoding: { x: null, color: null, y: { ...scale, datum: value } } },
    {
      data,
      mark,
      encoding: {
        x: { value: 0 },
        x2: { value: SAMPLE_WIDTH },
        color: null,
        y: { value: NAME_BOTTOM - 6 },
      },
    },
    {
      data,
      mark: { type: "text", text, align: "left", baseline: "bottom", dx: 6, color: "var(--limit)" },
      encoding: { x: { value: SAMPLE_WIDTH }, color: null, y: { value: NAME_BOTTOM } },
    },
  ];
}

function byIndex(series: readonly Series[], pick: (series: Series) => unknown): ChartSpec {
  return {
    field: "series",
    type: "nominal",
    legend: null,
    scale: { domain: series.map((_, index) => String(index)), range: series.map(pick) },
  };
}

function isPowerOfTen(value: number): boolean {
  return Number.isInteger(Math.round(Math.log10(value) * 1e9) / 1e9);
}
