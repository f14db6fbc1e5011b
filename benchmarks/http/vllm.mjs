// Whether vLLM's own `bench serve` and `openvino-llm bench --http` say the same of our server: the same prompts in the same
// order, in turns (A B, B A, …) at 1, 8 and 32 at once.
//   node benchmarks/http/vllm.mjs [--model smollm2-135m-instruct] [--repeats 4] [--quick] [--seed 1] [--out DIR] [--docs]
// Needs a built checkout, Python 3.11 with pip, some 250 MB in the cache, and about seven minutes with SmolLM2 on two cores
// that nobody else uses. DIR gets results.jsonl and summary.md; --docs also puts the summary into
// docs/benchmark.md.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpClient } from "../../packages/bench/dist/http/client.js";
import { HttpTarget } from "../../packages/bench/dist/http/http-target.js";
import { servedModelNames } from "../../packages/bench/dist/http/read-server.js";
import { startServer } from "../../packages/bench/dist/http/started-server.js";
import { wordPrompts } from "../../packages/bench/dist/prompts/word-prompts.js";
import { planBench, runLevel, runMetrics } from "../../packages/bench/dist/index.js";
import { readOptions } from "../shared/options.mjs";
import { openResults, runMain, say } from "../shared/results.mjs";
import { agreementOf } from "./vllm-report.mjs";
import { runVllm, setUpVllm, VLLM } from "./vllm-client.mjs";

const LOADS = [
  { concurrency: 1, requests: 6 },
  { concurrency: 8, requests: 16 },
  { concurrency: 32, requests: 64 },
];
const INPUT_WORDS = 128;
const OUTPUT_TOKENS = 64;
const SIZES = { full: { repeats: 4 }, quick: { repeats: 1 } };

const OPTIONS = { model: { type: "string", default: "smollm2-135m-instruct" } };

await runMain(main);

async function main() {
  const { model, quick, repeats, seed, out, docs } = readOptions("repeats", SIZES, OPTIONS);
  say(`vLLM ${VLLM.version}`);
  await setUpVllm();
  const { rows, record, finish } = await openResults({ bench: "http", program: "vllm.mjs", out, seed });
  await record({ part: "setting", vllm: VLLM.version, model, INPUT_WORDS, OUTPUT_TOKENS, repeats });
  const folder = await mkdtemp(join(tmpdir(), "openvino-llm-vllm-prompts-"));
  const { options, targets } = planBench([model], { serve: {} });
  const server = await startServer(targets[1], options, options.serve, new AbortController().signal);
  try {
    const [name] = await servedModelNames(`${server.url}/v1`);
    const clients = { vllm: vllmClient, ours: ourClient };
    let next = 0;
    for (let repeat = 1; repeat <= repeats; repeat++) {
      for (const { concurrency, requests } of LOADS) {
        const count = quick ? 2 * concurrency : requests;
        const source = wordPrompts(seed);
        const prompts = Array.from({ length: count }, () => source.prompt(next++, INPUT_WORDS));
        const file = join(folder, `${next}.jsonl`);
        await writeFile(file, prompts.map(({ input }) => `${JSON.stringify({ prompt: input })}\n`).join(""));
        const names = Object.keys(clients);
        for (const client of repeat % 2 === 1 ? names : names.toReversed()) {
          const figures = await clients[client]({ url: server.url, name, concurrency, prompts, file });
          say(`${client}, ${concurrency} at once: ${figures.outputThroughput.toFixed(1)} tokens/s`);
          await record({ part: "run", repeat, client, concurrency, requests: count, ...figures });
        }
      }
    }
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
  await finish(agreementOf(rows), { docs, document: "benchmark.md", mark: "benchmarks/http/vllm.mjs" });
}

async function vllmClient({ url, name, concurrency, prompts, file }) {
  const result = await runVllm({
    url,
    model: name,
    prompts: file,
    count: prompts.length,
    concurrency,
    outputTokens: OUTPUT_TOKENS,
  });
  return {
    completed: result.completed,
    outputTokens: result.total_output_tokens,
    outputThroughput: result.output_throughput,
    ttftMs: result.mean_ttft_ms,
    tpotMs: result.mean_tpot_ms,
  };
}

/** As `bench --http` does it. vLLM warms up by its first prompt, as often as requests run at once. */
async function ourClient({ url, name, concurrency, prompts }) {
  const client = new HttpClient({});
  const shape = { model: name, endpoint: "completions", leftOut: [] };
  const target = new HttpTarget(client, `${url}/v1`, shape);
  const requests = prompts.map((prompt) => ({ prompt, outputLength: OUTPUT_TOKENS }));
  const warmup = Array.from({ length: concurrency }, () => requests[0]);
  try {
    let run;
    for await (const event of runLevel(target, { concurrency, requests, warmup })) {
      if (event.type === "finished") run = event.measurement;
    }
    const { completed, totalOutputTokens, outputThroughput, ttftMs, tpotMs } = runMetrics(run);
    return {
      completed,
      outputTokens: totalOutputTokens,
      outputThroughput,
      ttftMs: ttftMs.mean,
      tpotMs: tpotMs.mean,
    };
  } finally {
    client.close();
  }
}
