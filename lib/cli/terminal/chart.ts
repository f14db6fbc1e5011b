/** A chart of latencies in text. Pure. */
import { formatFigure, formatMs } from "./format.js";

/** How a chart is drawn. */
export interface ChartOptions {
  /** Characters of a line. */
  readonly columns: number;
  /** Lines of bars in one strip. Default 4. */
  readonly height?: number;
  /** Strips at most; with more values than that, a bar stands for several. Default 3. */
  readonly maxStrips?: number;
}

/** Eighths of a character, from empty to full. */
const EIGHTHS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const NARROWEST_STRIP = 10;
/** Few values have bars of two characters and a gap, many have bars of one. */
const WIDE = { bar: 2, cell: 3 };
const NARROW = { bar: 1, cell: 1 };

/**
 * The latency of each token but the first, whose wait for the prompt would make the others invisible, as bars from the
 * left to the right, in as many strips as the width asks for. The axis runs from 0 to the highest latency.
 *
 * @param latenciesMs - of the tokens 2, 3, …
 * @returns lines without colour; none where there is no latency to show.
 */
export function latencyChart(latenciesMs: readonly number[], options: ChartOptions): string[] {
  const { columns, height = 4, maxStrips = 3 } = options;
  const maxMs = latenciesMs.reduce((max, ms) => Math.max(max, ms), 0);
  if (latenciesMs.length === 0 || maxMs <= 0) return [];
  const top = formatMs(maxMs);
  const indent = 2;
  const width = Math.max(NARROWEST_STRIP, columns - indent - top.length - 3);
  const perBar = Math.ceil(latenciesMs.length / (width * maxStrips));
  const bars = chunksOf(latenciesMs, perBar).map((group) => Math.max(...group));
  const shape = bars.length * WIDE.cell <= width ? WIDE : NARROW;
  const lines = chunksOf(bars, width).flatMap((strip, index) => {
    const firstToken = 2 + index * width * perBar;
    const lastToken = Math.min(firstToken + strip.length * perBar - 1, latenciesMs.length + 1);
    return drawStrip(strip, { maxMs, height, top, shape, firstToken, lastToken });
  });
  return [...titleOf(latenciesMs, maxMs, perBar), ...lines].map((line) => " ".repeat(indent) + line);
}

function titleOf(latenciesMs: readonly number[], maxMs: number, perBar: number): string[] {
  const last = latenciesMs.length + 1;
  const tokens = last === 2 ? "token 2" : `tokens 2 to ${last}`;
  const slowest = latenciesMs.indexOf(maxMs) + 2;
  return [
    `Latency of ${tokens} in ms, highest ${formatFigure(maxMs)} (token ${slowest})`,
    ...(perBar === 1 ? [] : [`Each bar is the slowest of ${perBar} tokens`]),
  ];
}

interface StripScale {
  readonly maxMs: number;
  readonly height: number;
  /** Label of the axis' upper end. */
  readonly top: string;
  readonly shape: { readonly bar: number; readonly cell: number };
  readonly firstToken: number;
  readonly lastToken: number;
}

function drawStrip(strip: readonly number[], scale: StripScale): string[] {
  const { maxMs, height, top, shape, firstToken, lastToken } = scale;
  const levels = strip.map((ms) => (ms <= 0 ? 0 : Math.max(1, Math.round((ms / maxMs) * height * 8))));
  const rows = Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * 8;
    const cells = levels.map((level) =>
      (EIGHTHS[Math.min(8, Math.max(0, level - below))] ?? " ").repeat(shape.bar).padEnd(shape.cell),
    );
    const label = row === 0 ? `${top} ┤` : `${" ".repeat(top.length)} │`;
    return (label + cells.join("")).trimEnd();
  });
  const width = strip.length * shape.cell;
  const axis = `${"0".padStart(top.length)} └${"─".repeat(width)}`;
  const numbers = rangeLabel(firstToken, lastToken, width - shape.cell + 1);
  return [...rows, axis, `${" ".repeat(top.length)}  ${numbers}`];
}

/** The first token's number under the first bar, the last one's under the last bar, where there is room for both. */
function rangeLabel(first: number, last: number, width: number): string {
  const left = String(first);
  const right = String(last);
  if (first === last || left.length + 1 + right.length > width)
    return first === last ? left : `${left}–${right}`;
  return left + right.padStart(width - left.length);
}

function chunksOf<Value>(values: readonly Value[], size: number): Value[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}
