/** The distribution of the gaps between tokens, stalls marked. Pure. */
import type { GapBin } from "../histogram.js";
import { chartOf, logTicks, SMALL_WIDTH, type Chart, type ChartSpec } from "./chart.js";

/** What is to be drawn. */
export interface GapHistogram {
  readonly id: string;
  readonly description: string;
  /** At least one, from the left to the right. */
  readonly bins: readonly GapBin[];
  /** Of the drawing, in pixels. */
  readonly height: number;
  readonly threshold: { readonly value: number; readonly text: string };
}

const PADDING = { left: 56, right: 14, top: 24, bottom: 42 };
/** Where a bar of one gap begins, so that it is seen on a logarithmic axis. */
const BASE = 0.5;

/** The chart: both axes are logarithmic, for stalls are long and few. */
export function gapHistogramChart({ id, description, bins, height, threshold }: GapHistogram): Chart {
  const low = Math.min(bins[0]?.fromMs ?? 1, threshold.value / 1.5);
  const high = Math.max(bins.at(-1)?.toMs ?? 1, threshold.value * 1.5);
  const most = Math.max(...bins.map(({ count }) => count));
  const top = 10 ** Math.max(1, Math.ceil(Math.log10(most * 1.02)));
  const inside = logTicks(low, high).filter((tick) => tick >= low && tick <= high);
  const x = { type: "quantitative", scale: { type: "log", domain: [low, high], nice: false } };
  const y = { type: "quantitative", scale: { type: "log", domain: [BASE, top], nice: false } };
  const isAtRight = Math.log(threshold.value / low) > Math.log(high / low) / 2;
  const bars = (isStall: boolean): ChartSpec => ({
    transform: [{ filter: `datum.isStall === ${String(isStall)}` }],
    mark: {
      type: "rect",
      color: isStall ? "var(--stall)" : "var(--series-1)",
      stroke: "var(--surface)",
      strokeWidth: 0.5,
    },
    encoding: {
      x: { ...x, field: "fromMs", axis: { title: "gap, ms", format: ",~f", values: every(inside, 7) } },
      x2: { field: "toMs" },
      y: {
        ...y,
        field: "count",
        axis: {
          title: null,
          format: ",~f",
          values: logTicks(1, top).filter((tick) => /^10*$/.test(String(tick))),
        },
      },
      y2: { field: "base" },
    },
  });
  const spec: ChartSpec = {
    data: { values: bins.filter(({ count }) => count > 0).map((bin) => ({ ...bin, base: BASE })) },
    layer: [
      bars(false),
      bars(true),
      {
        data: { values: [{}] },
        mark: { type: "rule", strokeDash: [4, 3], strokeWidth: 1.5, color: "var(--limit)" },
        encoding: { x: { ...x, datum: threshold.value } },
      },
      {
        data: { values: [{}] },
        mark: {
          type: "text",
          text: threshold.text,
          align: isAtRight ? "right" : "left",
          baseline: "bottom",
          dy: -4,
          color: "var(--limit)",
        },
        encoding: { x: { ...x, datum: threshold.value }, y: { value: 0 } },
      },
    ],
  };
  return chartOf({ id, description, width: SMALL_WIDTH, height }, PADDING, spec);
}

/** So many at most, evenly. */
function every(values: readonly number[], most: number): number[] {
  const step = Math.ceil(values.length / most);
  return values.filter((_, index) => index % step === 0);
}
