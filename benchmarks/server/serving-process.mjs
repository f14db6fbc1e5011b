// The process that cost-per-token.mjs measures: it serves one model and reads streams of it by itself.
import { ContinuousBatchingPipeline } from "openvino-llm";
import { createHandler, LlmServer } from "openvino-llm-server";

const llm = await ContinuousBatchingPipeline.load(process.argv[2]);
const models = [{ name: "chain", llm }];
const server = await LlmServer.start({ models, port: 0 });
await server.ready;
const handler = createHandler(models);

const WAYS = {
  library: async (tokens) => {
    for await (const _ of llm.stream("a", { applyChatTemplate: false, maxNewTokens: tokens }));
  },
  handler: async (tokens) => {
    const body = JSON.stringify({ prompt: "a", max_tokens: tokens, stream: true });
    const answer = await handler(new Request("http://localhost/v1/completions", { method: "POST", body }));
    for await (const _ of answer.body);
  },
};

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

async function measure({ way, tokens, clients }) {
  const before = cpuMs();
  if (way !== "clock") await Promise.all(Array.from({ length: clients }, () => WAYS[way](tokens)));
  process.send({ cpuMs: way === "clock" ? before : cpuMs() - before });
}

async function close() {
  await server.close();
  await llm.close();
}

process.on("message", (message) => void measure(message));
process.once("disconnect", () => void close());
process.send(server.url);
