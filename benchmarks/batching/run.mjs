// What ContinuousBatchingPipeline of this library costs beside GenAI's own, and what it gains over LLMPipeline.
//   node benchmarks/batching/run.mjs [--levels 1,8,32] [--triples 10] [--requests 1] [--quick]
//     [--only ratios,gain,cost,prefix,event-loop] [--seed 1] [--out DIR] [--docs]
// Needs a built checkout and the model (npm run setup). Every trial is a process of its own. DIR gets results.jsonl and
// summary.md; --docs also puts the summary into docs/performance.md, which says what is measured and how.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openModel } from "../../dist/models/open.js";
import { randomNumbers } from "../../scripts/random-numbers.mjs";
import { levelsOf, readOptions, someOf, wholeNumber } from "../shared/options.mjs";
import { openResults, runMain, say } from "../shared/results.mjs";
import { rowsOf } from "../shared/trial.mjs";
import { comparePrefixCaching, compareRounds } from "./arms.mjs";
import { summaryOf } from "./report.mjs";

const MODEL = "smollm2-135m-instruct";
const PARTS = ["ratios", "gain", "cost", "prefix", "event-loop"];
const here = dirname(fileURLToPath(import.meta.url));

/** How much is measured: enough for a figure, or just enough to see that all works. */
const SIZES = {
  full: {
    triples: 10,
    newTokens: 64,
    promptTokens: { least: 37, most: 128 },
    prefix: { pairs: 6, common: 500, own: 32, requests: 4 },
    eventLoop: { rounds: 2, idleMs: 3000, newTokens: 32 },
  },
  quick: {
    triples: 1,
    newTokens: 8,
    promptTokens: { least: 37, most: 48 },
    prefix: { pairs: 1, common: 500, own: 32, requests: 2 },
    eventLoop: { rounds: 1, idleMs: 1000, newTokens: 8 },
  },
};

const OPTIONS = {
  levels: { type: "string", default: "1,8,32" },
  requests: { type: "string", default: "1" },
  only: { type: "string", default: PARTS.join() },
};

await runMain(main);

async function main() {
  const { seed, out, docs, triples: rounds, ...options } = readOptions("triples", SIZES, OPTIONS);
  const parts = someOf("--only", options.only, PARTS);
  const levels = levelsOf(options.levels);
  const size = { ...options.size, requestsPerStream: wholeNumber("--requests", options.requests, 1) };
  const { rows, record, finish } = await openResults({ bench: "batching", out, seed });
  const model = (await openModel(MODEL)).dir;
  const random = randomNumbers(seed);
  await record({ part: "work", parts: [...parts], ...size });
  if (["ratios", "gain", "cost"].some((part) => parts.has(part)))
    await compareRounds({ parts, model, levels, size, rounds, random, record });
  if (parts.has("prefix"))
    await comparePrefixCaching({ model, size: size.prefix, pairs: size.prefix.pairs, random, record });
  if (parts.has("event-loop")) {
    const { promptTokens, eventLoop } = size;
    await measureEventLoop({ model, streams: Math.max(...levels), promptTokens, seed, ...eventLoop }, record);
  }
  await finish(summaryOf(rows), { docs });
}

async function measureEventLoop(parameters, record) {
  for (const row of await rowsOf(join(here, "event-loop.mjs"), parameters)) {
    await record({ part: "event-loop", ...row });
    say(
      `event loop, ${row.phase}: p99 ${row.p99Ms.toFixed(2)} ms, idle before it ${row.idleP99Ms.toFixed(2)} ms`,
    );
  }
}
