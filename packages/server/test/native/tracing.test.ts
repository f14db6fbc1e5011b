import { propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace-base";
import { once } from "node:events";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { ContinuousBatchingPipeline, TextEmbeddingPipeline } from "openvino-llm";
import { CHAIN_TEXT } from "../../../../lib/models/gguf/chain-model.js";
import { chainModel, temporaryFolder } from "../../../../test/helpers/chain.js";
import { LlmServer } from "../../lib/index.js";
import { loadOpenTelemetry } from "../../lib/telemetry/open-telemetry.js";
import { answerTo, begin, post, stream, until } from "../helpers/served.js";

// Requests as spans, by OpenTelemetry's own SDK, as an app registers it.

const BERT = fileURLToPath(new URL("../../../../test/fixtures/tiny-bert", import.meta.url));
const SECRET = "what nobody may read";
const messages = [{ role: "user", content: SECRET }];
const CHAT = "/v1/chat/completions";
const tokens = Buffer.from(CHAIN_TEXT).length + 1;
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT_ID = "b7ad6b7169203331";

const exporter = new InMemorySpanExporter();
let chain: ContinuousBatchingPipeline;
let small: ContinuousBatchingPipeline;
let vectors: TextEmbeddingPipeline;
let server: LlmServer;
beforeAll(async () => {
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  chain = await ContinuousBatchingPipeline.load(await chainModel());
  const endless = await chainModel({ text: "abc", loop: true, contextLength: 100_000 });
  small = await ContinuousBatchingPipeline.load(endless, { scheduler: { numKvBlocks: 4 } });
  vectors = await TextEmbeddingPipeline.load(BERT);
  server = await LlmServer.start({
    models: [
      { name: "chain", llm: chain },
      { name: "small", llm: small },
      { name: "vectors", pipeline: vectors },
    ],
    port: 0,
  });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await Promise.all([chain.close(), small.close(), vectors.close()]);
  trace.disable();
  propagation.disable();
});
beforeEach(() => exporter.reset());

/** The only span since the test began, which has no text of a prompt or an answer. */
async function onlySpan(): Promise<ReadableSpan> {
  await until(() => exporter.getFinishedSpans().length > 0);
  const spans = exporter.getFinishedSpans();
  expect(spans).toHaveLength(1);
  const [span] = spans as [ReadableSpan];
  const { name, attributes, events, status, links } = span;
  const written = JSON.stringify([name, attributes, events, status, links]);
  for (const text of [SECRET, CHAIN_TEXT, "abcabc"]) expect(written).not.toContain(text);
  return span;
}

it("is a span of the caller's trace, with what was asked, read and written", async () => {
  const headers = { traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` };
  const asked = { model: "chain", messages, max_tokens: 50, temperature: 0, seed: 7, top_p: 0.5, n: 2 };
  const { body } = await post<{ usage: { prompt_tokens: number } }>(server, CHAT, asked, headers);
  const span = await onlySpan();
  expect(span.kind).toBe(SpanKind.SERVER);
  expect(span.name).toBe("chat chain");
  expect(span.spanContext().traceId).toBe(TRACE_ID);
  expect(span.parentSpanContext?.spanId).toBe(PARENT_ID);
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.attributes).toEqual({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openvino-llm",
    "gen_ai.request.model": "chain",
    "gen_ai.response.model": "chain",
    "gen_ai.request.stream": false,
    "gen_ai.request.choice.count": 2,
    "gen_ai.request.max_tokens": 50,
    "gen_ai.request.temperature": 0,
    "gen_ai.request.top_p": 0.5,
    "gen_ai.request.seed": 7,
    "gen_ai.response.finish_reasons": ["stop", "stop"],
    "gen_ai.usage.input_tokens": body.usage.prompt_tokens,
    "gen_ai.usage.output_tokens": 2 * tokens,
    "gen_ai.server.time_to_first_token": expect.closeTo(0, -2),
    "gen_ai.server.time_per_output_token": expect.closeTo(0, -2),
    "http.request.method": "POST",
    "url.path": CHAT,
    "http.response.status_code": 200,
  });
});

it.each([
  ["/v1/completions", "text_completion", { prompt: SECRET }],
  [CHAT, "chat", { messages }],
  ["/v1/messages", "chat", { messages, max_tokens: 100 }],
  ["/v1/responses", "chat", { input: SECRET }],
])("ends with the stream of %s", async (path, operation, body) => {
  await stream(server, path, { model: "chain", ...body });
  const span = await onlySpan();
  expect(span.name).toBe(`${operation} chain`);
  expect(span.attributes).toMatchObject({
    "gen_ai.request.stream": true,
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.output_tokens": tokens,
  });
});

it("counts each prompt once, and the texts of other models", async () => {
  const prompt = [SECRET, SECRET];
  const { body } = await post<{ usage: object }>(server, "/v1/completions", { model: "chain", prompt, n: 2 });
  const { attributes } = await onlySpan();
  expect(body.usage).toMatchObject({ prompt_tokens: attributes["gen_ai.usage.input_tokens"] });
  exporter.reset();
  const embedded = await post<{ usage: object }>(server, "/v1/embeddings", { input: SECRET });
  const span = await onlySpan();
  expect(span.name).toBe("embeddings vectors");
  expect(embedded.body.usage).toMatchObject({ prompt_tokens: span.attributes["gen_ai.usage.input_tokens"] });
});

it("records how a request was refused, failed in the middle, or was left", async () => {
  await post(server, CHAT, `{"messages": ${SECRET}`);
  const refused = await onlySpan();
  expect(refused.attributes).toMatchObject({ "error.type": "400", "http.response.status_code": 400 });
  expect(refused.status.code).toBe(SpanStatusCode.UNSET);

  exporter.reset();
  await post(server, CHAT, { model: "none", messages });
  expect((await onlySpan()).attributes).toMatchObject({ "error.type": "model_not_found" });

  exporter.reset();
  await stream(server, CHAT, { model: "small", messages });
  const failed = await onlySpan();
  expect(failed.status.code).toBe(SpanStatusCode.ERROR);
  expect(failed.attributes).toMatchObject({
    "error.type": "context_length_exceeded",
    "http.response.status_code": 200,
    "gen_ai.usage.output_tokens": expect.any(Number),
  });

  exporter.reset();
  const left = begin(server, CHAT);
  left.end(JSON.stringify({ model: "small", messages, stream: true }));
  await once(await answerTo(left), "data");
  left.destroy();
  expect((await onlySpan()).attributes).toMatchObject({ "http.response.status_code": 499 });
});

it("is none for what is no generation, and of no more than an id where nobody samples it", async () => {
  await fetch(`${server.url}/health`);
  await fetch(`${server.url}/metrics`);
  await post(server, "/tokenize", { model: "chain", prompt: SECRET });
  await post(server, CHAT, { model: "chain", messages }, { traceparent: `00-${TRACE_ID}-${PARENT_ID}-00` });
  expect(exporter.getFinishedSpans()).toEqual([]);
});

it("is nothing where the API is not installed", () => {
  expect(loadOpenTelemetry(pathToFileURL(`${temporaryFolder()}/server.js`).href)).toBeNull();
  expect(loadOpenTelemetry()).not.toBeNull();
});
