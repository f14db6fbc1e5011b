// Whether openvino-llm-server is as fast as the library in the process: output tokens per second and time to first token
// side by side by `bench --serve` (both loaded, measured in turns: A B, B A, …), and the serving process's processor time for
// each streamed token beside that of a bare `node:http` server.
//   node benchmarks/server/speed.mjs [--model smollm2-135m-instruct] [--repeats 4] [--quick] [--seed 1] [--out DIR] [--docs]
// Needs a built checkout, and about seven minutes with SmolLM2 on two cores that nobody else uses. DIR gets results.jsonl and
// summary.md; --docs also puts the summary into docs/performance.md.
import { MemoryStore, captureEnvironment, planBench, runBench, summarize } from "openvino-llm-bench";
import { readOptions } from "../shared/options.mjs";
import { openResults, runMain, say } from "../shared/results.mjs";
import { costPerStreamedToken } from "./streamed-token.mjs";
import { summaryOf } from "./report.mjs";

/** Requests of each level: as many as give some seconds of each. */
const LOADS = [
  { concurrency: 1, requests: 6 },
  { concurrency: 8, requests: 16 },
  { concurrency: 32, requests: 64 },
];
const LENGTHS = { inputLength: 128, outputLength: 64 };
const SIZES = {
  full: { repeats: 4, tokens: 2000, clients: 8 },
  quick: { repeats: 1, tokens: 200, clients: 2 },
};

const OPTIONS = { model: { type: "string", default: "smollm2-135m-instruct" } };

await runMain(main);

async function main() {
  const { model, quick, size, repeats, seed, out, docs } = readOptions("repeats", SIZES, OPTIONS);
  const { tokens, clients } = size;
  const { rows, record, finish } = await openResults({ bench: "server", program: "speed.mjs", out, seed });
  await record({ part: "setting", model, ...LENGTHS, repeats, tokens, clients });
  const environment = await captureEnvironment();
  for (const { concurrency, requests } of LOADS) {
    const numPrompts = quick ? 2 * concurrency : requests;
    const options = { ...LENGTHS, levels: [concurrency], numPrompts, repeats, seed, serve: {} };
    const store = new MemoryStore(planBench([model], options), environment);
    for await (const event of runBench(store, { profile: false })) {
      if (event.type !== "run-finished") continue;
      const { run, metrics, record: ended } = event;
      const { outputThroughput, ttftMs, tpotMs, failed } = metrics;
      const cell = { ttftMs: ttftMs.mean, tpotMs: tpotMs.mean, outputThroughput, failed };
      say(`${run.target}, ${concurrency} at once: ${outputThroughput.toFixed(1)} tokens/s`);
      const { othersCpuShare, stealShare } = ended.host;
      await record({ part: "run", ...run, ...cell, othersCpuShare, stealShare });
    }
    for (const cost of summarize(store.data).httpCosts)
      await record({ part: "cost", requests: numPrompts, ...cost });
  }
  for await (const row of costPerStreamedToken({ tokens, clients, repetitions: repeats })) {
    say(`${row.way}: ${row.cpuUs.toFixed(1)} µs per token`);
    await record({ part: "token", ...row });
  }
  await finish(summaryOf(rows), { docs });
}
