import { figure, NONE, percent, percentileText } from "../../report-text.js";
import type { LevelSummary } from "../../../summary/summary.js";
import { note, type ReportContext, type Section } from "../context.js";
import { html, type Part } from "../markup.js";
import { estimateCell, repeatedAfter, table, unitHead } from "../table.js";

/** The tables of every model: means with intervals, and distributions. */
export function figureSection({ views }: ReportContext): Section {
  const measured = views.filter(({ levels }) => levels.length > 0);
  return {
    id: "figures",
    title: "Figures",
    content:
      measured.length === 0
        ? note("Nothing was measured.")
        : [
            note(
              "Means over the repeats, with their 95 % interval below, or the repeats themselves where there are two. Then the distribution over the requests of all repeats together; ITL over all gaps between tokens.",
            ),
            measured.map(
              ({ title, levels }) =>
                html`<h3>${title}</h3>
                  ${levelTable(title, levels)} ${distributionTable(title, levels)}`,
            ),
          ],
  };
}

function levelTable(title: string, levels: readonly LevelSummary[]): Part {
  return table({
    name: `Means of ${title}`,
    head: [
      unitHead("requests", "at once"),
      unitHead("completed", "failed"),
      unitHead("output", "tokens/s"),
      unitHead("in and out", "tokens/s"),
      unitHead("requests", "per s"),
      unitHead("goodput", "per s"),
      unitHead("TTFT", "ms"),
      unitHead("TPOT", "ms"),
      unitHead("ITL", "ms"),
      unitHead("E2EL", "ms"),
      unitHead("scaling", "efficiency"),
    ],
    rows: levels.map((level) => [
      level.concurrency,
      html`${level.completed}<span class="interval">${level.failed} failed</span>`,
      estimateCell(level.outputThroughput),
      estimateCell(level.totalTokenThroughput),
      estimateCell(level.requestThroughput),
      level.requestGoodput === null ? NONE : estimateCell(level.requestGoodput),
      estimateCell(level.meanTtftMs),
      level.latencies.tpotMs.n === 0 ? NONE : estimateCell(level.meanTpotMs),
      level.latencies.itlMs.n === 0 ? NONE : estimateCell(level.meanItlMs),
      estimateCell(level.meanE2elMs),
      level.scalingEfficiency === null ? NONE : percent(level.scalingEfficiency),
    ]),
  });
}

const KINDS = [
  ["TTFT", "ttftMs"],
  ["TPOT", "tpotMs"],
  ["ITL", "itlMs"],
  ["E2EL", "e2elMs"],
] as const;

function distributionTable(title: string, levels: readonly LevelSummary[]): Part {
  const names = Object.keys(levels[0]?.latencies.ttftMs.percentiles ?? {});
  return table({
    name: `Distributions of ${title}`,
    head: [
      unitHead("requests", "at once"),
      unitHead("latency", "ms"),
      "n",
      "mean",
      "median",
      "std",
      "min",
      ...names,
      "max",
    ],
    textColumns: 2,
    rows: levels.flatMap(({ concurrency, latencies }) =>
      KINDS.map(([name, kind], index) => {
        const spread = latencies[kind];
        const one = (value: number) => (spread.n === 0 ? NONE : figure(value));
        return [
          repeatedAfter(index, String(concurrency)),
          name,
          spread.n,
          one(spread.mean),
          one(spread.median),
          one(spread.std),
          one(spread.min),
          ...names.map((percentile) => percentileText(spread, percentile)),
          one(spread.max),
        ];
      }),
    ),
  });
}
