/** What `generate --stats` prints: figures of one generation, a chart, and what the processor did. Pure. */
import type { ModelKernels } from "../../doctor/model-kernels.js";
import { describeFlags, instructionSetName, type CpuFlags } from "../../host/kernels/instruction-sets.js";
import { layerTypesText, weightLayerLines } from "../../host/kernels/kernel-text.js";
import type { FinishReason, GenerationResult } from "../../generation/generation-result.js";
import type { Timing } from "../../generation/timing.js";
import { latencyChart } from "../terminal/chart.js";
import { formatCount, formatFigure, formatMs, formatSeconds, formatTable } from "../terminal/format.js";
import type { Style } from "../terminal/style.js";

/** What the pipeline was, beside the result. */
export interface StatsContext {
  readonly loadMs: number;
  /** Two tokens were generated before the measured answer. */
  readonly isWarm: boolean;
  /** The prompt went through the model's chat template. */
  readonly isTemplated: boolean;
}

/** Where it is printed. */
export interface Screen {
  readonly columns: number;
  readonly style: Style;
}

/** A processor, and what inference made of it. */
export interface ProcessorStats {
  readonly model: string | null;
  readonly flags: CpuFlags;
  /** Which kernels run the model. */
  readonly inference: ModelKernels;
}

const NONE = "–";
/** Below this many gaps the higher percentiles say nothing; below two, none does. */
const MIN_GAPS = 2;

/** That an answer was cut, and what to do; null where it was not. */
export function cutNote({ finishReason, usage }: GenerationResult, maxNewTokens: number): string | null {
  if (finishReason !== "length") return null;
  if (usage.completionTokens < maxNewTokens) return "(The answer was cut: the model's context is full.)";
  return `(The answer was cut at ${formatCount(maxNewTokens, "token")}. --max-new-tokens <n> allows more.)`;
}

/** The table, what its words mean, and the chart, with empty lines between. */
export function resultSection(result: GenerationResult, context: StatsContext, screen: Screen): string[] {
  const chart = latencyChart(gapsOf(result), { columns: screen.columns });
  return [
    "",
    ...statsTable(result, context),
    "",
    ...DEFINITIONS.map((line) => screen.style.faint(line)),
    "",
    ...(chart.length === 0 ? [] : [...chart, ""]),
  ];
}

/** The figures. */
export function statsTable(
  result: GenerationResult,
  { loadMs, isWarm, isTemplated }: StatsContext,
): string[] {
  return formatTable([
    ["Load time", `${formatSeconds(loadMs)}${isWarm ? ", warm-up not included" : ""}`],
    [
      "Prompt",
      `${formatCount(result.usage.promptTokens, "token")}${isTemplated ? ", chat template included" : ""}`,
    ],
    ...answerRows(result, `, measured ${isWarm ? "after a warm-up" : "without a warm-up"}`),
  ]);
}

/** The rows about an answer; `measured` follows the time to its first token. */
export function answerRows(result: GenerationResult, measured = ""): [string, string][] {
  const { usage, timing } = result;
  const optional = (value: number | null, format: (value: number) => string) =>
    value === null ? NONE : format(value);
  const itl =
    timing.itlMs === null || timing.itlMs.n < MIN_GAPS
      ? NONE
      : `p50 ${formatMs(timing.itlMs.p50)}, p90 ${formatMs(timing.itlMs.p90)}`;
  return [
    [
      "Answer",
      `${formatCount(usage.completionTokens, "token")}, ${endingOf(result.finishReason, result.stopReason)}`,
    ],
    ["Time to first token (TTFT)", `${optional(timing.ttftMs, formatMs)}${measured}`],
    ["Time per output token (TPOT)", optional(timing.tpotMs, formatMs)],
    ["Inter-token latency (ITL)", itl],
    ["Tokens per second", ratesOf(timing)],
  ];
}

/** What the words of the table mean. */
const DEFINITIONS: readonly string[] = [
  "  TTFT: from the call to the first token. TPOT: mean time of each later token.",
  "  ITL: the gap between two tokens; p50 is the median, 1 in 10 is above p90.",
];

/** The processor's table. */
export function processorSection({ model, flags, inference }: ProcessorStats, { style }: Screen): string[] {
  const sets = describeFlags(flags);
  return formatTable([
    ["Processor", model ?? "unknown"],
    ["Instruction sets", sets === "" ? "no AVX2" : sets],
    ["Inference uses", inferenceText(inference).replace(/^.*/, (first) => style.strong(first))],
  ]);
}

/** Milliseconds from each token to the next. */
export function gapsOf(result: GenerationResult): number[] {
  const { producedMs } = result.timing.perToken;
  return producedMs.slice(1).map((ms, index) => ms - (producedMs[index] ?? ms));
}

function ratesOf({ tokensPerSecond, decodeTokensPerSecond }: Timing): string {
  const rates = [
    ...(tokensPerSecond === null ? [] : [`${formatFigure(tokensPerSecond)} of the whole answer`]),
    ...(decodeTokensPerSecond === null
      ? []
      : [`${formatFigure(decodeTokensPerSecond)} after the first token`]),
  ];
  return rates.length === 0 ? NONE : rates.join("\n");
}

function endingOf(reason: FinishReason, stopReason: string | number | null): string {
  switch (reason) {
    case "stop":
      return stopReason === null
        ? "ended by the model (stop)"
        : `ended at ${JSON.stringify(stopReason)} (stop)`;
    case "tool_calls":
      return "ended behind tool calls (tool_calls)";
    case "length":
      return "ended at the limit (length)";
    case "abort":
      return "interrupted (abort)";
  }
}

/** A line of what it computes with, and one for each phase. */
function inferenceText(inference: ModelKernels): string {
  if (!inference.ok) return `not found out: ${inference.message}`;
  const { instructionSet } = inference;
  const set =
    instructionSet === null
      ? "an unknown instruction set"
      : `${instructionSetName(instructionSet)} (oneDNN: ${instructionSet})`;
  return [`${set}, ${layerTypesText(inference)}`, ...weightLayerLines(inference)].join("\n");
}
