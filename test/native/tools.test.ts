import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  ContinuousBatchingPipeline,
  defineTool,
  LLMPipeline,
  OUTPUT_PARSERS,
  runTools,
  type AnswerPart,
  type GenerationPipeline,
  type TokenChunk,
  type ToolRunPart,
} from "../../lib/index.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";

const CLASSES = { LLMPipeline, ContinuousBatchingPipeline };

/** Shows Qwen3's way of writing in its comment; says every role, content and tool. */
const TEMPLATE =
  "{# <tool_call> <think> </think> #}{{ tools | tojson }}" +
  "{% for message in messages %}<|im_start|>{{ message.role }}<|im_sep|>{{ message.content }}" +
  "{% if message.tool_calls %}{{ message.tool_calls | tojson }}{% endif %}<|im_end|>{% endfor %}" +
  "{% if (messages | last).role == 'tool' %}<|tool_result|>{% else %}<|im_start|>{% endif %}{{ more }}";

const CALL = [
  "<tool_call>",
  '\n{"name": "get_weather", ',
  '"arguments": {"city": ',
  '"Paris"}}\n',
  "</tool_call>",
];
/** Thinks, says something, calls; and answers where the prompt ends in `<|tool_result|>`. */
const PIECES = [
  "<think>",
  "Which city? ",
  "Paris.",
  "</think>",
  "I will ask.",
  ...CALL,
  "<|tool_result|>",
  "It is ",
  "sunny.",
];

const getWeather = defineTool({
  name: "get_weather",
  description: "The weather of a city",
  parameters: z.object({ city: z.string().max(8) }),
  execute: ({ city }) => `sunny in ${city}`,
});
const { execute: _, ...withoutExecute } = getWeather;

const ask = [{ role: "user", content: "Is it sunny?" }];

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Parts without ids, neighbours joined. */
function joined(chunks: readonly TokenChunk[]): unknown[] {
  const whole: { type: string; text?: unknown; argumentsText?: unknown }[] = [];
  for (const { id: _, ...part } of chunks.flatMap(
    ({ parts = [] }) => parts as (AnswerPart & { id?: string })[],
  )) {
    const last = whole.at(-1);
    if (last !== undefined && last.type === part.type && "text" in part)
      last.text = `${String(last.text)}${part.text}`;
    else if (last !== undefined && last.type === part.type && "argumentsText" in part) {
      last.argumentsText = `${String(last.argumentsText)}${part.argumentsText}`;
    } else whole.push({ ...part });
  }
  return whole;
}

