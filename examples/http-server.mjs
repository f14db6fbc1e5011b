// Answers POST requests with the tokens as they come, many at once. A client that goes away ends its generation.
//   node examples/http-server.mjs [port [model]]
//   curl -N --data "What is the capital of France?" http://127.0.0.1:8080/
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { ContinuousBatchingPipeline, OpenVinoLlmError } from "openvino-llm";

const [port = "8080", model = "smollm2-135m-instruct"] = process.argv.slice(2);
const engine = await ContinuousBatchingPipeline.load(model, {
  scheduler: { maxNumSeqs: 16, enablePrefixCaching: true },
  maxQueue: 64,
  warmup: true,
});

async function answer(request, response) {
  const question = await text(request);
  const client = new AbortController();
  response.on("close", () => client.abort());
  const stream = engine.stream(question, { temperature: 0, signal: client.signal, onAbort: "return" });
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  for await (const chunk of stream) response.write(chunk.text);
  response.end();
  const { finishReason, usage } = await stream.result;
  console.log(`${finishReason} after ${usage.completionTokens} tokens`);
}

function fail(response, error) {
  if (!response.headersSent) response.statusCode = statusOf(error);
  response.end(`${error.message}\n`);
}

// Bad input and a prompt that is too long are the client's; a full line passes.
function statusOf(error) {
  if (error instanceof TypeError || error instanceof RangeError) return 400;
  const byCode = { ERR_PROMPT_TOO_LONG: 400, ERR_QUEUE_FULL: 429 };
  return (error instanceof OpenVinoLlmError && byCode[error.code]) || 500;
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => fail(response, error));
});
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

process.once("SIGTERM", () => {
  server.close();
  void engine.close({ drainMs: 5000 }).then(() => server.closeAllConnections());
});
