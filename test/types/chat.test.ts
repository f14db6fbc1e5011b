import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineTool } from "../../lib/index.js";
import type {
  CallOptions,
  ChatInput,
  ChatMessage,
  ChatOptions,
  ChatResult,
  ChatSession,
  ChatState,
  ChatTurnOptions,
  ContinuousBatchingPipeline,
  GenerationResult,
  LLMPipeline,
  TextGenerator,
  TokenChunk,
  ToolCall,
} from "../../lib/index.js";

// Checked by `tsc -p test/tsconfig.json`, which lint runs; at run time these calls do nothing.
declare const llm: LLMPipeline;
const never = (): boolean => false;

test("every pipeline gives a chat", () => {
  expectTypeOf<LLMPipeline["chat"]>().returns.toEqualTypeOf<ChatSession>();
  expectTypeOf<ContinuousBatchingPipeline["chat"]>().returns.toEqualTypeOf<ChatSession>();
  expectTypeOf<TextGenerator["chat"]>().returns.toEqualTypeOf<ChatSession>();
});

test("a turn has the pipeline's options, chunks and results, and its own", async () => {
  expectTypeOf<ChatTurnOptions>().toExtend<CallOptions>();
  expectTypeOf<ChatOptions>().toExtend<ChatTurnOptions>();
  expectTypeOf<ChatResult>().toExtend<GenerationResult>();
  expectTypeOf<string>().toExtend<ChatInput>();
  expectTypeOf<ChatMessage>().toExtend<ChatInput>();
  if (never()) {
    const stream = llm.chat().stream("x");
    for await (const chunk of stream) expectTypeOf(chunk).toEqualTypeOf<TokenChunk>();
    const result = await stream.result;
    expectTypeOf(result).toEqualTypeOf<ChatResult<undefined>>();
    expectTypeOf(result.messages).toEqualTypeOf<readonly ChatMessage[]>();
    expectTypeOf(result.leftOutMessages).toEqualTypeOf<number>();
  }
});

test("object has the type of the turn's format, else of the chat's", async () => {
  if (never()) {
    const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] } as const;
    const chat = llm.chat({ system: "x", responseFormat: { type: "json", schema } });
    expectTypeOf((await chat.generate("x")).object).toEqualTypeOf<{ a: number } | undefined>();
    expectTypeOf((await chat.stream("x", { topK: 1 }).result).object).toEqualTypeOf<
      { a: number } | undefined
    >();
    expectTypeOf((await chat.copy().generate("x")).object).toEqualTypeOf<{ a: number } | undefined>();
    const free = await chat.generate("x", { responseFormat: undefined });
    expectTypeOf(free.object).toEqualTypeOf<undefined>();
    const other = await chat.generate("x", { responseFormat: { type: "json", schema: { const: "b" } } });
    expectTypeOf(other.object).toEqualTypeOf<"b" | undefined>();
    expectTypeOf((await llm.chat().generate("x")).object).toEqualTypeOf<undefined>();
  }
});

test("tool calls have the types of the turn's tools, else of the chat's", async () => {
  const weather = defineTool({ name: "get_weather", parameters: z.object({ city: z.string() }) });
  const now = defineTool({ name: "now" });
  if (never()) {
    const chat = llm.chat({ tools: [weather] });
    const { toolCalls, steps } = await chat.generate("x", {
      temperature: 0,
      toolChoice: { name: "get_weather" },
    });
    expectTypeOf(toolCalls?.[0]).toEqualTypeOf<ToolCall<"get_weather", { city: string }> | undefined>();
    expectTypeOf(steps[0]?.toolCalls).toEqualTypeOf(toolCalls);
    const other = await chat.stream("x", { tools: [now] }).result;
    expectTypeOf(other.toolCalls?.[0]?.name).toEqualTypeOf<"now" | undefined>();
    // @ts-expect-error the chat has no such tool
    void chat.generate("x", { toolChoice: { name: "now" } });
    // @ts-expect-error neither has this one
    void llm.chat({ tools: [now], toolChoice: { name: "get_weather" } });
  }
});

test("a chat is plain data that another begins with", () => {
  expectTypeOf<ChatSession["toJSON"]>().returns.toEqualTypeOf<ChatState>();
  expectTypeOf<ChatState>().toExtend<ChatOptions>();
  if (never()) {
    const saved: ChatState = llm.chat().toJSON();
    expectTypeOf(llm.chat(saved)).toEqualTypeOf<ChatSession>();
    expectTypeOf(llm.chat({ ...saved, temperature: 0 })).toEqualTypeOf<ChatSession>();
  }
});

test("mistakes do not compile", () => {
  expectTypeOf<{ tokenIds: number[] }>().not.toExtend<ChatInput>();
  if (never()) {
    // @ts-expect-error a chat comes from a pipeline
    void new (llm.chat().constructor as typeof ChatSession)({}, {});
    // @ts-expect-error an unknown option
    void llm.chat({ sytem: "x" });
    // @ts-expect-error an unknown option of a turn
    void llm.chat().generate("x", { maxTokens: 1 });
    // @ts-expect-error what a chat begins with is no option of a turn
    void llm.chat().generate("x", { system: "x" });
    // @ts-expect-error a chat goes through the template
    void llm.chat({ applyChatTemplate: false });
    // @ts-expect-error an unknown way to trim
    void llm.chat({ trim: "newest" });
    // @ts-expect-error a message needs its content
    void llm.chat({ messages: [{ role: "user" }] });
    // @ts-expect-error the history is read only
    llm.chat().messages = [];
  }
});
