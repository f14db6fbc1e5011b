// CPU time per token that is ours, in a process of its own. Prints one JSON object per generation.
// Usage: node cost.mjs JSON, an object with model, tokens, generations, mode ("stream", "generate" or "message").
//
// In the mode "message" each chunk is also sent as a number to an idle worker_thread, and what that thread spends on it is
// measured: the price of waking an event loop of Node at the same pace, beside the same inference.
import { once } from "node:events";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { openBinding } from "../../dist/native/binding.js";
import { LLMPipeline } from "../../dist/index.js";
import { percentile, sortedCopy } from "../../dist/generation/percentile.js";
import { costPerToken, watchOwnCost } from "../shared/own-process.mjs";

const ASK_CPU = -1;

if (isMainThread) await main(JSON.parse(process.argv[2] ?? ""));
else echo();

/** The worker_thread: takes numbers, and reports its own CPU time when it is asked. */
function echo() {
  const { core } = openBinding();
  let taken = 0;
  parentPort.on("message", (value) => {
    if (value !== ASK_CPU) taken++;
    else parentPort.postMessage({ taken, ns: core.cpuAccount().thisThreadNs });
  });
  parentPort.postMessage("ready");
}

async function main({ model, tokens, generations, mode }) {
  const account = watchOwnCost();
  const worker = mode === "message" ? new Worker(new URL(import.meta.url)) : null;
  if (worker !== null) await once(worker, "message");
  const workerCpu = async () => {
    worker.postMessage(ASK_CPU);
    return (await once(worker, "message"))[0];
  };

  const llm = await LLMPipeline.load(model);
  const generate = async (seed) => {
    const input = { tokenIds: Array.from({ length: 32 }, (_, i) => 40 + ((i * 7 + seed * 3) % 50)) };
    const options = { maxNewTokens: tokens, ignoreEos: true, temperature: 0 };
    if (mode === "generate") return llm.generate(input, options);
    const stream = llm.stream(input, options);
    for await (const chunk of stream) worker?.postMessage(chunk.index);
    return stream.result;
  };
  try {
    await generate(0); // compiled code and kernels
    for (let i = 1; i <= generations; i++) {
      const [before, workerBefore] = [account(), await (worker && workerCpu())];
      const begin = performance.now();
      const { timing, tokenIds } = await generate(i);
      const wallMs = performance.now() - begin;
      const [after, workerAfter] = [account(), await (worker && workerCpu())];
      const { producedMs, deliveredMs } = timing.perToken;
      const delays = sortedCopy(producedMs.map((ms, token) => ((deliveredMs[token] ?? NaN) - ms) * 1e3));
      const row = {
        tokens: tokenIds.length,
        msPerToken: wallMs / tokenIds.length,
        ...costPerToken(before, after, tokenIds.length),
        messageUs:
          worker && (workerAfter.ns - workerBefore.ns) / 1e3 / (workerAfter.taken - workerBefore.taken),
        deliveryP50Us: percentile(delays, 50),
        deliveryP99Us: percentile(delays, 99),
      };
      process.stdout.write(`${JSON.stringify(row)}\n`);
    }
  } finally {
    await llm.close();
    await worker?.terminate();
  }
}
