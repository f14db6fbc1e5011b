/** The steps of one run over time: batch, tokens, duration, cache. Pure. */
import type { EngineSample } from "../../../measure/records.js";
import { condensedSteps, type EngineStep } from "../steps.js";
import { niceEnd, SMALL_WIDTH, type Chart, type ChartSpec } from "./chart.js";

/** What is to be drawn. */
export interface StepTimeline {
  readonly id: string;
  readonly description: string;
  /** At least one. */
  readonly steps: readonly EngineStep[];
  /** What the engine said of its cache; none where it says nothing. */
  readonly samples: readonly EngineSample[];
  /** Longer steps are marked. */
  readonly thresholdMs: number;
  readonly isNarrow: boolean;
}

const WIDE_WIDTH = 720;
const PADDING = { left: 56, right: 14, top: 28, bottom: 42 };
const PANEL_HEIGHT = 56;
const PANEL_GAP = 32;

/** How many points a drawing of this width can show. */
export function timelinePoints(isNarrow: boolean): number {
  return isNarrow ? 250 : 500;
}

/** The height of the drawing, in pixels. */
export function timelineHeight(hasCache: boolean): number {
  const panels = hasCache ? 4 : 3;
  return PADDING.top + PADDING.bottom + panels * PANEL_HEIGHT + (panels - 1) * PANEL_GAP;
}

/** The chart: panels below each other over one axis of time. */
export function stepTimelineChart(options: StepTimeline): Chart {
  const { id, description, steps, samples, thresholdMs, isNarrow } = options;
  const width = isNarrow ? SMALL_WIDTH : WIDE_WIDTH;
  const plotWidth = width - PADDING.left - PADDING.right;
  const points = pointsOf(condensedSteps(steps, timelinePoints(isNarrow)), thresholdMs);
  const end = points.at(-1)?.seconds ?? 1;
  const x = (isLast: boolean) => ({
    field: "seconds",
    type: "quantitative",
    scale: { domain: [0, end], nice: false },
    axis: {
      title: isLast ? "seconds since the start of the run" : null,
      labels: isLast,
      tickCount: isNarrow ? 4 : 8,
      format: ",~f",
    },
  });
  const panels = [
    { title: "requests in a step", layer: [line("sequences", countsTo(most(points, "sequences")), true)] },
    { title: "tokens: generated (line), prompts (bars)", layer: tokenLayers(points) },
    { title: "time of a step, ms (dots: over the limit of stalls)", layer: durationLayers(points) },
    ...(samples.length === 0 ? [] : [{ title: "key-value cache in use, %", layer: [cacheLayer(samples)] }]),
  ];
  const spec: ChartSpec = {
    data: { values: points },
    autosize: { type: "none" },
    padding: PADDING,
    spacing: PANEL_GAP,
    bounds: "flush",
    vconcat: panels.map(({ title, layer }, index) => ({
      title,
      width: plotWidth,
      height: PANEL_HEIGHT,
      encoding: { x: x(index === panels.length - 1) },
      layer,
    })),
  };
  return { id, description, width, height: timelineHeight(samples.length > 0), spec };
}

type Point = EngineStep & { readonly seconds: number; readonly isLong: boolean };

/** A step is drawn from its beginning to its end, where its point is; the first one's beginning needs a point too. */
function pointsOf(steps: readonly EngineStep[], thresholdMs: number): Point[] {
  const points = steps.map((step) => ({
    ...step,
    seconds: step.atMs / 1000,
    isLong: step.stepMs > thresholdMs,
  }));
  const [first] = points;
  if (first === undefined) return [];
  const seconds = Math.max(0, first.atMs - first.stepMs) / 1000;
  return [{ ...first, seconds, promptTokens: 0, isLong: false }, ...points];
}

/** Logarithmic: a prompt has many times the tokens of a step that generates. */
function tokenLayers(points: readonly Point[]): ChartSpec[] {
  const end = 10 ** Math.ceil(Math.log10(Math.max(10, most(points, "tokens"), most(points, "promptTokens"))));
  const values = Array.from({ length: Math.log10(end) + 1 }, (_, power) => 10 ** power);
  const y = (field: string) => ({
    field,
    type: "quantitative",
    scale: { type: "log", domain: [1, end], nice: false },
    axis: { title: null, values, format: ",~f" },
  });
  return [
    {
      transform: [{ filter: "datum.promptTokens > 0" }, { calculate: "1", as: "one" }],
      mark: { type: "rule", strokeWidth: 1.5, color: "var(--series-2)" },
      encoding: { y: y("promptTokens"), y2: { field: "one" } },
    },
    { mark: lineMark(true), encoding: { y: y("tokens") } },
  ];
}

function durationLayers(points: readonly Point[]): ChartSpec[] {
  const y = axisTo(most(points, "stepMs"));
  return [
    line("stepMs", y, true),
    {
      transform: [{ filter: "datum.isLong" }],
      mark: { type: "point", filled: true, size: 22, opacity: 1, color: "var(--stall)", clip: true },
      encoding: { y: { ...y, field: "stepMs" } },
    },
  ];
}

function cacheLayer(samples: readonly EngineSample[]): ChartSpec {
  const values = samples.map(({ atMs, cacheUsagePercent }) => ({ seconds: atMs / 1000, cacheUsagePercent }));
  return { data: { values }, ...line("cacheUsagePercent", axisTo(most(values, "cacheUsagePercent")), false) };
}

function line(field: string, y: ChartSpec, isStepped: boolean): ChartSpec {
  return { mark: lineMark(isStepped), encoding: { y: { ...y, field } } };
}

function lineMark(isStepped: boolean): ChartSpec {
  return {
    type: "line",
    color: "var(--series-1)",
    strokeWidth: 1.25,
    clip: true,
    ...(isStepped ? { interpolate: "step-before" } : {}),
  };
}

/** Ticks at the ends and in the middle. */
function axisTo(most: number): ChartSpec {
  const end = niceEnd(most);
  return linearAxis(end, [0, end / 2, end]);
}

/** The same for counts, of which there is no half. */
function countsTo(most: number): ChartSpec {
  const end = most <= 10 ? Math.max(most, 1) : niceEnd(most);
  return linearAxis(end, end % 2 === 0 ? [0, end / 2, end] : [0, end]);
}

function linearAxis(end: number, values: readonly number[]): ChartSpec {
  return {
    type: "quantitative",
    scale: { domain: [0, end], nice: false },
    axis: { title: null, values, format: ",~f" },
  };
}

function most<Field extends string>(
  values: ReadonlyArray<Readonly<Record<Field, number>>>,
  field: Field,
): number {
  return values.reduce((largest, value) => Math.max(largest, value[field]), 0);
}
