// The figures of a variant, and all of them as Markdown. Pure.
import { machineSection, table } from "../../../benchmarks/shared/report.mjs";

/** Half the width of a 95 % interval of a mean, in standard errors. */
const Z = 1.96;

const NAMES = {
  fp16: "FP16",
  int8: "INT8",
  "int4-g64": "INT4",
  "int4-g64-awq": "INT4, AWQ without data",
  "int4-g64-awq-se": "INT4, AWQ and scale estimation on a text file",
  "int4-g64-awq-se-auto": "INT4, AWQ and scale estimation on the model's own text",
  "int8-static": "static INT8 (preset amx-int8: SmoothQuant 0.7)",
  "int8-static-0.5": "static INT8, SmoothQuant 0.5",
  "int8-static-0.95": "static INT8, SmoothQuant 0.95",
};

/**
 * @param {{ losses: number[], agrees: boolean[], divergences: number[] }} answer
 * @param {{ losses: number[] }} reference of the same tokens
 */
export function figuresOf({ losses, agrees, divergences }, reference) {
  const differences = meanWithError(losses.map((loss, i) => loss - reference.losses[i]));
  return {
    tokens: losses.length,
    perplexity: Math.exp(mean(losses)),
    // Of the same tokens, so the tokens' own difficulty does not widen the interval.
    perplexityRatio: [
      differences.mean - differences.error,
      differences.mean,
      differences.mean + differences.error,
    ].map(Math.exp),
    agreementPercent: 100 * mean(agrees.map(Number)),
    agreementErrorPercent: 100 * meanWithError(agrees.map(Number)).error,
    divergence: mean(divergences),
  };
}

/** @param {readonly object[]} rows as run.mjs records them */
export function summaryOf(rows) {
  const [machine] = rows.filter(({ part }) => part === "machine");
  const [text] = rows.filter(({ part }) => part === "text");
  const variants = rows.filter(({ part }) => part === "variant");
  const head = [
    "weights",
    "model, MB",
    "prepared in, s",
    "memory, GB",
    "perplexity",
    "beside FP16 (95 %)",
    "same best token",
    "KL divergence",
  ];
  const body = variants.map((row, i) => [
    NAMES[row.name],
    (row.bytes / 1e6).toFixed(1),
    row.seconds.toFixed(0),
    (row.peakMemoryBytes / 1e9).toFixed(1),
    row.perplexity.toFixed(2),
    i === 0 ? "-" : ratio(row.perplexityRatio),
    i === 0 ? "-" : `${row.agreementPercent.toFixed(1)} ± ${row.agreementErrorPercent.toFixed(1)} %`,
    i === 0 ? "-" : row.divergence.toFixed(3),
  ]);
  return [
    machineSection({ ...machine, command: "node packages/model-tools/quality/run.mjs MODEL" }),
    `- Text: packages/model-tools/quality/text.txt, ${variants[0]?.tokens} tokens in windows of ${text.window}`,
    "",
    table(head, body),
    "",
  ].join("\n");
}

function ratio([low, middle, high]) {
  return `${middle.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function meanWithError(values) {
  const middle = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  return { mean: middle, error: Z * Math.sqrt(variance / values.length) };
}
