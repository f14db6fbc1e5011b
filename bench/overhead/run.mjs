// What this library costs above GenAI: CPU time per token, event-loop delay, and pairs against C++ and Python.
//   node bench/overhead/run.mjs [--pairs 20] [--quick] [--only cost,event-loop,pairs] [--seed 1] [--out DIR] [--docs]
// Needs a built checkout and the model (npm run setup). Every trial is a process of its own. DIR gets results.jsonl and
// summary.md; --docs also puts the summary into docs/performance.md, which says what is measured and how.
import { execFile } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { writeChainModel } from "../../dist/models/chain-model.js";
import { openModel } from "../../dist/models/open.js";
import { describeMachine } from "./machine.mjs";
import { comparePairs, cppRival, pythonRival } from "./pairs.mjs";
import { summaryOf } from "./report.mjs";

const MODEL = "smollm2-135m-instruct";
const PARTS = ["cost", "event-loop", "pairs"];
const here = dirname(fileURLToPath(import.meta.url));
const DOCS = join(here, "..", "..", "docs", "performance.md");
const run = promisify(execFile);

/** How much is measured: enough for a figure, or just enough to see that all works. */
const SIZES = {
  full: {
    trials: 3,
    cost: { chain: { tokens: 4000, generations: 3 }, [MODEL]: { tokens: 256, generations: 3 } },
    eventLoop: { rounds: 3, idleMs: 3000, tokens: 128, tokenizeTimes: 800, prefillTokens: 1024 },
  },
  quick: {
    trials: 1,
    cost: { chain: { tokens: 1000, generations: 1 }, [MODEL]: { tokens: 48, generations: 1 } },
    eventLoop: { rounds: 1, idleMs: 1000, tokens: 48, tokenizeTimes: 100, prefillTokens: 256 },
  },
};

try {
  await main();
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}

async function main() {
  const options = readOptions();
  const size = options.quick ? SIZES.quick : SIZES.full;
  await mkdir(options.out, { recursive: true });
  const file = join(options.out, "results.jsonl");
  await writeFile(file, "");
  const rows = [];
  const record = async (row) => {
    rows.push(row);
    await appendFile(file, `${JSON.stringify(row)}\n`);
  };
  const command = ["node bench/overhead/run.mjs", ...process.argv.slice(2)].join(" ");
  await record({
    part: "machine",
    date: new Date().toISOString(),
    command,
    seed: options.seed,
    ...describeMachine(),
  });

  if (options.parts.has("cost")) await measureCost(size, record);
  if (options.parts.has("event-loop")) await measureEventLoop(size, options.seed, record);
  if (options.parts.has("pairs")) {
    const model = (await openModel(MODEL)).dir;
    for (const rival of [await cppRival(), await pythonRival(here)]) {
      if (rival.missing) say(`${rival.name}: left out, ${rival.missing}`);
      else await comparePairs({ rival, model, here, pairs: options.pairs, seed: options.seed, record, say });
    }
  }
  const summary = summaryOf(rows);
  await writeFile(join(options.out, "summary.md"), summary);
  process.stdout.write(`\n${summary}\n`);
  if (options.docs) await writeDocs(summary);
  say(`Written to ${options.out}`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      pairs: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string", default: PARTS.join(",") },
      seed: { type: "string", default: "1" },
      out: { type: "string" },
      docs: { type: "boolean", default: false },
    },
  });
  const pairs = Number(values.pairs ?? (values.quick ? 2 : 20));
  const seed = Number(values.seed);
  const parts = new Set(values.only.split(","));
  if (!Number.isInteger(pairs) || pairs < 1)
    throw new Error(`Expected a whole number above 0 for --pairs but received ${values.pairs}.`);
  if (!Number.isInteger(seed))
    throw new Error(`Expected a whole number for --seed but received ${values.seed}.`);
  for (const part of parts) {
    if (!PARTS.includes(part))
      throw new Error(`Expected some of ${PARTS.join(", ")} for --only but received ${part}.`);
  }
  const cpu = describeMachine()
    .cpu.replace(/[^a-z0-9]+/gi, "-")
    .toLowerCase();
  const date = new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-");
  const out = values.out ?? join(here, "..", "results", `overhead-${date}-${cpu}`);
  return { pairs, quick: values.quick, parts, seed, out, docs: values.docs };
}

/** Puts the figures between the two marks. */
async function writeDocs(summary) {
  const text = await readFile(DOCS, "utf8");
  const [before, rest] = text.split("<!-- figures -->\n");
  const after = rest?.split("<!-- end of figures -->")[1];
  if (after === undefined) throw new Error(`Expected the marks of the figures in ${DOCS}.`);
  await writeFile(DOCS, `${before}<!-- figures -->\n\n${summary}\n<!-- end of figures -->${after}`);
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
          for (const row of await trialOf("cost.mjs", { model, mode, ...amount })) {
            await record({ part: "cost", model: name, mode, trial, ...row });
            const ours = row.streamerUs + row.workerUs + row.jsThreadUs + row.nodeThreadsUs;
            say(`cost: ${name}, ${mode}: ${ours.toFixed(1)} µs per token of ${row.msPerToken.toFixed(2)} ms`);
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
    for (const row of await trialOf("event-loop.mjs", { model: MODEL, seed: seed + trial, ...eventLoop })) {
      await record({ part: "event-loop", trial, ...row });
      if (row.p99Ms === undefined) say(`event loop: ${row.phase} blocks for ${row.blockedMs.toFixed(0)} ms`);
      else
        say(
          `event loop: ${row.phase}: p99 ${row.p99Ms.toFixed(2)} ms, idle before it ${row.idleP99Ms.toFixed(2)} ms`,
        );
    }
  }
}

/** Runs one of our programs in a process of its own and gives the JSON objects that it prints. */
async function trialOf(program, parameters) {
  const { stdout } = await run(process.execPath, [join(here, program), JSON.stringify(parameters)]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
