// What the AI SDK makes of the models here. Prints it as JSON.
//   node run.mjs FOLDER MODELS
// FOLDER has node_modules with `ai`; MODELS are paths, as JSON.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  ContinuousBatchingPipeline,
  LLMPipeline,
  TextEmbeddingPipeline,
  TextRerankPipeline,
} from "openvino-llm";
import * as ours from "openvino-llm-ai-sdk";

const [folder, json] = process.argv.slice(2);
const models = JSON.parse(json);

/** A package of the folder. */
async function load(name) {
  const dir = join(folder, "node_modules", name);
  const { exports, version } = JSON.parse(await readFile(join(dir, "package.json"), "utf8"));
  return { version, ...(await import(pathToFileURL(join(dir, exports["."].import)).href)) };
}

const ai = await load("ai");
const sdk = await load("@ai-sdk/provider");
const { z } = await load("zod");
const isSeven = ai.version.startsWith("7.");
const found = {};

// Warnings are looked at where they are expected.
globalThis.AI_SDK_LOG_WARNINGS = false;
const openvino = isSeven ? ours.openvino : ours.createOpenVINO({ specificationVersion: "v3" });
const chain = await ContinuousBatchingPipeline.load(models.chain);
const caller = await ContinuousBatchingPipeline.load(models.caller, { chatTemplate: models.callerTemplate });
const broken = await ContinuousBatchingPipeline.load(models.broken, { chatTemplate: models.callerTemplate });
const endless = await ContinuousBatchingPipeline.load(models.endless);
const embedder = await TextEmbeddingPipeline.load(models.embedder, { queryInstruction: "x " });
const reranker = await TextRerankPipeline.load(models.reranker);

const model = openvino(chain);
const prompt = "hello";
const common = { model, prompt, maxRetries: 0 };

const whole = await ai.generateText(common);
found.whole = [whole.text, whole.finishReason, whole.usage.inputTokens > 0, whole.usage.outputTokens];
found.sum = whole.usage.totalTokens === whole.usage.inputTokens + whole.usage.outputTokens;
found.response = [whole.response.modelId, whole.response.timestamp instanceof Date, whole.warnings];
found.metadata = whole.providerMetadata.openvino;

// Calls at once are steps together.
const before = chain.metrics().totals;
await Promise.all(Array.from({ length: 4 }, () => ai.generateText(common)));
const after = chain.metrics().totals;
found.batched = [after.finished - before.finished, (after.steps - before.steps) / whole.usage.outputTokens];

const streamed = ai.streamText(common);
found.streamedText = "";
found.deltas = 0;
for await (const delta of streamed.textStream) {
  found.deltas++;
  found.streamedText += delta;
}
found.streamed = [await streamed.finishReason, (await streamed.usage).outputTokens];
found.streamedMetadata = Object.keys((await streamed.providerMetadata).openvino);

const single = await LLMPipeline.load(models.chain);
found.single = (await ai.generateText({ ...common, model: openvino(single) })).text;

// Settings.
const stopped = await ai.generateText({ ...common, stopSequences: ["7"] });
found.stopped = [stopped.text, stopped.finishReason, stopped.providerMetadata.openvino.stopReason];
const short = await ai.generateText({ ...common, maxOutputTokens: 2 });
found.short = [short.usage.outputTokens, short.finishReason];
const sampling = { temperature: 1.5, topK: 50, topP: 0.9, seed: 7 };
const sampled = await Promise.all(
  [0, 1].map(() => ai.generateText({ ...common, ...sampling, maxOutputTokens: 8 })),
);
found.seeds = sampled.map(({ providerMetadata }) => providerMetadata.openvino.rngSeed);
const regex = { type: "regex", value: "[0-9]{3}" };
found.regex = (
  await ai.generateText({ ...common, providerOptions: { openvino: { responseFormat: regex } } })
).text;

