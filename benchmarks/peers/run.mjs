// This library beside its peers: the same prompts and lengths on the same SmolLM2 weights.
//   node benchmarks/peers/run.mjs [--levels 1,8,32] [--rounds 10] [--only ours,llama] [--quick] [--seed 1] [--out DIR] [--docs]
// Needs a built checkout, the model (npm run setup) and the peers (node benchmarks/peers/setup.mjs); a peer that is not there is
// left out. Every trial is a process of its own. DIR gets results.jsonl and summary.md; --docs also puts the summary into
// docs/performance.md, which says what is measured and how.
import { openModel } from "../../dist/models/open.js";
import { RUNTIME_VERSION } from "../../dist/runtime/pins.js";
import { randomNumbers } from "../../scripts/random-numbers.mjs";
import { levelsOf, readOptions, someOf } from "../shared/options.mjs";
import { openResults, runMain, say } from "../shared/results.mjs";
import { ordersOf } from "../shared/statistics.mjs";
import { makeArms, versions } from "./arms.mjs";
import { MODEL } from "./places.mjs";
import { summaryOf } from "./report.mjs";
import { drawLevel, runArm } from "./rounds.mjs";

/** At least so many prompts, so that one stream works for some seconds. */
const MIN_PROMPTS = 4;

/** contextSize: for a sequence of node-llama-cpp, the least that it makes. */
const SIZES = {
  full: { rounds: 10, promptTokens: 32, newTokens: 32, contextSize: 256 },
  quick: { rounds: 1, promptTokens: 32, newTokens: 8, contextSize: 256 },
};

const OPTIONS = { levels: { type: "string", default: "1,8,32" }, only: { type: "string" } };

await runMain(main);

async function main() {
  const { only, size, rounds, seed, out, docs, ...options } = readOptions("rounds", SIZES, OPTIONS);
  const levels = levelsOf(options.levels);
  const { rows, record, finish } = await openResults({ bench: "peers", out, seed });
  const model = (await openModel(MODEL.name)).dir;
  const random = randomNumbers(seed);
  const all = await makeArms({ model, ...size });
  const names = all.map(({ name }) => name);
  const chosen = only === undefined ? new Set(names) : someOf("--only", `ours,${only}`, names);
  const arms = all.filter(({ name }) => chosen.has(name));
  for (const { title, missing } of arms) if (missing) say(`${title}: left out, ${missing}`);
  const there = arms.filter(({ missing }) => missing === undefined);
  const titles = Object.fromEntries(there.map(({ name, title }) => [name, title]));
  await record({
    part: "work",
    ...size,
    leastPrompts: MIN_PROMPTS,
    levels,
    titles,
    versions: { openvino: RUNTIME_VERSION, ...versions() },
  });
  for (const [round, order] of ordersOf(there, rounds, random).entries()) {
    const drawn = levels.map((streams) =>
      drawLevel({ streams, leastPrompts: MIN_PROMPTS, promptTokens: size.promptTokens, random }),
    );
    const trials = {};
    for (const arm of order) {
      const trial = await runArm(arm, drawn, size.newTokens);
      if (trial !== undefined) trials[arm.name] = trial;
    }
    await record({ part: "round", round, order: order.map(({ name }) => name), trials });
    say(`round ${round + 1}/${rounds} done`);
  }
  await finish(summaryOf(rows), { docs });
}
