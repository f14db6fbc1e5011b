// What a server costs beside the library alone: processor time for each streamed token, on the chain model, which takes next
// to none for its inference. The same streams are read in the process, by the handler and over HTTP, in turns.
//   node benchmarks/server/cost-per-token.mjs [--tokens 2000] [--clients 8] [--repetitions 5]
// Needs dist/. Prints microseconds of the serving process's processor time per token, least and median.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeChainModel } from "../../dist/models/gguf/chain-model.js";

const { values } = parseArgs({
  options: {
    tokens: { type: "string", default: "2000" },
    clients: { type: "string", default: "8" },
    repetitions: { type: "string", default: "5" },
  },
});
const [tokens, clients, repetitions] = [values.tokens, values.clients, values.repetitions].map(Number);

const folder = await mkdtemp(join(tmpdir(), "openvino-llm-server-cost-"));
try {
  const model = join(folder, "chain.gguf");
  await writeChainModel(model, { text: "abcdefghijklmnopqrstuvwxyz", loop: true, contextLength: 100_000 });
  const child = fork(fileURLToPath(new URL("serving-process.mjs", import.meta.url)), [model]);
  const answer = async (message) => {
    child.send(message);
    return (await once(child, "message"))[0];
  };
  const url = (await once(child, "message"))[0];
  const ways = {
    "in the process": () => answer({ way: "library", tokens, clients }),
    "by the handler": () => answer({ way: "handler", tokens, clients }),
    "over HTTP": async () => {
      const { cpuMs } = await answer({ way: "clock" });
      await Promise.all(Array.from({ length: clients }, () => readStream(url)));
      return { cpuMs: (await answer({ way: "clock" })).cpuMs - cpuMs };
    },
  };
  const found = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let repetition = 0; repetition <= repetitions; repetition++) {
    for (const [name, run] of Object.entries(ways)) {
      const { cpuMs } = await run();
      // The first time makes kernels and compiles JavaScript.
      if (repetition > 0) found[name].push((cpuMs * 1000) / (tokens * clients));
    }
  }
  for (const [name, figures] of Object.entries(found)) {
    const sorted = figures.sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    console.log(`${name}: ${sorted[0].toFixed(1)} µs least, ${median.toFixed(1)} µs median`);
  }
  child.disconnect();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function readStream(url) {
  const body = JSON.stringify({ prompt: "a", max_tokens: tokens, stream: true });
  const asked = request(`${url}/v1/completions`, { method: "POST", agent: false });
  asked.end(body);
  const [response] = await once(asked, "response");
  let bytes = 0;
  for await (const part of response) bytes += part.length;
  if (response.statusCode !== 200 || bytes < tokens)
    throw new Error(`The stream ended early: ${response.statusCode}.`);
}