// Tools: the call streamed, then what it gives, in a loop.
const asked = [];
const weather = ai.tool({
  description: "The weather",
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => {
    asked.push(city);
    return { summary: "sunny" };
  },
});
const loop = {
  model: openvino(caller),
  prompt: "Weather in Paris?",
  tools: { get_weather: weather },
  stopWhen: ai.stepCountIs(4),
};
const agent = new ai.ToolLoopAgent({ model: loop.model, tools: loop.tools, stopWhen: loop.stopWhen });
const ran = await agent.generate({ prompt: loop.prompt });
found.agent = ran.steps.map(({ text, reasoningText, toolCalls, toolResults, finishReason }) => ({
  text,
  reasoningText,
  calls: toolCalls.map(({ toolName, input }) => [toolName, input]),
  results: toolResults.map(({ output }) => output),
  finishReason,
}));
const running = ai.streamText(loop);
const events = [];
for await (const { type, delta, toolName } of running.fullStream) {
  const last = events.at(-1);
  const event = [type, ...(toolName === undefined ? [] : [toolName])];
  if (last?.[0] !== type) events.push(delta === undefined ? event : [...event, delta]);
  else if (delta !== undefined) last[last.length - 1] += delta;
}
found.events = events;
found.asked = asked.splice(0);
const wrong = await ai.generateText({ ...loop, model: openvino(broken), stopWhen: ai.stepCountIs(1) });
found.wrong = [
  wrong.toolCalls.map(({ toolName, invalid }) => [toolName, invalid]),
  wrong.finishReason,
  asked.length,
];

// A real model, loaded by its name: a call that is enforced, its result passed on, an answer.
const small = openvino("smollm2-135m-instruct");
const forced = await ai.generateText({
  model: small,
  prompt: "What is the weather in Paris?",
  tools: { get_weather: ai.tool({ ...weather, inputSchema: z.object({ city: z.enum(["Paris"]) }) }) },
  prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? "required" : "none" }),
  stopWhen: ai.stepCountIs(3),
  maxOutputTokens: 40,
});
found.forced = forced.steps.map(({ toolCalls, text }) => [toolCalls.map(({ input }) => input), text !== ""]);
found.forcedAsked = asked.splice(0);
const schema = z.object({ capital: z.enum(["Paris", "Rome"]), large: z.boolean() });
const question = { model: small, prompt: "Which city is the capital of France? Answer in JSON." };
const { object } = await ai.generateObject({ ...question, schema });
found.object = schema.safeParse(object).success;

// Structured answers of a model that says something else by itself.
const structured = { ...common, output: ai.Output.object({ schema: z.object({ kind: z.enum(["x"]) }) }) };
found.output = (await ai.generateText(structured)).output;
for await (const piece of ai.streamText(structured).partialOutputStream) found.partial = piece;
found.choice = (
  await ai.generateText({ ...common, output: ai.Output.choice({ options: ["yes", "no"] }) })
).output;
const named = ai.streamText({
  ...common,
  toolChoice: { type: "tool", toolName: "b" },
  tools: {
    a: ai.tool({ inputSchema: z.object({}) }),
    b: ai.tool({ inputSchema: z.object({ kind: z.enum(["x"]) }) }),
  },
});
found.named = (await named.toolCalls).map(({ toolName, input }) => [toolName, input]);
const cut = await ai
  .generateObject({ ...common, schema: z.object({ n: z.string() }), maxOutputTokens: 3 })
  .catch((error) => error);
found.cut = [cut.name, cut.finishReason, cut.usage.outputTokens];
// A grammar that allows more than its schema, which nobody but the library checks.
const pair = { type: "array", items: { enum: ["x"] }, minItems: 2, maxItems: 2, uniqueItems: true };
const wide = {
  ...common,
  schema: ai.jsonSchema({ type: "object", properties: { pair }, required: ["pair"] }),
};
const mismatch = await ai.generateObject(wide);
found.mismatch = [mismatch.object, mismatch.providerMetadata.openvino.schemaMismatch];
const streamedMismatch = ai.streamObject(wide);
for await (const piece of streamedMismatch.partialObjectStream) found.lastPiece = piece;
found.streamedMismatch = [
  await streamedMismatch.object,
  (await streamedMismatch.providerMetadata).openvino.schemaMismatch === found.mismatch[1],
];

// Vectors and orders.
const values = ["two programs agree", "x", "numbers? words!"];
const embedded = await ai.embedMany({ model: openvino.embeddingModel(embedder), values });
const vectors = await embedder.embedDocuments(values);
found.embedded = embedded.embeddings.every((vector, index) => vector.join() === vectors[index].join());
const providerOptions = { openvino: { inputType: "query" } };
const query = await ai.embed({ model: openvino.embeddingModel(embedder), value: "words", providerOptions });
found.query = query.embedding.join() === (await embedder.embedQuery("words")).join();
const ranked = await ai.rerank({
  model: openvino.rerankingModel(reranker),
  query: "words",
  documents: values,
  topN: 2,
});
const order = await reranker.rerank("words", values, { topN: 2 });
found.ranked =
  JSON.stringify(ranked.ranking.map(({ originalIndex, score }) => ({ index: originalIndex, score }))) ===
  JSON.stringify(order);
