// This library beside node-llama-cpp on a model of a real size: Llama 3.2 1B with random weights.
//   node benchmarks/peers/run-real-size.mjs [--only llamaQ4,q4,q4F32] [--levels 1,8,32] [--rounds 2] [--seed 1] [--out DIR [--more]] [--docs]
// Needs a built checkout and what `node benchmarks/peers/setup.mjs --real-size` makes; a model that is not there is left out.
// Every trial is a process of its own. DIR gets results.jsonl and summary.md; --more adds to what is there already, so that a
// long measurement can be taken in parts; --docs also writes both to docs/performance/.
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureReadBandwidth } from "../../dist/doctor/read-bandwidth.js";
import { RUNTIME_VERSION } from "../../dist/runtime/pins.js";
import { randomNumbers } from "../../scripts/random-numbers.mjs";
import { levelsOf, someOf, wholeNumber } from "../shared/options.mjs";
import { openResults, runMain, say } from "../shared/results.mjs";
import { ordersOf } from "../shared/statistics.mjs";
import { versions } from "./arms.mjs";
import { makeRealSizeArms } from "./real-size.mjs";
import { realSizeSummary } from "./report-real-size.mjs";
import { drawLevel, runArm } from "./rounds.mjs";

const SIZE = { promptTokens: 128, newTokens: 64, contextSize: 256 };
const MIN_PROMPTS = 2;
/** What is compared where nothing else is asked for. */
const DEFAULT_ARMS = "llamaQ4,q4,q4F32,llamaQ8,q8,q8F32,int4,int4F32g128,int8,int8F32g128,static,staticF32";

const DOCS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs", "performance");

await runMain(main);

async function main() {
  const { levels, only, rounds, seed, out, more, docs } = readOptions();
  const all = makeRealSizeArms(SIZE);
  const chosen = someOf(
    "--only",
    only,
    all.map(({ name }) => name),
  );
  const arms = all.filter(({ name }) => chosen.has(name));
  for (const { title, missing } of arms) if (missing) say(`${title}: left out, ${missing}`);
  const there = arms.filter(({ missing }) => missing === undefined);
  const { rows, record, finish } = await openResults({
    bench: "peers",
    program: "run-real-size.mjs",
    out,
    seed,
    goesOn: more,
  });
  const random = randomNumbers(seed);
  await record({
    part: "work",
    ...SIZE,
    leastPrompts: MIN_PROMPTS,
    arms: Object.fromEntries(there.map(({ name, title, bits, bytes }) => [name, { title, bits, bytes }])),
    versions: { openvino: RUNTIME_VERSION, "node-llama-cpp": versions()["node-llama-cpp"] },
  });
  for (const [round, order] of ordersOf(there, rounds, random).entries()) {
    const drawn = levels.map((streams) =>
      drawLevel({ streams, leastPrompts: MIN_PROMPTS, promptTokens: SIZE.promptTokens, random }),
    );
    const bandwidths = [await measureReadBandwidth()];
    const trials = {};
    for (const arm of order) {
      const trial = await runArm(arm, drawn, SIZE.newTokens);
      if (trial !== undefined) trials[arm.name] = trial;
    }
    bandwidths.push(await measureReadBandwidth());
    await record({ part: "round", round, order: order.map(({ name }) => name), bandwidths, trials });
    say(`round ${round + 1}/${rounds} done`);
  }
  const summary = realSizeSummary(rows);
  await finish(summary, { docs: false });
  if (!docs) return;
  await writeFile(join(DOCS, "peers-1b.md"), summary);
  // Without the folder that it was measured into.
  const written = rows.map((row) =>
    row.part === "machine" ? { ...row, command: "node benchmarks/peers/run-real-size.mjs" } : row,
  );
  await writeFile(join(DOCS, "peers-1b.jsonl"), written.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      levels: { type: "string", default: "1,8" },
      rounds: { type: "string", default: "1" },
      only: { type: "string", default: DEFAULT_ARMS },
      seed: { type: "string", default: "1" },
      out: { type: "string" },
      more: { type: "boolean", default: false },
      docs: { type: "boolean", default: false },
    },
  });
  return {
    ...values,
    levels: levelsOf(values.levels),
    rounds: wholeNumber("--rounds", values.rounds, 0),
    seed: wholeNumber("--seed", values.seed, 0),
  };
}
