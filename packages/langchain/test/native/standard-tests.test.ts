import {
  AIMessage,
  AIMessageChunk,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { InMemoryCache } from "@langchain/core/caches";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { Runnable, RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod/v3";
import type { ContinuousBatchingPipeline } from "openvino-llm";
import { CHAIN_TEXT } from "../../../../lib/models/gguf/chain-model.js";
import { callPieces } from "../../../../test/helpers/chain.js";
import { ChatOpenVINO, type ChatOpenVINOFields } from "../../lib/index.js";
import { chatOn, closeAll, loadChain, TWO_CALLS } from "../helpers/chats.js";

// What LangChain's own tests of integrations ask for, by the names that they have there; ../README.md has the list.

let plain: ContinuousBatchingPipeline;
let adder: ContinuousBatchingPipeline;
let weather: ContinuousBatchingPipeline;
let two: ContinuousBatchingPipeline;
let sum: ContinuousBatchingPipeline;
let service: ContinuousBatchingPipeline;
beforeAll(async () => {
  plain = await loadChain();
  adder = await loadChain({ pieces: callPieces("math_addition", '{"a": 3, "b": 4}') });
  const call = callPieces("get_current_weather", '{"location": "San Francisco"}');
  weather = await loadChain({ pieces: ["I look.", ...call] });
  two = await loadChain({ pieces: TWO_CALLS });
  sum = await loadChain({ pieces: ['{"a": ', "3, ", '"b": ', "4}"] });
  service = await loadChain({
    pieces: [
      '{"decision": "UseAPI", "explanation": "so", ',
      '"apiDetails": {"serviceName": "s", "endpointName": "e", ',
      '"parameters": {"k": [1]}, "extractionPath": "p"}}',
    ],
  });
});
afterAll(closeAll);

const numbers = { a: z.number().int().describe("The first."), b: z.number().int().describe("The second.") };
const addition = z.object(numbers).describe("Add two integers");
const person = z3.object({ name: z3.string(), age: z3.number().int().positive() }).describe("A person");
const place = z.object({ location: z.string().describe("The city, e.g. San Francisco") });
const add = tool(({ a, b }) => JSON.stringify({ result: a + b }), {
  name: "AdderTool",
  description: "Add two integers",
  schema: addition,
});
const currentWeather = tool(() => "70 degrees and sunny", {
  name: "get_current_weather",
  description: "Get the current weather for a location.",
  schema: place,
});
const time = { name: "get_current_time", description: "Get the time", schema: place };
const called = { name: "AdderTool", args: { a: 1, b: 2 }, id: "abc123", type: "tool_call" } as const;
const prompt = ChatPromptTemplate.fromMessages([
  ["system", "You must always call the {toolName} function."],
  ["human", "What is the sum of 1836281973 and 19973286?"],
]);
const toolName = { toolName: "math_addition" };

/** Joins what a stream gives. */
async function joined(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of stream) whole = whole === undefined ? chunk : whole.concat(chunk);
  if (whole === undefined) throw new Error("Expected a chunk.");
  return whole;
}

/** Keeps what traces receive. */
class Tracer extends BaseCallbackHandler {
  name = "Tracer";
  readonly options: Record<string, unknown>[] = [];

  override handleChatModelStart(...args: unknown[]): void {
    this.options.push((args[4] as { options: Record<string, unknown> }).options);
  }
}

describe("ChatModelUnitTests", () => {
  const fields: ChatOpenVINOFields = { temperature: 0, maxTokens: 100, stop: [], maxRetries: 2 };

  it("should initialize chat model successfully", () => {
    expect(chatOn(plain, fields)).toBeInstanceOf(ChatOpenVINO);
  });

  it("should initialize chat model with API key", async () => {
    // There is no key: one that is given is of no account, and is not kept.
    const withKey = { ...fields, pipeline: plain, apiKey: "secret-key" };
    const chat = new ChatOpenVINO(withKey);
    expect((await chat.invoke("Hello")).text).toBe(CHAIN_TEXT);
    expect(JSON.stringify([chat, chat.invocationParams()])).not.toContain("secret-key");
  });

  it("should initialize chat model with streaming enabled", () => {
    expect(chatOn(plain, { ...fields, streaming: true }).streaming).toBe(true);
  });

  it("should bind tools when tool calling is supported", () => {
    const personTool = tool((input) => JSON.stringify(input), { name: "PersonTool", schema: person });
    expect(chatOn(plain, fields).bindTools([personTool])).toMatchObject({
      config: {
        tools: [{ type: "function", function: { name: "PersonTool", parameters: { type: "object" } } }],
      },
    });
  });

  it("should work with structured output when supported", () => {
    expect(Runnable.isRunnable(chatOn(plain, fields).withStructuredOutput(person))).toBe(true);
  });

  it("should return standard LangSmith parameters", () => {
    expect(chatOn(plain, fields).getLsParams({})).toEqual({
      ls_provider: "openvino",
      ls_model_name: "chain",
      ls_model_type: "chat",
      ls_temperature: 0,
      ls_max_tokens: 100,
      ls_stop: [],
    });
    const { ls_stop: stop, ls_max_tokens: limit } = chatOn(plain).getLsParams({ stop: ["x"], maxTokens: 3 });
    expect([stop, limit]).toEqual([["x"], 3]);
  });

  it("invoke should throw when signal is already aborted", async () => {
    const ended = chatOn(plain).invoke([new HumanMessage("hello")], { signal: AbortSignal.abort() });
    await expect(ended).rejects.toMatchObject({ name: "AbortError" });
  });

  it("stream should handle aborted signal correctly", async () => {
    const begin = async (): Promise<AIMessageChunk> =>
      joined(await chatOn(plain).stream([new HumanMessage("hello")], { signal: AbortSignal.abort() }));
    await expect(begin()).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("ChatModelIntegrationTests", () => {
  it("should invoke model and return valid response", async () => {
    const answer = await chatOn(plain).invoke("Hello");
    expect(answer).toBeInstanceOf(AIMessage);
    expect(answer.text).toBe(CHAIN_TEXT);
  });

  it("should stream response tokens successfully", async () => {
    const texts: string[] = [];
    for await (const chunk of await chatOn(plain).stream("Hello")) {
      expect(chunk).toBeInstanceOf(AIMessageChunk);
      texts.push(chunk.text);
    }
    // One for each character, and the last with the usage.
    expect(texts).toEqual([...CHAIN_TEXT, ""]);
  });

  it("should process multiple inputs in batch", async () => {
    const answers = await chatOn(plain).batch(["Hello", "Hey"]);
    expect(answers.map((answer) => [answer instanceof AIMessage, answer.text])).toEqual([
      [true, CHAIN_TEXT],
      [true, CHAIN_TEXT],
    ]);
  });

  it("should handle multi-message conversation", async () => {
    const chat = chatOn(plain);
    const turns = [new HumanMessage("hello"), new AIMessage("hello"), new HumanMessage("how are you")];
    expect((await chat.invoke(turns)).text).toBe(CHAIN_TEXT);
    // Several of one role behind each other too.
    const doubled = [new SystemMessage("be brief"), ...turns].flatMap((message) => [message, message]);
    expect((await chat.invoke(doubled)).text).toBe(CHAIN_TEXT);
  });

  const usage = {
    input_tokens: expect.any(Number) as number,
    output_tokens: 20,
    total_tokens: expect.any(Number) as number,
  };

  it("should return usage metadata for invoke", async () => {
    const answer = await chatOn(plain).invoke("Hello");
    expect(answer.usage_metadata).toEqual(usage);
    const { input_tokens: input = 0, total_tokens: total = 0 } = answer.usage_metadata ?? {};
    expect(total).toBe(input + 20);
    expect(answer.response_metadata).toMatchObject({
      model: "chain",
      model_name: "chain",
      finish_reason: "stop",
    });
  });

  it("should return usage metadata for streaming", async () => {
    const answer = await joined(await chatOn(plain).stream("Hello"));
    expect(answer.usage_metadata).toMatchObject(usage);
    expect(answer.response_metadata).toMatchObject({
      model: "chain",
      model_name: "chain",
      finish_reason: "stop",
    });
  });

  it.each<[string, AIMessage["content"]]>([
    ["should handle tool message histories with string content", ""],
    [
      "should handle tool message histories with list content",
      [
        { type: "text", text: "some text" },
        { type: "tool_use", id: called.id, name: called.name, input: called.args },
      ],
    ],
  ])("%s", async (_name, content) => {
    const result = await add.invoke(called.args);
    const answer = await chatOn(plain)
      .bindTools([add])
      .invoke([
        new HumanMessage("What is 1 + 2"),
        new AIMessage({ content, tool_calls: [called] }),
        new ToolMessage(result, called.id, called.name),
      ]);
    expect(answer.text).toBe(CHAIN_TEXT);
  });

  it("should handle structured few shot examples", async () => {
    const result = await add.invoke(called.args);
    const answer = await chatOn(plain)
      .bindTools([add])
      .invoke([
        new HumanMessage("What is 1 + 2"),
        new AIMessage({ content: "", tool_calls: [called] }),
        new ToolMessage(result, called.id, called.name),
        new AIMessage(result),
        new HumanMessage("What is 3 + 4"),
      ]);
    expect(answer.text).toBe(CHAIN_TEXT);
  });

  describe.each([
    [undefined, "jsonSchema"],
    ["functionCalling", "functionCalling"],
    ["jsonMode", "jsonMode"],
  ])("with method %s", (method, traced) => {
    const model = (): ChatOpenVINO => chatOn(method === "functionCalling" ? adder : sum);
    const config = { name: "math_addition", ...(method === undefined ? {} : { method }) };

    it("should work with structured output", async () => {
      const tracer = new Tracer();
      const structured = model().withStructuredOutput(addition, config);
      expect(await prompt.pipe(structured).invoke(toolName, { callbacks: [tracer] })).toEqual({ a: 3, b: 4 });
      expect(tracer.options[0]?.["ls_structured_output_format"]).toEqual({
        kwargs: { method: traced },
        schema: toJsonSchema(addition),
      });
    });

    it("should work with structured output including raw", async () => {
      const structured = model().withStructuredOutput(addition, { ...config, includeRaw: true });
      const { raw, parsed } = await prompt.pipe(structured).invoke(toolName);
      expect(raw).toBeInstanceOf(AIMessage);
      expect(parsed).toEqual({ a: 3, b: 4 });
    });
  });

  it("should bind tools with OpenAI formatted tools", async () => {
    const parameters = toJsonSchema(addition);
    const definition = {
      type: "function",
      function: { name: "math_addition", description: "Add", parameters },
    };
    const { tool_calls: calls } = await prompt.pipe(chatOn(adder).bindTools([definition])).invoke(toolName);
    expect(calls).toMatchObject([{ name: "math_addition", args: { a: 3, b: 4 }, type: "tool_call" }]);
  });

  it("should bind tools with runnable tool-like objects", async () => {
    const runnable = RunnableLambda.from(() => undefined).asTool({
      name: "math_addition",
      description: "Add two integers",
      schema: addition,
    });
    const { tool_calls: calls } = await prompt.pipe(chatOn(adder).bindTools([runnable])).invoke(toolName);
    expect(calls).toEqual([
      { name: "math_addition", args: { a: 3, b: 4 }, id: expect.any(String) as string, type: "tool_call" },
    ]);
  });

  it("should cache complex message types", async () => {
    const cache = new InMemoryCache(new Map());
    const chat = chatOn(plain, { cache });
    const message = new HumanMessage({ content: [{ type: "text", text: "Hello there!" }] });
    const answer = await chat.invoke([message]);
    const before = plain.producedTokens;
    const again = await chat.invoke([message]);
    expect(plain.producedTokens).toBe(before);
    expect(again.text).toBe(answer.text);
    // Another temperature is another question.
    await chatOn(plain, { cache, temperature: 0 }).invoke([message]);
    expect(plain.producedTokens).toBeGreaterThan(before);
  });

  it("should stream tokens with tool calls", async () => {
    const definition = { name: "math_addition", description: "Add", schema: addition };
    const answer = await joined(await prompt.pipe(chatOn(adder).bindTools([definition])).stream(toolName));
    expect(answer.tool_calls).toMatchObject([{ name: "math_addition", args: { a: 3, b: 4 } }]);
    expect(answer.usage_metadata?.input_tokens).toBeGreaterThan(0);
    expect(answer.usage_metadata?.output_tokens).toBeGreaterThan(0);
  });

  it.each([
    ["should use tool use AI message in conversation", false],
    ["should use tool use AI message with streaming", true],
  ])("%s", async (_name, isStreamed) => {
    const model = chatOn(weather).bindTools([currentWeather]);
    const ask = async (history: (HumanMessage | AIMessage | ToolMessage)[]): Promise<AIMessage> =>
      isStreamed ? joined(await model.stream(history)) : model.invoke(history);
    const question = new HumanMessage("What's the weather like in San Francisco? Use the tool.");
    const asked = await ask([question]);
    const [call] = asked.tool_calls ?? [];
    expect(call).toMatchObject({ name: "get_current_weather", args: { location: "San Francisco" } });
    const result = await currentWeather.invoke({ location: "San Francisco" });
    const answered = new ToolMessage({
      tool_call_id: call?.id ?? "",
      name: call?.name ?? "",
      content: result,
    });
    expect((await ask([question, asked, answered])).content).toBe("I look.");
  });

  it("should invoke model with more complex tools", async () => {
    const schema = z3.object({
      decision: z3.enum(["UseAPI", "UseFallback"]),
      explanation: z3.string(),
      apiDetails: z3.object({
        serviceName: z3.string(),
        endpointName: z3.string(),
        parameters: z3.record(z3.unknown()),
        extractionPath: z3.string(),
      }),
    });
    expect(
      await chatOn(service).withStructuredOutput(schema, { name: "service_tool" }).invoke("Decide."),
    ).toEqual({
      decision: "UseAPI",
      explanation: "so",
      apiDetails: { serviceName: "s", endpointName: "e", parameters: { k: [1] }, extractionPath: "p" },
    });
  });

  it("should handle parallel tool calling", async () => {
    const tools = [currentWeather, time];
    const model = chatOn(two).bindTools(tools);
    const whole = await model.invoke("What's the weather and current time in San Francisco?");
    const streamed = await joined(
      await model.stream("What's the weather and current time in San Francisco?"),
    );
    for (const { tool_calls: calls = [] } of [whole, streamed]) {
      expect(calls.map(({ name }) => name)).toEqual(["get_current_weather", "get_current_time"]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    }
    const results = (whole.tool_calls ?? []).map(
      ({ id = "", name }) => new ToolMessage({ tool_call_id: id, name, content: "24 degrees with hail" }),
    );
    const answer = await chatOn(plain)
      .bindTools(tools)
      .invoke([new HumanMessage("Well?"), whole, ...results]);
    expect([answer.tool_calls, answer.text]).toEqual([[], CHAIN_TEXT]);
  });

  it.each([
    ["should accept structured tool params schema", false],
    ["should stream tools successfully", true],
  ])("%s", async (_name, isStreamed) => {
    const params = { name: "get_current_weather", description: "Get the current weather", schema: place };
    const model = chatOn(weather).bindTools([params]);
    const answer = isStreamed ? await joined(await model.stream("Well?")) : await model.invoke("Well?");
    expect(answer.tool_calls).toMatchObject([
      { name: "get_current_weather", args: { location: "San Francisco" } },
    ]);
  });

  it("should handle standard text content blocks", async () => {
    const message = new HumanMessage({ content: [{ type: "text", source_type: "text", text: "Hello!" }] });
    expect((await chatOn(plain).invoke([message])).text).toBe(CHAIN_TEXT);
  });

  it.each([
    ["should handle standard image content blocks", "image", "image/png"],
    ["should handle standard audio content blocks", "audio", "audio/wav"],
    ["should handle standard file content blocks", "file", "application/pdf"],
  ])("%s", async (_name, type, mimeType) => {
    // The model reads text alone: they are refused in words.
    const message = new HumanMessage({
      content: [{ type, source_type: "base64", data: "AA==", mime_type: mimeType }],
    });
    await expect(chatOn(plain).invoke([message])).rejects.toThrow(
      `Expected text or blocks of text for messages[0].content but received an object of type "${type}". The model reads text alone.`,
    );
  });
});