const objects = values.map((text) => ({ text }));
found.rankedObjects = (
  await ai.rerank({ model: openvino.rerankingModel(reranker), query: "words", documents: objects })
).ranking.length;

// Aborts end the generation, before the first token and after some.
const aborted = { ...common, model: openvino(endless), maxOutputTokens: 90_000 };
const controller = new AbortController();
const ending = ai.streamText({ ...aborted, abortSignal: controller.signal });
for await (const part of ending.fullStream) {
  if (part.type === "text-delta") controller.abort();
  if (part.type === "abort") found.abortReported = true;
}
const outcome = (promise) =>
  promise.then(
    () => "nothing",
    (error) => [error.name, error.message],
  );
const waiting = new AbortController();
const whileRunning = ai.generateText({ ...aborted, abortSignal: waiting.signal });
while (endless.metrics().running === 0) await new Promise((resolve) => setImmediate(resolve));
waiting.abort();
found.aborted = (await outcome(whileRunning))[0];
found.early = (await outcome(ai.generateText({ ...aborted, abortSignal: AbortSignal.abort() })))[0];
// Whoever leaves the stream ends the generation too.
const left = await openvino(endless).doStream({
  prompt: [{ role: "user", content: [{ type: "text", text: "x" }] }],
});
const reader = left.stream.getReader();
for (let type; type !== "text-delta";) ({ type } = (await reader.read()).value);
await reader.cancel();
while (endless.metrics().running + endless.metrics().waiting > 0)
  await new Promise((resolve) => setImmediate(resolve));

// What is wrong, and what is not supported.
const failed = async (call, kind) => {
  const error = await call().then(
    () => null,
    (thrown) => thrown,
  );
  // The class of the installed version knows it.
  return [error?.name, sdk[kind].isInstance(error), error?.message];
};
found.tooLong = await failed(
  () => ai.generateText({ ...common, prompt: "x".repeat(5000) }),
  "InvalidPromptError",
);
const streamError = ai.streamText({
  ...common,
  prompt: "x".repeat(5000),
  onError: ({ error }) => (found.streamError = error.name),
});
await streamError.consumeStream();
found.noModel = await failed(
  () => ai.generateText({ ...common, model: openvino("no-such-model") }),
  "NoSuchModelError",
);
found.badSetting = await failed(
  () => ai.generateText({ ...common, presencePenalty: 3 }),
  "InvalidArgumentError",
);
found.badOption = await failed(
  () => ai.generateText({ ...common, providerOptions: { openvino: { minp: 0.1 } } }),
  "InvalidArgumentError",
);
found.noImage = await failed(
  () =>
    ai.generateText({
      ...common,
      prompt: [{ role: "user", content: [{ type: "image", image: new Uint8Array([137, 80, 78, 71]) }] }],
    }),
  "UnsupportedFunctionalityError",
);
found.noImageModel = await failed(async () => openvino.imageModel("x"), "NoSuchModelError");
const warned = await ai
  .generateText({
    ...loop,
    model: openvino(caller),
    stopWhen: ai.stepCountIs(1),
    output: ai.Output.json(),
    reasoning: "high",
  })
  .catch((error) => error);
found.warned = (warned.steps?.[0].warnings ?? warned.warnings ?? []).map(({ type, feature }) => [
  type,
  feature,
]);

// By its path, in a registry; two of one name are one pipeline, and a closed one is loaded again.
const registry = ai.createProviderRegistry({ openvino });
const byPath = registry.languageModel(`openvino:${models.chain}`);
found.registry = (await ai.generateText({ ...common, model: byPath })).text;
const pipeline = await openvino(models.chain).pipeline();
found.shared = pipeline === (await openvino.languageModel(models.chain).pipeline());
const interrupted = ai.streamText({
  ...aborted,
  model: openvino(models.endless),
  onError: ({ error }) => (found.interrupted = error.code),
});
for await (const part of interrupted.fullStream) {
  if (part.type === "text-delta" && found.interrupted === undefined) void openvino.close();
  if (part.type === "finish") found.interruptedReason = part.finishReason;
}
await openvino.close();
found.closed = await outcome(pipeline.generate(prompt));
found.reloaded = (await ai.generateText({ ...common, model: openvino(models.chain) })).text;
await openvino.close();
await Promise.all([chain, single, caller, broken, endless, embedder, reranker].map((one) => one.close()));
process.stdout.write(JSON.stringify(found));
