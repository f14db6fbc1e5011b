// Processor time of a serving process for each streamed token, on the chain model, which takes next to none for its
// inference. The same streams are read in the process, by the handler, from a bare `node:http` server and over HTTP, in turns.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeChainModel } from "../../dist/models/gguf/chain-model.js";

/** Gives the microseconds of each way in each repetition: `{ way, repetition, cpuUs }`. */
export async function* costPerStreamedToken({ tokens, clients, repetitions }) {
  const folder = await mkdtemp(join(tmpdir(), "openvino-llm-server-cost-"));
  const model = join(folder, "chain.gguf");
  await writeChainModel(model, { text: "abcdefghijklmnopqrstuvwxyz", loop: true, contextLength: 100_000 });
  const child = fork(fileURLToPath(new URL("serving-process.mjs", import.meta.url)), [model]);
  const answer = async (message) => {
    child.send(message);
    return (await once(child, "message"))[0];
  };
  try {
    const { url, bareUrl } = (await once(child, "message"))[0];
    const overHttp = (base) => async () => {
      const { cpuMs } = await answer({ way: "clock" });
      await Promise.all(Array.from({ length: clients }, () => readStream(base, tokens)));
      return { cpuMs: (await answer({ way: "clock" })).cpuMs - cpuMs };
    };
    const ways = {
      "`llm.stream()` alone": () => answer({ way: "library", tokens, clients }),
      "`createHandler()`, its stream read": () => answer({ way: "handler", tokens, clients }),
      "a bare `node:http` server that writes each token as an event of the same size": overHttp(bareUrl),
      "openvino-llm-server": overHttp(url),
    };
    for (let repetition = 0; repetition <= repetitions; repetition++) {
      const names = Object.keys(ways);
      for (const way of repetition % 2 === 1 ? names : names.toReversed()) {
        const { cpuMs } = await ways[way]();
        // The first time makes kernels and compiles JavaScript.
        if (repetition > 0) yield { way, repetition, cpuUs: (cpuMs * 1000) / (tokens * clients) };
      }
    }
  } finally {
    if (child.connected) child.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

async function readStream(base, tokens) {
  const body = JSON.stringify({ prompt: "a", max_tokens: tokens, stream: true });
  const asked = request(`${base}/v1/completions`, { method: "POST", agent: false });
  asked.end(body);
  const [response] = await once(asked, "response");
  let bytes = 0;
  for await (const part of response) bytes += part.length;
  if (response.statusCode !== 200 || bytes < tokens)
    throw new Error(`The stream ended early: ${response.statusCode}.`);
}