describe.each(["LLMPipeline", "ContinuousBatchingPipeline"] as const)("tools and reasoning in %s", (name) => {
  let llm: GenerationPipeline;
  let stopTokenIds: number[];
  beforeAll(async () => {
    llm = await CLASSES[name].load(await chainModel({ pieces: PIECES }));
    await llm.tokenizer.setChatTemplate(TEMPLATE);
    stopTokenIds = [(await llm.tokenizer.tokenToId("<|tool_result|>")) ?? -1];
  });
  afterAll(() => llm.close());

  it("are parsed as they come, by the parsers that the chat template shows", async () => {
    const stream = llm.stream(ask, { tools: [withoutExecute], stopTokenIds });
    const chunks = await all(stream);
    expect(joined(chunks)).toEqual([
      { type: "reasoning", text: "Which city? Paris." },
      { type: "text", text: "I will ask." },
      { type: "tool-call-begin", index: 0, name: "get_weather" },
      { type: "tool-call-delta", index: 0, argumentsText: '{"city": "Paris"}' },
      {
        type: "tool-call",
        index: 0,
        name: "get_weather",
        argumentsText: '{"city": "Paris"}',
        arguments: { city: "Paris" },
      },
    ]);
    expect(chunks.map(({ text }) => text).join("")).toBe("I will ask.");
    const { text, reasoning, toolCalls, invalidToolCalls, finishReason, tokenIds } = await stream.result;
    expect({ text, reasoning, finishReason }).toEqual({
      text: "I will ask.",
      reasoning: "Which city? Paris.",
      finishReason: "tool_calls",
    });
    const [call, ...others] = toolCalls ?? [];
    expect(call).toEqual({
      id: expect.stringMatching(/^[A-Za-z0-9]{9}$/),
      index: 0,
      name: "get_weather",
      arguments: { city: "Paris" },
      argumentsText: '{"city": "Paris"}',
    });
    expect(others).toEqual([]);
    expect(invalidToolCalls).toBeUndefined();
    const ids = chunks.flatMap(({ parts = [] }) => parts).flatMap((part) => ("id" in part ? [part.id] : []));
    expect(new Set(ids)).toEqual(new Set([call?.id]));
    expect(chunks.flatMap((chunk) => chunk.tokenIds)).toEqual(tokenIds);
    expect(tokenIds).toHaveLength(PIECES.indexOf("<|tool_result|>") + 1);
  });

  it("stay text where no parser is wanted, and without their special tokens", async () => {
    const options = {
      tools: [withoutExecute],
      toolCallParser: "none",
      reasoningParser: "none",
      stopTokenIds,
    };
    const { text, reasoning, toolCalls, finishReason } = await llm.generate(ask, options);
    expect(text).toBe(
      PIECES.slice(0, 9)
        .filter((piece) => !piece.startsWith("<"))
        .join(""),
    );
    expect({ reasoning, toolCalls, finishReason }).toEqual({ finishReason: "stop" });
  });

  it("reasoning is apart without tools too, and none is looked for in raw prompts", async () => {
    const { text, reasoning } = await llm.generate("Is it sunny?", { stopTokenIds });
    expect({ text, reasoning }).toEqual({
      text: 'I will ask.\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n',
      reasoning: "Which city? Paris.",
    });
    const raw = await llm.generate("x", { applyChatTemplate: false, stopTokenIds });
    expect(raw.reasoning).toBeUndefined();
    expect(raw.text).toContain("Paris.I will ask.");
    const named = { applyChatTemplate: false, reasoningParser: "qwen3", stopTokenIds };
    expect((await llm.generate("x", named)).reasoning).toBe("Which city? Paris.");
  });

  it("an answer begins with reasoning where the prompt opens it", async () => {
    const options = { extraContext: { more: "<think>\n" }, maxNewTokens: 4 };
    const { reasoning, text } = await llm.generate(ask, options);
    // The line break is behind the delimiter: what follows begins anew.
    expect({ reasoning, text }).toEqual({ reasoning: "Which city? Paris.", text: "" });
  });

  it("calls of other tools and with other arguments are distinguished from valid ones", async () => {
    const other = await llm.generate(ask, { tools: [{ name: "get_time" }], stopTokenIds });
    expect(other.toolCalls).toEqual([]);
    expect(other.invalidToolCalls).toMatchObject([
      {
        index: 0,
        name: "get_weather",
        error: expect.stringContaining('no tool "get_weather"; there are: get_time'),
      },
    ]);
    expect(other.finishReason).toBe("tool_calls");
    const parameters = { type: "object", properties: { city: { type: "string", maxLength: 3 } } } as const;
    const short = await llm.generate(ask, { tools: [{ name: "get_weather", parameters }], stopTokenIds });
    expect(short.invalidToolCalls).toMatchObject([
      { argumentsText: '{"city": "Paris"}', error: expect.stringContaining("do not fit") },
    ]);
    const cut = await llm.generate(ask, { tools: [withoutExecute], maxNewTokens: 8 });
    expect(cut).toMatchObject({ toolCalls: [], finishReason: "length" });
    expect(cut.invalidToolCalls).toMatchObject([
      { name: "get_weather", argumentsText: null, error: expect.stringContaining("was cut off") },
    ]);
  });

  it("an answer that its reader leaves keeps what it had", async () => {
    const stream = llm.stream(ask, { tools: [withoutExecute] });
    for await (const { text } of stream) if (text !== "") break;
    const { reasoning, text, toolCalls, finishReason } = await stream.result;
    expect({ reasoning, toolCalls, finishReason }).toEqual({
      reasoning: "Which city? Paris.",
      finishReason: "abort",
    });
    // Further tokens may have come before the loop was left.
    expect(text).toMatch(/^I will ask\./);
  });

  it("a stop string is found in a delimiter", async () => {
    const { text, stopReason } = await llm.generate(ask, {
      tools: [withoutExecute],
      stopStrings: ["<tool_call>"],
    });
    expect({ text, stopReason }).toEqual({ text: "I will ask.", stopReason: "<tool_call>" });
  });

  it("every one of several texts is read by itself", async () => {
    const {
      choices = [],
      text,
      toolCalls,
    } = await llm.generate(ask, { tools: [withoutExecute], stopTokenIds, numBeams: 2 });
    expect(choices).toHaveLength(1);
    expect(choices[0]).toMatchObject({
      text: "I will ask.",
      reasoning: "Which city? Paris.",
      toolCalls: [{ name: "get_weather", arguments: { city: "Paris" } }],
      finishReason: "tool_calls",
    });
    expect(text).toBe("I will ask.");
    expect(toolCalls).toEqual(choices[0]?.toolCalls);
  });

  it("the prompt is as long as said beforehand", async () => {
    const options = { tools: [withoutExecute], extraContext: { more: "and more" }, maxNewTokens: 1 };
    const { usage } = await llm.generate(ask, options);
    expect(await llm.countPromptTokens(ask, options)).toBe(usage.promptTokens);
    expect(await llm.countPromptTokens(ask)).toBeLessThan(usage.promptTokens);
    expect(await llm.countPromptTokens({ tokenIds: [1, 2, 3] })).toBe(3);
    expect(await llm.countPromptTokens("abc", { applyChatTemplate: false })).toBe(3);
  });

  it("a run executes what is called and ends with the answer", async () => {
    const run = runTools(llm, ask, { tools: [getWeather], stopTokenIds });
    const parts: ToolRunPart[] = await all(run);
    const { result, steps, messages } = await run.result;
    expect(result).toMatchObject({ text: "It is sunny.", toolCalls: [], finishReason: "stop" });
    expect(steps).toHaveLength(2);
    expect(steps[1]).toBe(result);
    const id = steps[0]?.toolCalls?.[0]?.id;
    expect(messages).toEqual([
      {
        role: "assistant",
        content: "I will ask.",
        reasoning_content: "Which city? Paris.",
        tool_calls: [
          { id, type: "function", function: { name: "get_weather", arguments: { city: "Paris" } } },
        ],
      },
      { role: "tool", tool_call_id: id, name: "get_weather", content: "sunny in Paris" },
      { role: "assistant", content: "It is sunny." },
    ]);
    expect(parts).toContainEqual({
      type: "tool-result",
      id,
      name: "get_weather",
      output: "sunny in Paris",
      isError: false,
    });
    expect(parts.filter(({ type }) => type === "step-end")).toHaveLength(2);
    expect(parts.at(-1)).toEqual({ type: "step-end", step: 1, result });
  });

  it("a run passes to the model what a tool throws, and ends after as many answers as it may give", async () => {
    const failing = { ...getWeather, execute: () => Promise.reject(new Error("no network")) };
    const { messages } = await runTools(llm, ask, { tools: [failing], stopTokenIds }).result;
    expect(messages[1]).toMatchObject({ role: "tool", content: '{"error":"Error: no network"}' });
    const one = await runTools(llm, ask, { tools: [getWeather], stopTokenIds, maxSteps: 1 }).result;
    expect(one.result.finishReason).toBe("tool_calls");
    expect(one.messages.map(({ role }) => role)).toEqual(["assistant", "tool"]);
  });

  it("a run ends at a call that it cannot execute", async () => {
    const { result, messages } = await runTools(llm, ask, { tools: [withoutExecute], stopTokenIds }).result;
    expect(result.finishReason).toBe("tool_calls");
    expect(messages).toHaveLength(1);
  });

  it("a run is over when its reader leaves, and fails when it is aborted", async () => {
    const left = runTools(llm, ask, { tools: [getWeather], stopTokenIds });
    for await (const { type } of left) if (type === "text") break;
    // The model may have called before the reader left: nothing is executed all the same.
    const { result, steps, messages } = await left.result;
    expect(["abort", "tool_calls"]).toContain(result.finishReason);
    expect([steps.length, messages.length]).toEqual([1, 1]);
    const controller = new AbortController();
    const tools = [{ ...getWeather, execute: () => controller.abort() }];
    const aborted = runTools(llm, ask, { tools, stopTokenIds, signal: controller.signal });
    await expect(aborted.result).rejects.toMatchObject({ code: "ERR_ABORTED" });
    await expect(all(aborted)).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });

  it("options that do not go together are refused at once", () => {
    const responseFormat = { type: "regex", value: "a" } as const;
    expect(() => llm.stream(ask, { tools: [withoutExecute], responseFormat })).toThrow("with tools");
    expect(() => llm.stream(ask, { toolChoice: "required" })).toThrow("options.toolChoice");
    expect(() =>
      llm.stream(ask, { tools: [withoutExecute], toolCallParser: "none", toolChoice: "required" }),
    ).toThrow("options.toolCallParser");
    expect(() => llm.stream(ask, { reasoningParser: "socrates" })).toThrow("options.reasoningParser");
    expect(() => llm.stream({ tokenIds: [1] }, { extraContext: { a: 1 } })).toThrow("options.extraContext");
    expect(() => runTools(llm, ask, { tools: [withoutExecute], maxSteps: 0 })).toThrow("options.maxSteps");
  });
});

