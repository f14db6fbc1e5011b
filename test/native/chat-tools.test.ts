import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { defineTool, toolMessage, type ChatMessage, type TextGenerator } from "../../lib/index.js";
import { CALLER_PIECES, chainModel } from "../helpers/chain.js";
import { PIPELINES } from "../helpers/pipelines.js";

/** Shows Qwen3's way of writing in its comment; says every role, content and call. */
const TEMPLATE =
  "{# <tool_call> <think> </think> #}{{ tools | tojson }}" +
  "{% for message in messages %}<|im_start|>{{ message.role }}<|im_sep|>{{ message.content }}" +
  "{% if message.tool_calls %}{{ message.tool_calls | tojson }}{% endif %}<|im_end|>{% endfor %}" +
  "{% if (messages | last).role == 'tool' %}<|tool_result|>{% else %}<|im_start|>{% endif %}";

/** Thinks, says something, calls; and answers where the prompt ends in `<|tool_result|>`. */
const PIECES = [...CALLER_PIECES, "<|tool_result|>", "It is ", "sunny."];

const getWeather = defineTool({
  name: "get_weather",
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `sunny in ${city}`,
});
const { execute: _, ...withoutExecute } = getWeather;

const user: ChatMessage = { role: "user", content: "Is it sunny?" };
const called = (id: unknown) => ({
  role: "assistant",
  content: "I will ask.",
  reasoning_content: "Which city?",
  tool_calls: [{ id, type: "function", function: { name: "get_weather", arguments: { city: "Paris" } } }],
});
const answered: ChatMessage = { role: "assistant", content: "It is sunny." };

describe.each(PIPELINES)("tools in a chat of $name", ({ load }) => {
  let llm: TextGenerator;
  let stopTokenIds: number[];
  beforeAll(async () => {
    llm = await load(await chainModel({ pieces: PIECES }));
    await llm.tokenizer.setChatTemplate(TEMPLATE);
    stopTokenIds = [(await llm.tokenizer.tokenToId("<|tool_result|>")) ?? -1];
  });
  afterAll(() => llm.close());

  it("are executed, and all messages of the steps go into the history", async () => {
    const chat = llm.chat({ tools: [getWeather], stopTokenIds });
    const stream = chat.stream("Is it sunny?");
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const result = await stream.result;
    expect(result).toMatchObject({ text: "It is sunny.", finishReason: "stop", leftOutMessages: 0 });
    expect(result.steps.map(({ finishReason }) => finishReason)).toEqual(["tool_calls", "stop"]);
    expect(chunks.map(({ text }) => text).join("")).toBe("I will ask.It is sunny.");
    expect(chunks.flatMap(({ tokenIds }) => tokenIds)).toEqual(
      result.steps.flatMap(({ tokenIds }) => tokenIds),
    );
    expect(chunks.flatMap(({ parts = [] }) => parts).map(({ type }) => type)).toContain("tool-call");
    const id = result.steps[0]?.toolCalls?.[0]?.id;
    const tool = { role: "tool", tool_call_id: id, name: "get_weather", content: "sunny in Paris" };
    expect(chat.messages).toEqual([user, called(id), tool, answered]);
    expect(result.messages).toEqual(chat.messages);

    const next = await chat.generate("And now?");
    expect(chat.messages).toHaveLength(8);
    const sent = [...chat.messages.slice(0, 4), { role: "user", content: "And now?" }];
    expect(next.steps[0]?.usage.promptTokens).toBe(
      await llm.countPromptTokens(sent, { tools: [getWeather] }),
    );
  });

  it("can be done by hand", async () => {
    const chat = llm.chat({ tools: [withoutExecute], stopTokenIds });
    const { finishReason, toolCalls = [], steps } = await chat.generate("Is it sunny?");
    expect({ finishReason, steps: steps.length }).toEqual({ finishReason: "tool_calls", steps: 1 });
    const results = toolCalls.map((call) => toolMessage(call, { sunny: true }));
    expect(await chat.generate(results)).toMatchObject({ text: "It is sunny." });
    expect(chat.messages).toEqual([user, called(toolCalls[0]?.id), ...results, answered]);
  });

  it("are part of the prompt that a long history is trimmed to, and never parted from their calls", async () => {
    const chat = llm.chat({ tools: [getWeather], stopTokenIds, maxLength: 1600 });
    for (;;) {
      const { leftOutMessages, steps } = await chat.generate("Is it sunny?");
      if (leftOutMessages === 0) continue;
      expect(leftOutMessages % 4).toBe(0);
      expect(steps[0]?.usage.promptTokens).toBeLessThanOrEqual(600);
      break;
    }
  });

  it("stay in the history when the answer behind them is stopped before it begins", async () => {
    let stop = (): void => {};
    const seen: (AbortSignal | undefined)[] = [];
    const stopping = defineTool({
      ...withoutExecute,
      execute: (_: unknown, { signal }) => {
        seen.push(signal);
        stop();
        return "sunny";
      },
    });
    const chat = llm.chat({ tools: [stopping], stopTokenIds });
    const stream = chat.stream("Is it sunny?");
    stop = () => stream.cancel();
    expect(await stream.result).toMatchObject({ text: "I will ask.", finishReason: "tool_calls" });
    expect(seen[0]?.aborted).toBe(true);
    expect(chat.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);

    const controller = new AbortController();
    const returned = llm.chat({ tools: [stopping], stopTokenIds });
    stop = () => controller.abort();
    const turn = returned.generate("Is it sunny?", { signal: controller.signal, onAbort: "return" });
    expect(await turn).toMatchObject({ text: "", finishReason: "abort" });
    expect(returned.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  });

  it("leave the history as it was where the turn rejects or is stopped before it begins", async () => {
    const controller = new AbortController();
    const chat = llm.chat({
      tools: [{ ...withoutExecute, execute: () => controller.abort() }],
      stopTokenIds,
    });
    await expect(chat.generate("x", { signal: controller.signal })).rejects.toMatchObject({
      code: "ERR_ABORTED",
    });
    const first = chat.stream("x");
    const second = chat.stream("y");
    first.cancel();
    second.cancel();
    expect(await first.result).toMatchObject({ finishReason: "abort", messages: [] });
    expect(await second.result).toMatchObject({ finishReason: "abort", messages: [] });
    expect(chat.messages).toEqual([]);
  });

  it("are limited by maxSteps, and not called where the turn has no tools or toolChoice none", async () => {
    const chat = llm.chat({ tools: [getWeather], stopTokenIds, maxSteps: 1 });
    expect(await chat.generate("x")).toMatchObject({ finishReason: "tool_calls" });
    expect(chat.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    expect((await chat.generate("x", { tools: undefined })).toolCalls).toBeUndefined();
    expect((await chat.generate("x", { toolChoice: "none" })).steps).toHaveLength(1);
    expect(() => chat.stream("x", { maxSteps: 0 })).toThrow("options.maxSteps");
    expect(() => llm.chat({ maxSteps: 1.5 })).toThrow("options.maxSteps");
    expect(() => llm.chat({ tools: [getWeather, getWeather] })).toThrow("options.tools");
  });
});
