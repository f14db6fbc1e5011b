import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { ContextOverflowError } from "@langchain/core/errors";
import { AIMessage, HumanMessage, type AIMessageChunk } from "@langchain/core/messages";
import { OutputParserException } from "@langchain/core/output_parsers";
import { tool } from "@langchain/core/tools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { LLMPipeline, type ContinuousBatchingPipeline } from "openvino-llm";
import { CHAIN_TEXT } from "../../../../lib/models/gguf/chain-model.js";
import { ALPHABET, callPieces, chainModel } from "../../../../test/helpers/chain.js";
import { ChatOpenVINO, OpenVINOEmbeddings } from "../../lib/index.js";
import { CALLER, chatOn, closeAll, loadChain } from "../helpers/chats.js";

const BERT = fileURLToPath(new URL("../../../../test/fixtures/tiny-bert", import.meta.url));
/** In pieces that end within its arguments too. */
const CALL = [
  "<tool_call>",
  '\n{"name": "get_weather", ',
  '"arguments": {"city": "Par',
  'is"}}\n',
  "</tool_call>",
];
const CUT_WITHIN = CALLER.length + 3;

let plain: ContinuousBatchingPipeline;
let endless: ContinuousBatchingPipeline;
let caller: ContinuousBatchingPipeline;
let eager: ContinuousBatchingPipeline;
let wrong: ContinuousBatchingPipeline;
beforeAll(async () => {
  plain = await loadChain();
  endless = await loadChain({ text: ALPHABET, loop: true, contextLength: 100_000 });
  caller = await loadChain({ pieces: [...CALLER, ...CALL] });
  eager = await loadChain({ pieces: CALL });
  wrong = await loadChain({ pieces: callPieces("get_weather", '{"city": 7}') });
});
afterAll(closeAll);

const weather = tool(({ city }) => `rain in ${city}`, {
  name: "get_weather",
  description: "the weather",
  schema: z.object({ city: z.string() }),
});

async function listed<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function joined(chunks: readonly AIMessageChunk[]): AIMessageChunk {
  return chunks.reduce((whole, chunk) => whole.concat(chunk));
}