describe.each(["LLMPipeline", "ContinuousBatchingPipeline"] as const)(
  "reasoning without an end in %s",
  (name) => {
    it("ends where the model calls a tool", async () => {
      const pieces = ["<think>", "Which city? ", ...CALL, "<|tool_result|>"];
      const llm = await CLASSES[name].load(await chainModel({ pieces }));
      try {
        await llm.tokenizer.setChatTemplate(TEMPLATE);
        const stopTokenIds = [(await llm.tokenizer.tokenToId("<|tool_result|>")) ?? -1];
        const { text, reasoning, toolCalls, finishReason } = await llm.generate(ask, {
          tools: [withoutExecute],
          stopTokenIds,
        });
        expect({ text, reasoning, finishReason }).toEqual({
          text: "",
          reasoning: "Which city? ",
          finishReason: "tool_calls",
        });
        expect(toolCalls).toMatchObject([{ name: "get_weather", arguments: { city: "Paris" } }]);
      } finally {
        await llm.close();
      }
    });
  },
);

describe.each(["LLMPipeline", "ContinuousBatchingPipeline"] as const)("an enforced call in %s", (name) => {
  let llm: GenerationPipeline;
  beforeAll(async () => {
    llm = await CLASSES[name].load(await chainModel({ text: ALPHABET, loop: true }));
  });
  afterAll(() => llm.close());

  const answer = defineTool({
    name: "answer",
    parameters: z.object({ ok: z.boolean(), grade: z.enum(["good", "bad"]) }),
  });
  const other = defineTool({
    name: "other",
    parameters: { type: "object", properties: {}, additionalProperties: false },
  });
  const parsers = OUTPUT_PARSERS.filter(({ kind }) => kind === "tools").map((parser) => parser.name);

  it.each(parsers)("is one valid call as %s has it", async (toolCallParser) => {
    const tools = [other, answer] as const;
    const options = { applyChatTemplate: false, tools, toolCallParser } as const;
    const { toolCalls, invalidToolCalls, text, finishReason } = await llm.generate("c", {
      ...options,
      toolChoice: { name: "answer" },
    });
    expect({ invalidToolCalls, text, finishReason }).toEqual({ text: "", finishReason: "tool_calls" });
    expect(toolCalls).toHaveLength(1);
    expect(toolCalls?.[0]).toMatchObject({
      name: "answer",
      arguments: { ok: expect.any(Boolean), grade: expect.stringMatching(/^(good|bad)$/) },
    });
    const required = await llm.generate("c", { ...options, toolChoice: "required" });
    expect(required.toolCalls).toHaveLength(1);
    expect(["answer", "other"]).toContain(required.toolCalls?.[0]?.name);
  });

  it("is none with toolChoice none", async () => {
    const options = {
      applyChatTemplate: false,
      tools: [answer],
      toolChoice: "none",
      maxNewTokens: 3,
    } as const;
    const { text, toolCalls } = await llm.generate("c", options);
    expect({ text, toolCalls }).toEqual({ text: "def" });
  });
});
