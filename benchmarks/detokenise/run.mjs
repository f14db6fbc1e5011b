// What turning token ids into text costs for many streams, beside GenAI's TextStreamer.
//   node benchmarks/detokenise/run.mjs [--repetitions 5] [--quick] [--seed 1] [--out DIR] [--docs]
// Needs a built checkout and the model (npm run setup), and about a minute. DIR gets results.jsonl and summary.md; --docs
// also puts the summary into docs/performance.md, which says what is measured and how.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openModel } from "../../dist/models/open.js";
import { isNoisy } from "../shared/machine.mjs";
import { readOptions } from "../shared/options.mjs";
import { openResults, runMain, say } from "../shared/results.mjs";
import { cppProgram, runTrial } from "../shared/trial.mjs";
import { summaryOf } from "./report.mjs";

const MODEL = "smollm2-135m-instruct";
const TEXT = join(dirname(fileURLToPath(import.meta.url)), "text.txt");

/** How much is measured: enough for a figure, or just enough to see that all works. */
const SIZES = {
  full: { streams: [1, 8, 32, 128], steps: 128, repetitions: 5 },
  quick: { streams: [1, 8], steps: 32, repetitions: 1 },
};

await runMain(main);

async function main() {
  const { size, repetitions, seed, out, docs } = readOptions("repetitions", SIZES);
  const { streams, steps } = size;
  const { rows, record, finish } = await openResults({ bench: "detokenise", out, seed });
  const { program, env } = await cppProgram("detokenise");
  const { dir } = await openModel(MODEL);
  say(`${repetitions} times ${steps} tokens for each of ${streams.join(", ")} streams`);
  const args = [dir, TEXT, streams.join(), String(steps), String(repetitions), String(seed)];
  const { cells, ...trial } = await runTrial(program, args, { env });
  await record({ part: "trial", model: MODEL, steps, repetitions, noisy: isNoisy(trial), ...trial });
  for (const cell of cells) await record({ part: "cell", ...cell });
  await finish(summaryOf(rows), { docs });
}
