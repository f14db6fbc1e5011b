// What the AI SDK makes of a server. Prints it as JSON.
//   node ai.mjs URL [6]
// With 6 it is the version before, and the provider of its generation.
import { z } from "zod";

const isOld = process.argv[3] === "6";
const { createOpenAICompatible } = await import(isOld ? "openai-compatible-2" : "@ai-sdk/openai-compatible");
const { generateText, jsonSchema, Output, streamText, tool } = await import(isOld ? "ai-6" : "ai");

const provider = createOpenAICompatible({
  name: "openvino-llm",
  baseURL: `${process.argv[2]}/v1`,
  apiKey: "key",
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const common = { model: provider("chain"), prompt: "hello", maxRetries: 0 };
const tools = { get_weather: tool({ inputSchema: z.object({ city: z.string() }) }) };
const found = {};

const whole = await generateText(common);
found.whole = [whole.text, whole.finishReason, whole.usage.outputTokens];

const streamed = streamText(common);
found.pieces = 0;
found.text = "";
for await (const piece of streamed.textStream) {
  found.pieces++;
  found.text += piece;
}
found.streamed = [await streamed.finishReason, (await streamed.usage).outputTokens];

const called = await generateText({ ...common, model: provider("caller"), tools });
found.called = called.toolCalls.map(({ toolName, input }) => [toolName, input]);
found.reasoning = called.reasoningText;
const calling = streamText({ ...common, model: provider("caller"), tools });
found.calling = (await calling.toolCalls).map(({ toolName, input }) => [toolName, input]);
found.callingReasoning = await calling.reasoningText;

const kind = {
  type: "object",
  properties: { kind: { enum: ["x"] } },
  required: ["kind"],
  additionalProperties: false,
};
const parsed = await generateText({
  ...common,
  output: Output.object({ schema: jsonSchema(kind) }),
  maxOutputTokens: 100,
});
found.parsed = parsed.output;
const parsing = streamText({
  ...common,
  output: Output.object({ schema: jsonSchema(kind) }),
  maxOutputTokens: 100,
});
found.parsing = await parsing.output;

const forced = {
  ...common,
  tools: { get_weather: tool({ inputSchema: jsonSchema(kind) }) },
  toolChoice: { type: "tool", toolName: "get_weather" },
  maxOutputTokens: 100,
};
found.forced = (await generateText(forced)).toolCalls.map(({ toolName, input }) => [toolName, input]);
found.forcing = (await streamText(forced).toolCalls).map(({ toolName, input }) => [toolName, input]);

const controller = new AbortController();
const aborted = streamText({
  ...common,
  model: provider("endless"),
  maxOutputTokens: 90_000,
  abortSignal: controller.signal,
});
found.aborted = 0;
for await (const part of aborted.fullStream) {
  // What had come already when it was aborted may still be given.
  if (part.type === "text-delta" && !controller.signal.aborted) found.aborted++;
  if (found.aborted === 3) controller.abort();
  if (part.type === "abort") found.abortReported = true;
}

found.failed = await generateText({ ...common, model: provider("other") }).then(
  () => null,
  (error) => [error.name, error.statusCode],
);
process.stdout.write(JSON.stringify(found));
