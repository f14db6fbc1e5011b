/** The report as Markdown: tables without charts. Pure. */
import { kernelLines } from "openvino-llm/internal";
import { MIN_SAMPLES_FOR_P99 } from "../measure/metrics.js";
import type { HttpCost } from "../summary/http-cost.js";
import { machineLimitRows, ROOFLINE_NOTE, rooflineLines, rooflineTable } from "./roofline-text.js";
import { httpCostTable } from "./http-cost-text.js";
import { headlines } from "./headline.js";
import { configuration, settingsLine } from "./markdown-configuration.js";
import { markdownTable } from "./markdown-table.js";
import { figure, NONE, percentileText, shareText, sureness, timesText, titleOf } from "./report-text.js";
import type { BenchSummary, LevelSummary, RatioSummary } from "../summary/summary.js";
import type { Estimate } from "../stats/statistics.js";
import type { TargetFacts } from "../targets/target-facts.js";

/** The whole report. */
export function markdownReport(summary: BenchSummary): string {
  const { notices, selfChecks, targets, levels, precisionRatios, densityRatios, isaRatios, runsLeft } =
    summary;
  const sections = [
    ["# Benchmark", "", ...introduction(summary)],
    notices.length === 0
      ? []
      : notices
          .map((notice) => `> ${notice}\n>`)
          .join("\n")
          .replace(/\n>$/, "")
          .split("\n"),
    runsLeft === 0 ? [] : [`> Not finished: ${runsLeft} runs of the plan are missing.`],
    inShortSection(summary),
    ...targets.map((facts) =>
      targetSection(
        facts,
        levels.filter(({ target }) => target === facts.label),
      ),
    ),
    ratioSection("INT4 to INT8", precisionRatios),
    ratioSection("Dense to mixture of experts", densityRatios),
    ratioSection("The whole instruction set to a limited one", isaRatios),
    httpCostSection(summary.httpCosts),
    rooflineSection(summary),
    [
      "## Self-checks",
      "",
      ...markdownTable(
        ["check", "status", "found"],
        selfChecks.map((check) => [check.name, check.status, check.message]),
      ),
    ],
    ["## What the words mean", "", ...DEFINITIONS],
    ["## Configuration", "", ...configuration(summary)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function introduction({ created, options }: BenchSummary): string[] {
  const { inputLength, outputLength, rangeRatio, requestRate, burstiness, repeats, seed, dataset } = options;
  const length = rangeRatio === 0 ? "" : `, both ± ${rangeRatio * 100} %`;
  const load =
    requestRate === "inf" ? "closed loop" : `${requestRate} requests per second (burstiness ${burstiness})`;
  const prompts = dataset === "random" ? "random token ids" : `prompts of ${dataset}`;
  const device = options.http?.inProcess === false ? "" : `; device ${options.device}`;
  return [
    `${created}. ${inputLength} tokens in, ${outputLength} out${length}; ${prompts}; ${load}; greedy, end of sequence ignored; ` +
      `${repeats} ${repeats === 1 ? "repeat" : "repeats"}; seed ${seed}${device}.`,
  ];
}

/** A line for each model: how fast, and up to which load within the service levels. */
function inShortSection(summary: BenchSummary): string[] {
  const found = headlines(summary);
  if (found.length === 0) return [];
  const hasLimits = Object.keys(summary.options.serviceLevels).length > 0;
  const at = (value: number, { concurrency }: LevelSummary) => `${figure(value)} (${concurrency} at once)`;
  return [
    "## In short",
    "",
    ...markdownTable(
      ["model", "service levels kept up to", "TTFT, ms", "TPOT, ms", "most output tokens/s"],
      found.map(({ target, keptUpTo, lowest, fastest }) => [
        titleOf(target, summary.targets.find(({ label }) => label === target)?.files?.manifest ?? null),
        hasLimits ? (keptUpTo === null ? "none" : `${keptUpTo} at once`) : NONE,
        at(lowest.meanTtftMs.mean, lowest),
        lowest.latencies.tpotMs.n === 0 ? NONE : at(lowest.meanTpotMs.mean, lowest),
        at(fastest.outputThroughput.mean, fastest),
      ]),
    ),
  ];
}

function targetSection(facts: TargetFacts, levels: readonly LevelSummary[]): string[] {
  return [
    `## ${titleOf(facts.label, facts.files?.manifest ?? null)}`,
    "",
    ...markdownTable(
      [
        "concurrency",
        "requests",
        "failed",
        "output tokens/s",
        "mean TTFT, ms",
        "mean TPOT, ms",
        "mean ITL, ms",
        "mean E2EL, ms",
        "efficiency",
        "service levels",
        "within",
      ],
      levels.map((level) => [
        String(level.concurrency),
        String(level.completed),
        String(level.failed),
        estimate(level.outputThroughput),
        estimate(level.meanTtftMs),
        estimate(level.meanTpotMs),
        estimate(level.meanItlMs),
        estimate(level.meanE2elMs),
        shareText(level.scalingEfficiency),
        level.serviceLevels.met
          ? "kept"
          : `missed: ${level.serviceLevels.missed.map((name) => name.slice(0, -2).toUpperCase()).join(", ")}`,
        shareText(level.serviceLevels.share),
      ]),
    ),
    "",
    "Percentiles over the requests of all repeats, ms:",
    "",
    ...percentileTable(levels),
    "",
    "Beside the inference, the worst of the repeats:",
    "",
    ...hostTable(levels),
    "",
    settingsLine(facts),
    ...((facts.inference ?? null) === null ? [] : [""]),
    ...kernelLines(facts.inference).map((line) => `- ${line}`),
  ];
}

function hostTable(levels: readonly LevelSummary[]): string[] {
  return markdownTable(
    [
      "concurrency",
      "event-loop delay p99 / max, ms",
      "client, of one CPU",
      "this process, of all",
      "others",
      "steal",
      "RSS, MiB",
    ],
    levels.map(({ concurrency, host }) => [
      String(concurrency),
      `${figure(host.eventLoopDelayP99Ms)} / ${figure(host.eventLoopDelayMaxMs)}`,
      shareText(host.clientCpuShare),
      shareText(host.processCpuShare),
      shareText(host.othersCpuShare),
      shareText(host.stealShare),
      figure(host.rssBytes / 2 ** 20),
    ]),
  );
}

function percentileTable(levels: readonly LevelSummary[]): string[] {
  const [first] = levels;
  if (first === undefined) return ["Nothing was measured."];
  const names = Object.keys(first.latencies.ttftMs.percentiles);
  const kinds = [
    ["TTFT", "ttftMs"],
    ["TPOT", "tpotMs"],
    ["ITL", "itlMs"],
    ["E2EL", "e2elMs"],
  ] as const;
  const rows = levels.flatMap(({ concurrency, latencies }) =>
    kinds.map(([label, kind]) => {
      const spread = latencies[kind];
      return [
        String(concurrency),
        label,
        String(spread.n),
        ...[spread.mean, spread.median, spread.std].map((value) => (spread.n === 0 ? NONE : figure(value))),
        ...names.map((name) => percentileText(spread, name)),
      ];
    }),
  );
  return markdownTable(["concurrency", "", "n", "mean", "median", "std", ...names], rows);
}

function ratioSection(title: string, ratios: readonly RatioSummary[]): string[] {
  if (ratios.length === 0) return [];
  return [
    `## ${title}`,
    "",
    ...markdownTable(
      ["concurrency", "first", "second", "by throughput", "by TPOT"],
      ratios.map(({ concurrency, first, second, byThroughput, byTpot }) => [
        String(concurrency),
        first,
        second,
        timesText(byThroughput),
        timesText(byTpot),
      ]),
    ),
  ];
}

function httpCostSection(costs: readonly HttpCost[]): string[] {
  const [head = [], ...rows] = httpCostTable(costs);
  if (rows.length === 0) return [];
  const what = "HTTP minus in-process, by the arrival of the tokens; throughput: HTTP over in-process.";
  return ["## The cost of HTTP", "", what, "", ...markdownTable(head, rows)];
}

function rooflineSection({ rooflines, targets }: BenchSummary): string[] {
  if (rooflines.length === 0) return [];
  const limits = machineLimitRows(targets);
  return [
    "## Roofline",
    "",
    ROOFLINE_NOTE,
    ...rooflines.flatMap((roofline) => {
      const [head = [], ...rows] = rooflineTable(roofline.levels);
      return [
        "",
        `### ${roofline.target}`,
        "",
        ...rooflineLines(roofline).map((line) => `- ${line}`),
        ...(rows.length === 0 ? [] : ["", ...markdownTable(head, rows)]),
      ];
    }),
    ...(limits.length === 0
      ? []
      : ["", "### The machine's limits", "", ...markdownTable(limits[0] ?? [], limits.slice(1))]),
  ];
}

const DEFINITIONS = [
  "TTFT: sent → first token. TPOT: mean time of each later token of a request. ITL: the gap between two tokens. E2EL: sent → last token.",
  "Definitions are those of vLLM's serving benchmark; stamps are the engine's own, over HTTP those of the arrival. `a (b to c)`: the mean and its 95 % interval, of latencies by drawing repeats and their requests anew, of throughputs Student's; `a (b, c)`: the mean and the two repeats, which are too few for one.",
  `Percentiles from the 99th on are left out below ${MIN_SAMPLES_FOR_P99} samples.`,
];

function estimate(found: Estimate): string {
  const sure = sureness(found);
  return sure === null ? figure(found.mean) : `${figure(found.mean)} (${sure})`;
}