/** Waits until the engine has nothing to do; the test's own time limit ends it. */
async function idle(pipeline: ContinuousBatchingPipeline): Promise<void> {
  while (pipeline.metrics().running + pipeline.metrics().waiting > 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Keeps the tokens, and how the run ended. */
class Listener extends BaseCallbackHandler {
  name = "Listener";
  readonly tokens: string[] = [];
  readonly ends: string[] = [];
  output: unknown;

  override handleLLMNewToken(token: string): void {
    this.tokens.push(token);
  }

  override handleLLMEnd({ llmOutput }: { llmOutput?: Record<string, unknown> }): void {
    this.ends.push("end");
    this.output = llmOutput;
  }

  override handleLLMError(error: Error): void {
    this.ends.push(error.name);
  }
}

describe("reasoning and tool calls", () => {
  const reasoning = "Which city?";
  const text = "I will ask.";
  const args = { city: "Paris" };

  it("stand where LangChain has them, and as standard blocks", async () => {
    const answer = await chatOn(caller).bindTools([weather]).invoke("Well?");
    expect(answer).toMatchObject({
      content: text,
      additional_kwargs: { reasoning_content: reasoning },
      tool_calls: [{ name: "get_weather", args, type: "tool_call" }],
      response_metadata: { model_provider: "openvino", finish_reason: "tool_calls" },
    });
    const id = answer.tool_calls?.[0]?.id;
    const blocks = [
      { type: "reasoning", reasoning },
      { type: "text", text },
      { type: "tool_call", id, name: "get_weather", args },
    ];
    expect(answer.contentBlocks).toEqual(blocks);
    const standard = await chatOn(caller, { outputVersion: "v1" }).bindTools([weather]).invoke("Well?");
    expect(standard.content).toMatchObject([
      ...blocks.slice(0, 2),
      { type: "tool_call", name: "get_weather", args },
    ]);
    expect(standard.text).toBe(text);
  });

  it("come piece by piece", async () => {
    const chunks = await listed(await chatOn(caller).bindTools([weather]).stream("Well?"));
    expect(chunks.flatMap((chunk) => chunk.additional_kwargs["reasoning_content"] ?? [])).toEqual([
      reasoning,
    ]);
    expect(chunks.flatMap((chunk) => chunk.tool_call_chunks ?? [])).toEqual([
      { type: "tool_call_chunk", index: 0, id: expect.any(String) as string, name: "get_weather", args: "" },
      { type: "tool_call_chunk", index: 0, args: '{"city": "Par' },
      { type: "tool_call_chunk", index: 0, args: 'is"}' },
    ]);
    expect(joined(chunks)).toMatchObject({ content: text, tool_calls: [{ name: "get_weather", args }] });
  });

  it("come as numbered standard blocks, which join", async () => {
    const model = chatOn(caller, { outputVersion: "v1" }).bindTools([weather]);
    const whole = joined(await listed(await model.stream("Well?")));
    expect(whole.contentBlocks).toMatchObject([
      { type: "reasoning", reasoning, index: 0 },
      { type: "text", text, index: 1 },
      { type: "tool_call", name: "get_weather", args },
    ]);
    expect(whole.tool_calls).toMatchObject([{ name: "get_weather", args }]);
  });

  it("come as events by content block", async () => {
    const stream = chatOn(caller).streamEvents("Well?", { tools: [weather] });
    const events = await listed(stream);
    expect(events.map((event) => [event.event, "index" in event ? event.index : null])).toEqual([
      ["message-start", null],
      ...[0, 1, 2].flatMap((index) => [
        ["content-block-start", index],
        ["content-block-delta", index],
        ...(index === 2 ? [["content-block-delta", index]] : []),
        ["content-block-finish", index],
      ]),
      ["message-finish", null],
    ]);
    expect(events.at(-1)).toMatchObject({ reason: "tool_use", usage: { output_tokens: 10 } });
    expect(await stream.reasoning).toBe(reasoning);
    expect(await stream.text).toBe(text);
    expect(await stream.toolCalls).toMatchObject([{ name: "get_weather", args }]);
    expect(await stream.output).toMatchObject({
      usage_metadata: { output_tokens: 10 },
      tool_calls: [{ args }],
    });
  });

  it("of an earlier answer reach the model", async () => {
    const asked = await chatOn(caller).bindTools([weather]).invoke("Well?");
    const restored = new AIMessage({ content: asked.contentBlocks, tool_calls: asked.tool_calls });
    const chat = chatOn(plain);
    const promptTokensOf = async (message: AIMessage): Promise<number | undefined> =>
      (await chat.invoke([new HumanMessage("Well?"), message])).usage_metadata?.input_tokens;
    const whole = await promptTokensOf(asked);
    expect(await promptTokensOf(restored)).toBe(whole);
    expect(await promptTokensOf(new AIMessage(text))).toBeLessThan(whole ?? 0);
  });
});

describe("calls that cannot be run", () => {
  it("are calls where they are JSON, so that the tool answers the model what is wrong", async () => {
    const model = chatOn(wrong).bindTools([weather]);
    const whole = await model.invoke("Well?");
    const streamed = joined(await listed(await model.stream("Well?")));
    for (const { tool_calls: calls, invalid_tool_calls: invalid } of [whole, streamed]) {
      expect([calls, invalid]).toMatchObject([[{ name: "get_weather", args: { city: 7 } }], []]);
    }
  });

  it("are none where they are cut off, streamed or not: half a call is never run", async () => {
    const model = chatOn(caller, { maxTokens: CUT_WITHIN }).bindTools([weather]);
    const whole = await model.invoke("Well?");
    const streamed = joined(await listed(await model.stream("Well?")));
    for (const message of [whole, streamed]) {
      expect(message.tool_calls).toEqual([]);
      expect(message.invalid_tool_calls).toMatchObject([{ name: "get_weather" }]);
      expect(message.response_metadata["finish_reason"]).toBe("length");
    }
    const events = chatOn(caller, { maxTokens: CUT_WITHIN }).streamEvents("Well?", {
      tools: [weather],
    });
    expect(await events.toolCalls).toEqual([]);
  });
});

describe("tool_choice", () => {
  const other = { name: "other", description: "another", schema: z.object({ kind: z.literal("x") }) };

  it.each([["any"], ["get_weather"], [{ type: "function", function: { name: "get_weather" } }]])(
    "%j enforces a call by grammar",
    async (choice) => {
      const { tool_calls: calls } = await chatOn(eager)
        .bindTools([weather], { tool_choice: choice })
        .invoke("Well?");
      expect(calls).toMatchObject([{ name: "get_weather", args: { city: "Paris" } }]);
    },
  );

  it("names the one that is called, whatever the model would", async () => {
    const model = chatOn(caller, { maxTokens: 100 }).bindTools([weather, other], { tool_choice: "other" });
    expect((await model.invoke("Well?")).tool_calls).toMatchObject([{ name: "other", args: { kind: "x" } }]);
  });

  it('"none" puts no tool into the prompt', async () => {
    const chat = chatOn(plain);
    const tokens = async (choice: string): Promise<number | undefined> =>
      (await chat.bindTools([weather], { tool_choice: choice }).invoke("x")).usage_metadata?.input_tokens;
    expect(await tokens("none")).toBe((await chat.invoke("x")).usage_metadata?.input_tokens);
    expect(await tokens("auto")).toBeGreaterThan((await tokens("none")) ?? 0);
  });

  it("is refused where there is no such tool", async () => {
    const model = chatOn(caller).bindTools([weather], { tool_choice: "no_such_tool" });
    await expect(model.invoke("Well?")).rejects.toThrow('the name of a tool ("get_weather")');
    expect(() => chatOn(caller).bindTools([{ nothing: 1 }])).toThrow(TypeError);
  });
});

describe("structured output", () => {
  const schema = {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: "integer" } },
    required: ["a", "b"],
  };

  let sum: ContinuousBatchingPipeline;
  let fenced: ContinuousBatchingPipeline;
  beforeAll(async () => {
    sum = await loadChain({ pieces: ['{"a": ', "3, ", '"b": ', "4}"] });
    fenced = await loadChain({ pieces: ['{"code": "', "```json 7```", '"}'] });
  });

  it("of a JSON Schema streams what there is of it", async () => {
    const parts = await listed(await chatOn(sum).withStructuredOutput(schema).stream("x"));
    expect(parts).toEqual([{ a: 3 }, { a: 3, b: 4 }]);
  });

  it("takes text with code fences for what it is", async () => {
    const code = z.object({ code: z.string() });
    expect(await chatOn(fenced).withStructuredOutput(code).invoke("x")).toEqual({ code: "```json 7```" });
  });

  it("gives what the schema's library makes of it, once", async () => {
    const longer = z.object({ code: z.string().transform((text) => `${text}!`) });
    expect(await chatOn(fenced).withStructuredOutput(longer).invoke("x")).toEqual({ code: "```json 7```!" });
    const tool = await chatOn(eager)
      .bindTools([
        { name: "get_weather", schema: z.object({ city: z.string().transform((city) => `${city}!`) }) },
      ])
      .invoke("x");
    // The tool itself will change them.
    expect(tool.tool_calls?.[0]?.args).toEqual({ city: "Paris" });
  });

  it("that is cut off or does not fit is LangChain's exception, and null beside the raw message", async () => {
    const short = chatOn(sum, { maxTokens: 2 });
    const cut = await short
      .withStructuredOutput(schema)
      .invoke("x")
      .catch((error: unknown) => error);
    expect(cut).toBeInstanceOf(OutputParserException);
    expect(cut).toMatchObject({ llmOutput: '{"a": 3, ' });
    const both = await short.withStructuredOutput(schema, { includeRaw: true }).invoke("x");
    expect(both).toMatchObject({ parsed: null, raw: { content: '{"a": 3, ' } });
    // What no grammar sees to.
    const twice = chatOn(await loadChain({ pieces: ['{"all": [1', ", 1", "]}"] }));
    const unique = {
      type: "object",
      properties: { all: { type: "array", items: { type: "integer" }, uniqueItems: true } },
      required: ["all"],
    };
    await expect(twice.withStructuredOutput(unique).invoke("x")).rejects.toThrow(OutputParserException);
    await expect(listed(await twice.withStructuredOutput(unique).stream("x"))).rejects.toThrow(
      "Duplicate items",
    );
    expect(await twice.withStructuredOutput(unique, { includeRaw: true }).invoke("x")).toMatchObject({
      parsed: null,
    });
  });

  it("without the call that it needs says so", async () => {
    const model = chatOn(wrong, { maxTokens: 2 }).withStructuredOutput(weather.schema, {
      name: "get_weather",
      method: "functionCalling",
    });
    expect(await model.invoke("x").catch((error: unknown) => error)).toBeInstanceOf(OutputParserException);
    expect(() => chatOn(wrong).withStructuredOutput(schema, { method: "guess" })).toThrow('"jsonSchema"');
  });
});

