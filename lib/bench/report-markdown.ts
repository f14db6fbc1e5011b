/** The report as Markdown: tables without charts. Pure. */
import type { Environment } from "./environment.js";
import { MIN_SAMPLES_FOR_P99, type Distribution } from "./metrics.js";
import type { BenchSummary, LevelSummary, RatioSummary } from "./summary.js";
import type { Estimate } from "./statistics.js";
import type { PrecisionHint, TargetFacts } from "./target-facts.js";

const NONE = "–";

/** The whole report. */
export function markdownReport(summary: BenchSummary): string {
  const { notices, selfChecks, targets, levels, precisionRatios, densityRatios, runsLeft } = summary;
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
    ratioSection("INT4 to INT8", precisionRatios),
    ratioSection("Dense to mixture of experts", densityRatios),
    [
      "## Self-checks",
      "",
      ...table(
        ["check", "status", "found"],
        selfChecks.map((check) => [check.name, check.status, check.message]),
      ),
    ],
    ["## Machine", "", ...environmentTable(summary.environments)],
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
  return [
    `${created}. ${inputLength} tokens in, ${outputLength} out${length}; ${prompts}; ${load}; greedy, end of sequence ignored; ` +
      `${repeats} ${repeats === 1 ? "repeat" : "repeats"}; seed ${seed}; device ${options.device}.`,
  ];
}

function targetSection(facts: TargetFacts, levels: readonly LevelSummary[]): string[] {
  return [
    `## ${facts.label}`,
    "",
    targetLine(facts),
    "",
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
        level.scalingEfficiency === null ? NONE : percent(level.scalingEfficiency),
        level.serviceLevels.met
          ? "kept"
          : `missed: ${level.serviceLevels.missed.map((name) => name.slice(0, -2).toUpperCase()).join(", ")}`,
        level.serviceLevels.share === null ? NONE : percent(level.serviceLevels.share),
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
  const share = (part: number | null) => (part === null ? NONE : percent(part));
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
      share(host.clientCpuShare),
      share(host.processCpuShare),
      share(host.othersCpuShare),
      share(host.stealShare),
      figure(host.rssBytes / 2 ** 20),
    ]),
  );
}

function targetLine(facts: TargetFacts): string {
  const { model, engine, files, properties, scheduler, prefixCaching, precisions } = facts;
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
    ...(built.length === 0 ? [] : [`the model's own ${built.join(", ")}`]),
  ].join("; ");
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
        ...names.map((name) => percentileCell(spread, name)),
      ];
    }),
  );
  return table(["concurrency", "", "n", "mean", "median", "std", ...names], rows);
}

function percentileCell({ n, percentiles }: Distribution, name: string): string {
  const value = percentiles[name];
  const needed = Number(name.slice(1)) >= 99 ? MIN_SAMPLES_FOR_P99 : 1;
  return value === undefined || n < needed ? NONE : figure(value);
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
        `${byThroughput.toFixed(2)}x`,
        byTpot === null ? NONE : `${byTpot.toFixed(2)}x`,
      ]),
    ),
  ];
}

function environmentTable(environments: readonly Environment[]): string[] {
  const environment = environments.at(-1);
  if (environment === undefined) return [];
  const { cpu, memory, os, versions, numa, cgroupQuotaCpus, loadAverage, variables } = environment;
  const caches = cpu.caches.map(({ level, type, size }) => `L${level} ${type} ${size}`).join(", ");
  const known = (text: string | null) => text ?? "unknown";
  return table(
    ["", ""],
    [
      ["CPU", `${known(cpu.model)}${cpu.isVirtual ? ", in a virtual machine" : ""}`],
      [
        "Cores",
        `${cpu.cores} on ${cpu.sockets} sockets, ${cpu.threads} threads, hyper-threading ${cpu.hyperThreading ? "on" : "off"}`,
      ],
      [
        "May use",
        `threads ${known(cpu.affinity)}; quota ${cgroupQuotaCpus === null ? "none" : `${cgroupQuotaCpus} CPUs`}`,
      ],
      ["Flags", cpu.flags.join(" ")],
      ["Caches", caches || "unknown"],
      ["Microcode", known(cpu.microcode)],
      ["Governor", cpu.governors.join(", ") || "unknown"],
      [
        "Memory",
        `${(memory.totalBytes / 2 ** 30).toFixed(1)} GiB, ${numa.length} NUMA nodes, huge pages ${known(memory.transparentHugePages)}`,
      ],
      ["System", `${known(os.name)}, Linux ${os.kernel}`],
      [
        "Versions",
        `openvino-llm ${versions.package}, Node.js ${versions.node}, OpenVINO ${known(versions.openvino)}, GenAI ${known(versions.genai)}`,
      ],
      ["Load before", loadAverage.map((load) => load.toFixed(2)).join(", ")],
      [
        "Variables",
        Object.entries(variables)
          .map(([name, value]) => `${name}=${value}`)
          .join(" ") || "none",
      ],
    ],
  );
}

const DEFINITIONS = [
  "TTFT: sent → first token. TPOT: mean time of each later token of a request. ITL: the gap between two tokens. E2EL: sent → last token.",
  "Definitions are those of vLLM's serving benchmark; stamps are the engine's own. `a (b to c)`: the mean over repeats and its 95 % interval.",
  `Percentiles from the 99th on are left out below ${MIN_SAMPLES_FOR_P99} samples.`,
];

function estimate({ mean, low, high }: Estimate): string {
  if (low === null || high === null) return figure(mean);
  return `${figure(mean)} (${figure(low)} to ${figure(high)})`;
}

function figure(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 2 : size < 1000 ? 1 : 0);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
