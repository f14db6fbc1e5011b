/** A report of tuning as Markdown. Pure. */
import { formatBytes, formatCount, formatFigure, formatSeconds } from "openvino-llm/internal";
import { markdownTable, ratioText } from "../report/markdown-table.js";
import type { CandidateReport } from "./search/candidate-book.js";
import type { TuneReport } from "./tune-model.js";

const END_TEXTS: Readonly<Record<TuneReport["end"], string>> = {
  decided: "Everything was measured, and every comparison decided.",
  budget: "The time did not suffice to measure and decide everything; what was not proven was not taken.",
  interrupted: "It was interrupted; what was proven by then is kept.",
};

/** The whole report. */
export function tuneMarkdown(report: TuneReport): string {
  const { model, options, environment, candidates, leftOut } = report;
  const { cpu, versions } = environment;
  const { levels, inputLength, outputLength, objective, serviceLevels } = options;
  const limits = Object.entries(serviceLevels).map(([name, ms]) => `${name.replace("Ms", "")} ${ms} ms`);
  const { maxPerplexityRatio, minGreedyAgreement } = options.qualityLimits;
  const lines = [
    `# Tuning of ${model.name}`,
    "",
    `${model.weightFormat}, ${formatBytes(model.weightsBytes)}; ${cpu.model ?? "unknown CPU"}, ` +
      `${formatCount(cpu.availableThreads, "thread")}; OpenVINO GenAI ${versions.genai ?? "unknown"}.`,
    `Tuned for ${objective}: ${inputLength} tokens in, ${outputLength} out, ${levels.join(" and ")} at once` +
      `${limits.length === 0 ? "" : `; service levels ${limits.join(", ")}`}; seed ${options.seed}. ` +
      `${formatSeconds(report.elapsedMs)} of ${formatSeconds(options.budgetMs)}, up to ` +
      `${formatCount(report.processes, "candidate")} loaded at a time.`,
    "",
    ...chosenLines(report),
    "",
    END_TEXTS[report.end],
    "",
    "## Candidates",
    "",
    ...candidateTable(candidates, levels),
    "",
    `Figures are means over the repeats. "Times as good" is beside the settings that a candidate was tried beside, by ` +
      `means alone until it was compared. Quality: perplexity of a fixed text, and how many of its tokens are the most ` +
      `probable ones of f32 without dynamic quantisation too. Limits: a perplexity of at most ${maxPerplexityRatio} times ` +
      `that, and ${formatFigure(100 * minGreedyAgreement)} % of the tokens, or what the defaults give.`,
    ...leftOut.map((sentence) => `\n${sentence}`),
  ];
  return `${lines.join("\n")}\n`;
}

function chosenLines({ chosen, evidence }: TuneReport): string[] {
  if (evidence === null) return ["**The defaults**: nothing was shown to be better."];
  const percent = formatFigure(100 * evidence.confidence);
  const header = ["at once", "tokens/s", "TTFT", "TPOT"];
  const rows = evidence.levels.map(({ concurrency, tokensPerSecond, ttft, tpot }) => [
    String(concurrency),
    ratioText(tokensPerSecond),
    ratioText(ttft),
    ratioText(tpot),
  ]);
  return [
    `**${chosen.id}**: ${ratioText(evidence)} times as good as the defaults (${percent} % for all comparisons and ` +
      `looks together, ${formatCount(evidence.blocks, "mirrored block")}).`,
    "",
    "Beside the defaults, with intervals of 95 % for each figure:",
    "",
    ...markdownTable(header, rows),
  ];
}

function candidateTable(candidates: readonly CandidateReport[], levels: readonly number[]): string[] {
  const header = [
    "stage",
    "settings",
    ...levels.flatMap((level) => [`tokens/s at ${level}`, `TTFT, ms`, `TPOT, ms`]),
    "times as good",
    "perplexity",
    "same tokens",
    "outcome",
  ];
  const rows = candidates.map((candidate) => [
    candidate.stage,
    candidate.id,
    ...levels.flatMap((level) => {
      const means = candidate.levels.find(({ concurrency }) => concurrency === level);
      if (means === undefined) return ["–", "–", "–"];
      return [means.outputTokensPerSecond, means.ttftMs, means.tpotMs].map(formatFigure);
    }),
    candidate.gain?.toFixed(3) ?? "–",
    candidate.quality === null ? "–" : formatFigure(candidate.quality.perplexity),
    candidate.quality === null ? "–" : `${formatFigure(100 * candidate.quality.greedyAgreement)} %`,
    outcomeText(candidate),
  ]);
  return markdownTable(header, rows);
}

function outcomeText({ left }: CandidateReport): string {
  if (left === null) return "**chosen**";
  const { reason, detail, code } = left;
  const what = code === null ? reason : `${reason} (${code})`;
  return detail === "" ? what : `${what}: ${detail}`;
}