describe("a call", () => {
  it("has options of its own, then the model's, then the pipeline's", async () => {
    const chat = chatOn(endless, { maxTokens: 4, stop: ["z"], generationOptions: { ignoreEos: true } });
    expect((await chat.invoke("x")).text).toBe("abcd");
    expect((await chat.invoke("x", { maxTokens: 6 })).text).toBe("abcdef");
    expect((await chat.invoke("x", { maxTokens: 90, stop: ["g"] })).response_metadata).toMatchObject({
      finish_reason: "stop",
      stop_reason: "g",
    });
    expect((await chat.invoke("x", { maxTokens: 90 })).text).toBe("abcdefghijklmnopqrstuvwxy");
    expect(chat.invocationParams({ maxTokens: 6, temperature: 0 })).toEqual({
      model: "chain",
      maxTokens: 6,
      temperature: 0,
      stop: ["z"],
      generationOptions: { ignoreEos: true },
    });
  });

  it("reports how long it took, and what was sampled", async () => {
    const { response_metadata: metadata } = await chatOn(plain, { temperature: 0.5, seed: 7 }).invoke("x");
    expect(metadata).toMatchObject({
      seed: 7,
      timing: { ttftMs: expect.any(Number) as number, e2eMs: expect.any(Number) as number },
    });
  });

  it("runs beside others", async () => {
    const before = plain.metrics().totals;
    const inputs = Array.from({ length: 16 }, (_, index) => `question ${index}`);
    const answers = await chatOn(plain).batch(inputs);
    expect(answers.map(({ text }) => text)).toEqual(inputs.map(() => CHAIN_TEXT));
    const after = plain.metrics().totals;
    // One after the other, every token of every answer would be a step.
    expect(after.steps - before.steps).toBeLessThan(after.completionTokens - before.completionTokens);
  });

  it("gives callbacks every token where it streams, and its usage", async () => {
    const [streamed, whole, asked] = [new Listener(), new Listener(), new Listener()];
    await listed(await chatOn(plain).stream("x", { callbacks: [streamed] }));
    await chatOn(plain).invoke("x", { callbacks: [whole] });
    await chatOn(plain, { streaming: true }).invoke("x", { callbacks: [asked] });
    expect(streamed.tokens).toEqual([...CHAIN_TEXT]);
    expect(whole.tokens).toEqual([]);
    expect(asked.tokens).toEqual([...CHAIN_TEXT]);
    for (const { ends, output } of [streamed, whole, asked]) {
      expect(ends).toEqual(["end"]);
      expect(output).toMatchObject({ tokenUsage: { completionTokens: 20 } });
    }
    const { llmOutput } = await chatOn(plain).generate([[new HumanMessage("x")], [new HumanMessage("y")]]);
    expect(llmOutput).toMatchObject({ tokenUsage: { completionTokens: 40 } });
  });

  it("ends where its signal says so, and where nobody reads on", async () => {
    const listener = new Listener();
    const controller = new AbortController();
    const reading = async (): Promise<void> => {
      const stream = await chatOn(endless).stream("x", { signal: controller.signal });
      for await (const { text } of stream) if (text !== "") controller.abort();
    };
    await expect(reading()).rejects.toMatchObject({ name: "AbortError" });
    await idle(endless);

    const waiting = new AbortController();
    const invoked = chatOn(endless).invoke("x", { signal: waiting.signal, callbacks: [listener] });
    while (endless.metrics().running === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    waiting.abort();
    await expect(invoked).rejects.toMatchObject({ name: "AbortError" });
    await awaitAllCallbacks();
    expect(listener.ends).toEqual(["AbortError"]);
    await idle(endless);

    for await (const chunk of await chatOn(endless).stream("x")) if (chunk.text === "c") break;
    await idle(endless);

    for await (const event of chatOn(endless).streamEvents("x", { signal: AbortSignal.timeout(60_000) })) {
      if (event.event === "content-block-delta") break;
    }
  });

  it("whose prompt is too long fails as LangChain knows it", async () => {
    const long = "x".repeat(4000);
    const invoked = await chatOn(plain)
      .invoke(long)
      .catch((error: unknown) => error);
    expect(ContextOverflowError.isInstance(invoked)).toBe(true);
    expect(invoked).toMatchObject({ cause: { code: "ERR_PROMPT_TOO_LONG" } });
    const streamed = await chatOn(plain)
      .stream(long)
      .catch((error: unknown) => error);
    expect(ContextOverflowError.isInstance(streamed)).toBe(true);
  });

  it("goes to an LLMPipeline as well", async () => {
    await using llm = await LLMPipeline.load(await chainModel());
    const answers = await new ChatOpenVINO({ pipeline: llm }).batch(["a", "b"]);
    expect(answers.map(({ text }) => text)).toEqual([CHAIN_TEXT, CHAIN_TEXT]);
  });
});

describe("a model", () => {
  it("is loaded by its own name, and closed by its pipeline", async () => {
    const chat = await ChatOpenVINO.load(await chainModel(), { temperature: 0, load: { maxQueue: 1 } });
    expect((await chat.invoke("x")).text).toBe(CHAIN_TEXT);
    await chat.pipeline.close();
    await expect(chat.invoke("x")).rejects.toMatchObject({ code: "ERR_CLOSED" });
  });

  it("is serialised without its pipeline", () => {
    const chat = chatOn(plain, { temperature: 0.25, stop: ["x"] });
    expect(JSON.parse(JSON.stringify(chat))).toEqual({
      lc: 1,
      type: "constructor",
      id: ["langchain", "chat_models", "openvino", "ChatOpenVINO"],
      kwargs: { model: "chain", temperature: 0.25, stop: ["x"] },
    });
    expect(() => new ChatOpenVINO({ temperature: 0.25 } as never)).toThrow("ChatOpenVINO.load()");
  });

  it("counts tokens by its own tokenizer, and reports what it can do", async () => {
    const chat = chatOn(plain);
    expect(await chat.getNumTokens("Zürich")).toBe((await plain.tokenizer.encode("Zürich")).length);
    expect(await chat.getNumTokens([{ type: "text", text: "Zürich" }])).toBe(7);
    expect(chat.profile).toMatchObject({ maxInputTokens: 2048, toolCalling: true, imageInputs: false });
    expect(chat.profile).not.toHaveProperty("structuredOutput");
  });
});

describe("embeddings", () => {
  it("give vectors for queries and documents", async () => {
    const embeddings = await OpenVINOEmbeddings.load(BERT, { queryInstruction: "find: " });
    const texts = ["Paris is a city.", "Rain is wet.", "Bread is food."];
    const vectors = await embeddings.embedDocuments(texts);
    expect(vectors.map((vector) => [Array.isArray(vector), vector.length])).toEqual(
      texts.map(() => [true, embeddings.pipeline.dimensions]),
    );
    expect(await embeddings.embedQuery("Paris")).toEqual(
      Array.from(await embeddings.pipeline.embed("find: Paris")),
    );
    expect(await embeddings.embedDocuments([])).toEqual([]);
    await expect(embeddings.embedDocuments([""])).rejects.toThrow(RangeError);
    await embeddings.pipeline.close();
    await expect(embeddings.embedQuery("x")).rejects.toMatchObject({ code: "ERR_CLOSED" });
    expect(() => new OpenVINOEmbeddings({} as never)).toThrow("OpenVINOEmbeddings.load()");
  });
});

it("is required as well as imported", () => {
  const required = createRequire(import.meta.url)("openvino-llm-langchain") as Record<string, unknown>;
  expect(Object.keys(required).toSorted()).toEqual(["ChatOpenVINO", "OpenVINOEmbeddings"]);
});
