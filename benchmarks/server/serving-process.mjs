// The process that streamed-token.mjs measures: it serves one model, by openvino-llm-server and by a bare server of node:http,
// and reads streams of it by itself.
import { once } from "node:events";
import { createServer } from "node:http";
import { ContinuousBatchingPipeline } from "openvino-llm";
import { createHandler, LlmServer } from "openvino-llm-server";

const llm = await ContinuousBatchingPipeline.load(process.argv[2]);
const models = [{ name: "chain", llm }];
const server = await LlmServer.start({ models, port: 0 });
await server.ready;
const handler = createHandler(models);
const bare = createServer((request, response) => void answerBare(request, response));
await once(bare.listen(0, "127.0.0.1"), "listening");

/** An event as long as those of openvino-llm-server. */
const EVENT_AROUND = [`data: {"id":"${"0".repeat(190)}","text":"`, '"}\n\n'];

async function answerBare(request, response) {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += part;
  const { max_tokens: maxNewTokens } = JSON.parse(body);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for await (const { text } of llm.stream("a", { applyChatTemplate: false, maxNewTokens })) {
    response.write(`${EVENT_AROUND[0]}${text}${EVENT_AROUND[1]}`);
  }
  response.end();
}

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
  bare.close();
  await server.close();
  await llm.close();
}

process.on("message", (message) => void measure(message));
process.once("disconnect", () => void close());
process.send({ url: server.url, bareUrl: `http://127.0.0.1:${bare.address().port}` });
