// What this library costs above GenAI: CPU time per token, event-loop delay, and pairs against C++ and Python.
//   node benchmarks/overhead/run.mjs [--pairs 20] [--quick] [--only cost,event-loop,pairs] [--seed 1] [--out DIR] [--docs]
// Needs a built checkout and the model (npm run setup). Every trial is a process of its own. DIR gets results.jsonl and
// summary.md; --docs also puts the summary into docs/performance.md, which says what is measured and how.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeChainModel } from "../../dist/models/gguf/chain-model.js";
import { openModel } from "../../dist/models/open.js";
import { wholeCost } from "../shared/report.mjs";
import { readOptions, someOf } from "../shared/options.mjs";
import { openResults, runMain, say } from "../shared/results.mjs";
import { rowsOf } from "../shared/trial.mjs";
import { comparePairs, cppRival, pythonRival } from "./pairs.mjs";
import { summaryOf } from "./report.mjs";

const MODEL = "smollm2-135m-instruct";
const PARTS = ["cost", "event-loop", "pairs"];
const here = dirname(fileURLToPath(import.meta.url));

/** How much is measured: enough for a figure, or just enough to see that all works. */
const SIZES = {
  full: {
    pairs: 20,
    trials: 3,
    cost: { chain: { tokens: 4000, generations: 3 }, [MODEL]: { tokens: 256, generations: 3 } },
    eventLoop: { rounds: 3, idleMs: 3000, tokens: 128, tokenizeTimes: 800, prefillTokens: 1024 },
  },
  quick: {
    pairs: 2,
    trials: 1,
    cost: { chain: { tokens: 1000, generations: 1 }, [MODEL]: { tokens: 48, generations: 1 } },
    eventLoop: { rounds: 1, idleMs: 1000, tokens: 48, tokenizeTimes: 100, prefillTokens: 256 },
  },
};

await runMain(main);

async function main() {
  const own = { only: { type: "string", default: PARTS.join() } };
  const { pairs, size, only, seed, out, docs } = readOptions("pairs", SIZES, own);
  const parts = someOf("--only", only, PARTS);
  const { rows, record, finish } = await openResults({ bench: "overhead", out, seed });
  if (parts.has("cost")) await measureCost(size, record);
  if (parts.has("event-loop")) await measureEventLoop(size, seed, record);
  if (parts.has("pairs")) {
    const model = (await openModel(MODEL)).dir;
    for (const rival of [await cppRival(), await pythonRival(here)]) {
      if (rival.missing) say(`${rival.name}: left out, ${rival.missing}`);
      else await comparePairs({ rival, model, here, pairs, seed, record });
    }
  }
  await finish(summaryOf(rows), { docs });
}

async function measureCost({ trials, cost }, record) {
  const folder = await mkdtemp(join(tmpdir(), "openvino-llm-bench-"));
  try {
    const chain = join(folder, "chain.gguf");
    await writeChainModel(chain, { text: "abcdefghijklmnopqrstuvwxyz", loop: true, contextLength: 1 << 16 });
    for (let trial = 0; trial < trials; trial++) {
      for (const [name, amount] of Object.entries(cost)) {
        for (const mode of ["stream", "generate", "message"]) {
          const model = name === "chain" ? chain : name;
          for (const row of await rowsOf(join(here, "cost.mjs"), { model, mode, ...amount })) {
            await record({ part: "cost", model: name, mode, trial, ...row });
            say(
              `cost: ${name}, ${mode}: ${wholeCost(row).toFixed(1)} µs per token of ${row.msPerToken.toFixed(2)} ms`,
            );
          }
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureEventLoop({ trials, eventLoop }, seed, record) {
  for (let trial = 0; trial < trials; trial++) {
    const parameters = { model: MODEL, seed: seed + trial, ...eventLoop };
    for (const row of await rowsOf(join(here, "event-loop.mjs"), parameters)) {
      await record({ part: "event-loop", trial, ...row });
      if (row.p99Ms === undefined) say(`event loop: ${row.phase} blocks for ${row.blockedMs.toFixed(0)} ms`);
      else
        say(
          `event loop: ${row.phase}: p99 ${row.p99Ms.toFixed(2)} ms, idle before it ${row.idleP99Ms.toFixed(2)} ms`,
        );
    }
  }
}
