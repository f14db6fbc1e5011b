/** The report as Markdown: tables without charts. Pure. */
import type { ChosenProperty } from "openvino-llm";
import { kernelLines } from "openvino-llm/internal";
import { environmentRows } from "./environment-rows.js";
import { MIN_SAMPLES_FOR_P99 } from "../measure/metrics.js";
import type { HttpCost } from "../summary/http-cost.js";
import { httpCostTable } from "./http-cost-text.js";
import type { ServerFacts } from "../targets/server-facts.js";
import { flatten } from "./html/flatten.js";
import { figure, NONE, percentileText, shareText, sureness, timesText, titleOf } from "./report-text.js";
import type { BenchSummary, LevelSummary, RatioSummary } from "../summary/summary.js";
import type { Estimate } from "../stats/statistics.js";
import type { PrecisionHint, TargetFacts } from "../targets/target-facts.js";

/** The whole report. */
export function markdownReport(summary: BenchSummary): string {
  const { notices, selfChecks, targets, levels, precisionRatios, densityRatios, isaRatios, runsLeft } =
    summary;
  const environment = summary.environments.at(-1);
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
    ...targets.map((facts) =>
      targetSection(
        facts,
        levels.filter(({ target }) => target === facts.label),
      ),
    ),
    ...manifestSections(targets),
    ratioSection("INT4 to INT8", precisionRatios),
    ratioSection("Dense to mixture of experts", densityRatios),
    ratioSection("The whole instruction set to a limited one", isaRatios),
    httpCostSection(summary.httpCosts),
    [
      "## Self-checks",
      "",
      ...table(
        ["check", "status", "found"],
        selfChecks.map((check) => [check.name, check.status, check.message]),
      ),
    ],
    ["## Machine", "", ...(environment === undefined ? [] : table(["", ""], environmentRows(environment)))],
    ["## Parameters", "", ...table(["", ""], flatRows(summary.options))],
    ["## What the words mean", "", ...DEFINITIONS],
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

function targetSection(facts: TargetFacts, levels: readonly LevelSummary[]): string[] {
  return [
    `## ${titleOf(facts.label, facts.files?.manifest ?? null)}`,
    "",
    facts.engine === "http" && facts.server !== null ? serverLine(facts.server) : targetLine(facts),
    "",
    ...kernelLines(facts.inference).flatMap((line) => [`- ${line}`]),
    ...((facts.inference ?? null) === null ? [] : [""]),
    ...table(
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
  ];
}

function hostTable(levels: readonly LevelSummary[]): string[] {
  return table(
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

function targetLine(facts: TargetFacts): string {
  const { model, engine, files, properties, scheduler, prefixCaching, precisions } = facts;
  const { profile, chosenProperties = [] } = facts;
  const hint = (asked: PrecisionHint | null) => (asked === null ? "the plugin's choice" : asked.value);
  const set = Object.entries(properties).map(([name, value]) => `${name}=${String(value)}`);
  const built = Object.entries(files?.runtimeOptions ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    `\`${model}\``,
    `engine ${engine}`,
    `weights ${files?.precision ?? "unknown"}`,
    `inference precision ${hint(precisions.inference)}`,
    `KV precision ${hint(precisions.kvCache)}`,
    `prefix caching ${prefixCaching === null ? "unknown" : prefixCaching ? "on" : "off"}`,
    ...(scheduler === null ? [] : [`${scheduler.maxNumBatchedTokens} batched tokens at most`]),
    `properties ${set.join(", ") || "none"}`,
    ...chosenTexts(chosenProperties),
    ...(profile === undefined ? [] : [`profile \`${profile.file}\` (${profile.objective})`]),
    ...(built.length === 0 ? [] : [`the model's own ${built.join(", ")}`]),
  ].join("; ");
}

/** "by default INFERENCE_PRECISION_HINT": which of the properties nobody asked for, and why they are there. */
function chosenTexts(chosen: readonly ChosenProperty[]): string[] {
  const reasons = [...new Set(chosen.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const names = chosen.filter((property) => property.reason === reason).map(({ name }) => name);
    return `of them ${names.join(", ")}: ${reason}`;
  });
}

function serverLine(server: ServerFacts): string {
  const { servedModel, url, endpoint, software, version, model, prompts, leftOut } = server;
  const promptText = { tokenIds: "token ids", text: "words", dataset: "those of the dataset" }[prompts];
  return [
    `\`${servedModel}\` of ${url}`,
    `endpoint ${endpoint}`,
    `server ${[software, version].filter((part) => part !== null).join(" ") || "unknown"}`,
    ...(model === null || model.root === null ? [] : [`loaded from ${model.root}`]),
    `prompts ${promptText}`,
    ...(leftOut.length === 0 ? [] : [`without ${leftOut.join(", ")}, which it refuses`]),
  ].join("; ");
}

/** Where each model comes from, and what its manifest says of its quality. */
function manifestSections(targets: readonly TargetFacts[]): string[][] {
  const models = new Map(targets.flatMap(({ model, files }) => (files === null ? [] : [[model, files]])));
  return [...models].flatMap(([model, { manifest }]) =>
    manifest === null ? [] : [[`## Manifest of ${model}`, "", ...table(["", ""], flatRows(manifest))]],
  );
}

function flatRows(value: object): string[][] {
  return flatten(value).map((field) => [...field]);
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
  return table(["concurrency", "", "n", "mean", "median", "std", ...names], rows);
}

function ratioSection(title: string, ratios: readonly RatioSummary[]): string[] {
  if (ratios.length === 0) return [];
  return [
    `## ${title}`,
    "",
    ...table(
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
  return ["## The cost of HTTP", "", what, "", ...table(head, rows)];
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

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
