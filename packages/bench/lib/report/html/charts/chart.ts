/** What a chart is before it is drawn, and what all charts have in common. Pure. */

/** A specification of Vega-Lite. Its types need those of a browser, which a library for Node does not have. */
export type ChartSpec = Readonly<Record<string, unknown>>;

/** A chart. */
export interface Chart {
  /** Unique on the page; letters, digits and hyphens. */
  readonly id: string;
  /** What it shows, in a sentence, for those who cannot see it. */
  readonly description: string;
  /** Of the whole drawing, in pixels at its natural size. */
  readonly width: number;
  readonly height: number;
  readonly spec: ChartSpec;
}

/** Around the plotting area: room for the ticks' labels. */
export interface Padding {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Charts of this width stand three in a row on a wide page and alone on a narrow one. */
export const SMALL_WIDTH = 352;

const FONT_SIZE = 12;

/**
 * The style of all charts. Colours are variables of the page; the texts' widths cannot be measured without a browser, so
 * all room is fixed and nothing is laid out by them.
 */
export const CHART_CONFIG: ChartSpec = {
  aria: false,
  background: "transparent",
  font: "system-ui, sans-serif",
  view: { stroke: null },
  title: {
    anchor: "start",
    color: "var(--text)",
    fontSize: FONT_SIZE,
    fontWeight: "normal",
    frame: "group",
    offset: 6,
  },
  axis: {
    domainColor: "var(--axis)",
    gridColor: "var(--grid)",
    gridWidth: 1,
    labelColor: "var(--muted)",
    labelFontSize: FONT_SIZE,
    labelPadding: 5,
    tickColor: "var(--axis)",
    tickSize: 4,
    titleColor: "var(--muted)",
    titleFontSize: FONT_SIZE,
    titleFontWeight: "normal",
    titlePadding: 6,
  },
  axisY: { domain: false, ticks: false },
  axisX: { grid: false },
  text: { fontSize: FONT_SIZE, fill: "var(--muted)" },
};

/** A chart of one plotting area. */
export function chartOf(
  { id, description, width, height }: Omit<Chart, "spec">,
  padding: Padding,
  spec: ChartSpec,
): Chart {
  return {
    id,
    description,
    width,
    height,
    spec: {
      ...spec,
      autosize: { type: "none" },
      padding,
      width: width - padding.left - padding.right,
      height: height - padding.top - padding.bottom,
    },
  };
}

/**
 * 1, 2, 5, 10, 20, … from the last one that is not above `low` to the first one that is not below `high`; finer ones where
 * those would be too few to read a value by.
 */
export function logTicks(low: number, high: number): number[] {
  const coarse = ticksAround(low, high, [1, 2, 5]);
  return coarse.length >= 4 ? coarse : ticksAround(low, high, [1, 1.5, 2, 3, 4, 5, 7]);
}

function ticksAround(low: number, high: number, digits: readonly number[]): number[] {
  const ticks: number[] = [];
  const to = Math.ceil(Math.log10(high));
  for (let power = Math.floor(Math.log10(low)); power <= to; power++) {
    // From the text, because 10 ** -1 * 2 is not 0.2.
    for (const digit of digits) ticks.push(Number(`${digit}e${power}`));
  }
  const first = ticks.findLastIndex((tick) => tick <= low);
  const last = ticks.findIndex((tick) => tick >= high);
  return ticks.slice(Math.max(first, 0), last === -1 ? undefined : last + 1);
}

/** The end of an axis from 0: the first round number that is not below `high`. */
export function niceEnd(high: number): number {
  if (!(high > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(high));
  const step =
    [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((digit) => digit * power >= high * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(12));
}
