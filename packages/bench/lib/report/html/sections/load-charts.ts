import type { Estimate } from "../../../stats/statistics.js";
import type { LevelSummary } from "../../../summary/summary.js";
import { overConcurrencyChart, type OverConcurrency } from "../charts/over-concurrency.js";
import { figureBox, note, type ReportContext, type Section } from "../context.js";
import { legend } from "../legend.js";
import { html, type Markup } from "../markup.js";
import { limitText } from "../service-levels.js";
import { sharedCaveat } from "../target-view.js";

/** One chart of the section. */
interface LoadChart extends Pick<OverConcurrency, "id" | "scale" | "line"> {
  readonly title: string;
  /** Null: the level has no such figure. */
  readonly pick: (level: LevelSummary) => Estimate | null;
}

/** The figures over concurrency, a curve for each model and precision. */
export async function loadChartSection({ summary, views, draw }: ReportContext): Promise<Section | null> {
  const measured = views.filter(({ levels }) => levels.length > 0);
  if (measured.length === 0) return null;
  const { serviceLevels, repeats } = summary.options;
  const caveat = sharedCaveat(measured);
  const figures: Markup[] = [];
  for (const { title, pick, ...chart } of loadCharts(serviceLevels)) {
    const series = measured.map(({ style, levels }) => ({
      style,
      points: levels.flatMap((level) => {
        const estimate = pick(level);
        // What is not there is 0, and no logarithm.
        if (estimate === null || (chart.scale === "log" && estimate.mean <= 0)) return [];
        return [
          { concurrency: level.concurrency, value: estimate.mean, low: estimate.low, high: estimate.high },
        ];
      }),
    }));
    if (series.every(({ points }) => points.length === 0)) continue;
    const description = `${title}${caveat}, over the number of requests at once: ${measured.map((view) => view.title).join("; ")}. The figures are in the tables of each model.`;
    figures.push(
      figureBox({ title, caveat }, await draw(overConcurrencyChart({ ...chart, description, series }))),
    );
  }
  const hasInterval = measured.some(({ levels }) => levels.some((level) => level.meanTtftMs.low !== null));
  const bars = hasInterval
    ? "Bars: the 95 % interval of the mean. "
    : `${repeats === 1 ? "One repeat is" : "So few repeats are"} not enough for intervals. `;
  return {
    id: "over-concurrency",
    title: "Over concurrency",
    content: [
      note(`${bars}Latencies have logarithmic axes.`),
      legend(measured),
      html`<div class="charts">${figures}</div>`,
    ],
  };
}

function loadCharts({
  ttftMs,
  tpotMs,
  e2elMs,
}: ReportContext["summary"]["options"]["serviceLevels"]): LoadChart[] {
  const limit = (ms: number | undefined) =>
    ms === undefined ? null : { value: ms, text: `service level ${limitText(ms)}` };
  return [
    {
      id: "ttft",
      title: "Time to first token, mean, ms",
      scale: "log",
      pick: ({ meanTtftMs, latencies }) => (latencies.ttftMs.n > 0 ? meanTtftMs : null),
      line: limit(ttftMs),
    },
    {
      id: "tpot",
      title: "Time per output token, mean, ms",
      scale: "log",
      pick: ({ meanTpotMs, latencies }) => (latencies.tpotMs.n > 0 ? meanTpotMs : null),
      line: limit(tpotMs),
    },
    {
      id: "throughput",
      title: "Output tokens per second, all requests",
      scale: "linear",
      pick: ({ outputThroughput }) => outputThroughput,
    },
    {
      id: "efficiency",
      title: "Scaling efficiency, %",
      scale: "linear",
      pick: ({ scalingEfficiency }) =>
        scalingEfficiency === null
          ? null
          : { mean: 100 * scalingEfficiency, low: null, high: null, values: [] },
      line: { value: 100, text: "ideal: c times the throughput of 1" },
    },
    {
      id: "e2el",
      title: "Latency of a whole request, mean, ms",
      scale: "log",
      pick: ({ meanE2elMs, latencies }) => (latencies.e2elMs.n > 0 ? meanE2elMs : null),
      line: limit(e2elMs),
    },
    {
      id: "goodput",
      title: "Goodput, requests per second",
      scale: "linear",
      pick: ({ requestGoodput }) => requestGoodput,
    },
  ];
}
