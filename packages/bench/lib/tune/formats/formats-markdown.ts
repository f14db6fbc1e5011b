/** A report of tuning over weight formats as Markdown. Pure. */
import { formatBytes, formatFigure } from "openvino-llm/internal";
import { meanOf } from "../../stats/statistics.js";
import type { TuneSample } from "../search/tune-engine.js";
import { markdownTable, ratioText } from "../../report/markdown-table.js";
import type { FormatReport, TuneFormatsReport } from "./formats-report.js";

/** The whole report. */
export function formatsMarkdown(report: TuneFormatsReport): string {
  const { source, options, formats, formatLimits } = report;
  const { levels, inputLength, outputLength, objective } = options;
  const { cpu, versions } = formats.find(({ tuning }) => tuning !== null)?.tuning?.environment ?? {};
  const header = [
    "format",
    "settings",
    "size",
    ...levels.flatMap((level) => [`tokens/s at ${level}`, "TTFT, ms", "TPOT, ms"]),
    "of the read bandwidth",
    "perplexity",
    "same tokens",
    "beside the recommended",
    "",
  ];
  const lines = [
    `# Weight formats of ${source}`,
    "",
    `${cpu?.model ?? "Unknown CPU"}, ${cpu?.availableThreads ?? "?"} threads, which read memory at ` +
      `${formatFigure(report.readBytesPerSecond / 1e9)} GB/s; OpenVINO GenAI ${versions?.genai ?? "unknown"}. Tuned for ` +
      `${objective}: ${inputLength} tokens in, ${outputLength} out, ${levels.join(" and ")} at once; seed ${options.seed}.`,
    "",
    ...recommendationLines(report),
    "",
    ...markdownTable(
      header,
      formats.map((format) => rowOf(format, report)),
    ),
    "",
    "Figures are means over rounds in which all formats were measured side by side, each with the settings that tuning " +
      "found for it. Quality is beside FP16 in exact arithmetic; at most " +
      `${formatLimits.maxPerplexityRatio} times its perplexity and at least ` +
      `${formatFigure(100 * formatLimits.minGreedyAgreement)} % of its tokens are asked for. The bandwidth's share is that ` +
      "of reading all weights once for each token of a single request.",
    ...(report.isInterrupted ? ["", "It was interrupted: what is missing had not been measured."] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function recommendationLines({ recommendation, formats }: TuneFormatsReport): string[] {
  if (recommendation === null)
    return ["**No recommendation**: no format was measured whose answers are good enough."];
  const found = formats.find(({ id }) => id === recommendation.id);
  const settings = found?.tuning?.chosen.id ?? "defaults";
  const command = found?.command ?? null;
  return [
    `**${recommendation.id}**, settings: ${settings}.`,
    ...(command === null ? [] : ["", "```sh", command, "```"]),
  ];
}

function rowOf(format: FormatReport, { options: { levels }, recommendation }: TuneFormatsReport): string[] {
  const { id, tuning, quality, samples, bandwidthShare, failure, qualityFailure } = format;
  const beside = recommendation?.beside.find((other) => other.id === id);
  return [
    id,
    tuning?.chosen.id ?? "–",
    tuning === null ? "–" : formatBytes(tuning.model.weightsBytes),
    ...levels.flatMap((level) => levelCells(samples.filter(({ concurrency }) => concurrency === level))),
    bandwidthShare === null ? "–" : `${formatFigure(100 * bandwidthShare)} %`,
    quality === null ? "–" : formatFigure(quality.perplexity),
    quality === null ? "–" : `${formatFigure(100 * quality.greedyAgreement)} %`,
    recommendation?.id === id ? "1" : beside === undefined ? "–" : ratioText(inverse(beside.ratio)),
    recommendation?.id === id ? "**recommended**" : (failure ?? qualityFailure ?? ""),
  ];
}

function levelCells(samples: readonly TuneSample[]): string[] {
  if (samples.length === 0) return ["–", "–", "–"];
  const mean = (pick: (sample: TuneSample) => number) => formatFigure(meanOf(samples.map(pick)));
  return [
    mean(({ outputTokensPerSecond }) => outputTokensPerSecond),
    mean(({ ttftMs }) => ttftMs),
    mean(({ tpotMs }) => tpotMs),
  ];
}

/** How the format stands to the recommended one, where the report has it the other way round. */
function inverse({ ratio, low, high }: { ratio: number; low: number; high: number | null }) {
  return { ratio: 1 / ratio, low: high === null ? 0 : 1 / high, high: low > 0 ? 1 / low : null };
}
