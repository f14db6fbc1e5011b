// Whether two clients agree, as Markdown. Pure: rows in, text out.
import { machineSection, rangeOf, table, yesNo } from "../shared/report.mjs";
import { median, ratioInterval } from "../shared/statistics.mjs";

/** What the two may differ by, as a part of vLLM's figure. */
const FIGURES = [
  { name: "output tokens/s", key: "outputThroughput", limit: 0.02, digits: 1 },
  { name: "mean TPOT, ms", key: "tpotMs", limit: 0.02, digits: 2 },
  { name: "mean TTFT, ms", key: "ttftMs", limit: 0.05, digits: 1 },
];

/** @param {readonly object[]} rows as vllm.mjs records them */
export function agreementOf(rows) {
  const [machine] = rows.filter(({ part }) => part === "machine");
  const [{ vllm, model, INPUT_WORDS, OUTPUT_TOKENS, repeats }] = rows.filter(
    ({ part }) => part === "setting",
  );
  const runs = rows.filter(({ part }) => part === "run");
  const failed = runs.reduce((sum, { requests, completed }) => sum + requests - completed, 0);
  const levels = [...new Set(runs.map(({ concurrency }) => concurrency))];
  const counts = levels.map((level) => {
    const own = runs.filter(({ concurrency }) => concurrency === level);
    return new Set(own.map(({ outputTokens }) => outputTokens)).size === 1;
  });
  return [
    machineSection(machine),
    `- \`vllm bench serve\` ${vllm} and \`bench --http\` on openvino-llm-server with ${model}: ${INPUT_WORDS} words in, ` +
      `${OUTPUT_TOKENS} tokens out, ${repeats} repeats in turns with the same prompts; ${failed} requests failed; ` +
      (counts.every(Boolean) ? "both count the same tokens" : "THE TWO COUNT DIFFERENT TOKENS"),
    "",
    table(
      [
        "requests at once",
        "figure",
        "vLLM's, median",
        "ours, median",
        "ours / vLLM's",
        "95 % interval",
        "within",
      ],
      levels.flatMap((level) => FIGURES.map((figure) => agreementRow(level, figure, runs))),
    ),
    "",
  ].join("\n");
}

function agreementRow(level, { name, key, limit, digits }, runs) {
  const of = (client) => runs.filter((run) => run.concurrency === level && run.client === client);
  const pairs = of("vllm").map((theirs) => ({
    theirs: theirs[key],
    ours: of("ours").find(({ repeat }) => repeat === theirs.repeat)[key],
  }));
  const interval = ratioInterval(pairs.map(({ ours, theirs }) => ours / theirs));
  return [
    String(level),
    name,
    median(pairs.map(({ theirs }) => theirs)).toFixed(digits),
    median(pairs.map(({ ours }) => ours)).toFixed(digits),
    interval.mean.toFixed(3),
    rangeOf(interval, 3),
    `${yesNo(Math.abs(interval.mean - 1) <= limit)} (${limit * 100} %)`,
  ];
}
