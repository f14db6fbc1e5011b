import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChatMessage, ChatOptions, ChatState, TextGenerator, TrimContext } from "../../lib/index.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { PIPELINES } from "../helpers/pipelines.js";

const user = (content: string): ChatMessage => ({ role: "user", content });
const assistant = (content: string): ChatMessage => ({ role: "assistant", content });
const SYSTEM: ChatMessage = { role: "system", content: "Be brief." };

describe.each(PIPELINES)("a chat of $name", ({ load }) => {
  /** Answers with the text of the chain. */
  let llm: TextGenerator;
  /** Repeats the alphabet until it is stopped. */
  let looping: TextGenerator;

  beforeAll(async () => {
    llm = await load(await chainModel({ contextLength: 400 }));
    looping = await load(await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 }));
  });

  afterAll(async () => {
    await llm.close();
    await looping.close();
  });

  describe("history", () => {
    it("has the system message and every turn, and the model is sent all of it", async () => {
      const chat = llm.chat({ system: "Be brief." });
      expect(chat.messages).toEqual([SYSTEM]);
      const first = await chat.generate("one");
      expect(first).toMatchObject({ text: CHAIN_TEXT, finishReason: "stop", leftOutMessages: 0 });
      expect(first.messages).toEqual([user("one"), assistant(CHAIN_TEXT)]);
      const second = await chat.generate({ role: "user", content: "two", name: "Ann" });
      expect(chat.messages).toEqual([
        SYSTEM,
        user("one"),
        assistant(CHAIN_TEXT),
        { role: "user", content: "two", name: "Ann" },
        assistant(CHAIN_TEXT),
      ]);
      expect(second.usage.promptTokens).toBe(await llm.tokenizer.countTokens(chat.messages.slice(0, -1)));
      expect(second.prepareMs).toBeGreaterThan(0);
    });

    it("begins with the messages that it is given, with another system message where there is one", async () => {
      const before = [SYSTEM, user("one"), assistant("1")];
      expect(llm.chat({ messages: before }).messages).toEqual(before);
      const chat = llm.chat({ messages: before, system: "Be long." });
      await chat.generate([user("two"), user("three")]);
      expect(chat.messages).toEqual([
        { role: "system", content: "Be long." },
        ...before.slice(1),
        user("two"),
        user("three"),
        assistant(CHAIN_TEXT),
      ]);
    });

    it("is given as a copy, and is taken as one", async () => {
      const before = [{ role: "user", content: "one", more: { deep: 1 } }, assistant("1")];
      const chat = llm.chat({ messages: before });
      const expected = structuredClone(before);
      before[0] = user("changed");
      const [message] = chat.messages as unknown as { more: { deep: number } }[];
      message!.more.deep = 2;
      expect(chat.messages).toEqual(expected);
      const input = [user("two")];
      const answered = chat.generate(input);
      input[0] = user("changed");
      const { messages } = await answered;
      (messages[0] as { content: string }).content = "changed";
      expect(chat.messages).toEqual([...expected, user("two"), assistant(CHAIN_TEXT)]);
    });
  });

  describe("stream()", () => {
    it("gives the pipeline's chunks, and the history has the answer when they end", async () => {
      const chat = llm.chat();
      const stream = chat.stream("one");
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      expect(chat.messages).toEqual([user("one"), assistant(CHAIN_TEXT)]);
      expect(chunks.map(({ text }) => text).join("")).toBe(CHAIN_TEXT);
      const result = await stream.result;
      expect(chunks.map(({ index }) => index)).toEqual(result.tokenIds.map((_, index) => index));
      expect(result.messages).toEqual(chat.messages);
    });

    it("keeps the partial answer when its loop is left", async () => {
      const chat = looping.chat();
      const stream = chat.stream("one");
      for await (const { index } of stream) if (index === 5) break;
      const { text, finishReason } = await stream.result;
      expect(finishReason).toBe("abort");
      expect(text.startsWith("abcdef")).toBe(true);
      expect(chat.messages).toEqual([user("one"), assistant(text)]);
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    });

    it("keeps the partial answer after cancel(), and gives what had come", async () => {
      const chat = looping.chat();
      const stream = chat.stream("one");
      let text = "";
      for await (const chunk of stream) {
        text += chunk.text;
        stream.cancel();
      }
      expect(chat.messages).toEqual([user("one"), assistant(text)]);
    });

    it("can be a web stream", async () => {
      let text = "";
      for await (const chunk of llm.chat().stream("one").toReadableStream()) text += chunk.text;
      expect(text).toBe(CHAIN_TEXT);
    });
  });

  describe("turns at the same time", () => {
    it("run in the order in which they were asked for", async () => {
      const chat = llm.chat();
      const asked = [chat.generate("one"), chat.stream("two").result, chat.generate("three")];
      const prompts = (await Promise.all(asked)).map(({ usage }) => usage.promptTokens);
      const said = chat.messages.filter(({ role }) => role === "user").map(({ content }) => content);
      expect(said).toEqual(["one", "two", "three"]);
      expect(prompts).toEqual([...prompts].sort((a, b) => a - b));
      expect(new Set(prompts).size).toBe(3);
    });

    it("go on after one that fails", async () => {
      const chat = llm.chat();
      const [first, second, third] = await Promise.allSettled([
        chat.generate("one"),
        chat.generate("x".repeat(1000)),
        chat.generate("three"),
      ]);
      expect([first.status, second.status, third.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(chat.messages).toEqual([
        user("one"),
        assistant(CHAIN_TEXT),
        user("three"),
        assistant(CHAIN_TEXT),
      ]);
    });

    it("end at once when they are stopped while they wait, and are not in the history", async () => {
      const chat = looping.chat();
      const running = chat.stream("one");
      await running.next();
      const cancelled = chat.stream("two");
      const controller = new AbortController();
      const aborted = chat.generate("three", { signal: controller.signal });
      const returned = chat.generate("four", { signal: controller.signal, onAbort: "return" });
      const last = chat.stream("five");
      cancelled.cancel();
      controller.abort("enough");
      // The first one would run for ever: these do not wait for it.
      expect(await cancelled.result).toMatchObject({ text: "", finishReason: "abort", messages: [] });
      expect(await returned).toMatchObject({ text: "", finishReason: "abort", messages: [] });
      await expect(aborted).rejects.toMatchObject({ code: "ERR_ABORTED", cause: "enough" });
      expect(await cancelled.next()).toEqual({ done: true, value: undefined });
      running.cancel();
      const { text } = await running.result;
      for await (const { index } of last) if (index === 1) break;
      expect(chat.messages.map(({ content }) => content)).toEqual(["one", text, "five", expect.any(String)]);
    });
  });

  describe("a turn that is aborted", () => {
    it("leaves the history as it was where it rejects", async () => {
      const chat = looping.chat({ messages: [user("zero"), assistant("0")] });
      const controller = new AbortController();
      const stream = chat.stream("one", { signal: controller.signal });
      await stream.next();
      controller.abort();
      await expect(stream.result).rejects.toMatchObject({
        name: "AbortError",
        partial: { finishReason: "abort" },
      });
      expect(chat.messages).toEqual([user("zero"), assistant("0")]);
    });

    it("keeps its text where it resolves", async () => {
      const controller = new AbortController();
      const chat = looping.chat({ signal: controller.signal, onAbort: "return" });
      const stream = chat.stream("one", { signal: new AbortController().signal });
      await stream.next();
      controller.abort();
      const { text } = await stream.result;
      expect(chat.messages).toEqual([user("one"), assistant(text)]);
      await expect(chat.generate("two")).resolves.toMatchObject({ finishReason: "abort", text: "" });
      expect(chat.messages).toHaveLength(2);
    });
  });

  describe("trimming", () => {
    /** Turns until some messages are left out. */
    async function fill(options: ChatOptions<undefined> = {}) {
      const chat = llm.chat({ system: "Be brief.", maxNewTokens: 40, ...options });
      for (;;) {
        const result = await chat.generate("What comes then?");
        if (result.leftOutMessages > 0) return { chat, result };
      }
    }

    it("leaves out whole turns from the prompt, and keeps them in the history", async () => {
      const { chat, result } = await fill();
      const sent = [SYSTEM, ...chat.messages.slice(1 + result.leftOutMessages, -1)];
      expect(sent[1]).toEqual(user("What comes then?"));
      expect(result.usage.promptTokens).toBe(await llm.tokenizer.countTokens(sent));
      expect(result.usage.promptTokens).toBeLessThanOrEqual(180);
      expect(chat.messages.length).toBeGreaterThan(sent.length + 1);
    });

    it("begins the next turns with the same messages, and only then moves on", async () => {
      const { chat, result } = await fill();
      const left: number[] = [];
      while ((left.at(-1) ?? 0) <= result.leftOutMessages) {
        const next = await chat.generate("What comes then?");
        expect(next.usage.promptTokens).toBeLessThanOrEqual(360);
        left.push(next.leftOutMessages);
      }
      expect(left.length).toBeGreaterThan(2);
      expect(left.slice(0, -1)).toEqual(left.slice(0, -1).map(() => result.leftOutMessages));
    });

    it("goes on in a chat that was saved or copied", async () => {
      const { chat, result } = await fill();
      const saved = JSON.parse(JSON.stringify(chat)) as ChatState;
      const again = await llm.chat(saved).generate("What comes then?");
      const copied = await chat.copy().generate("What comes then?");
      const next = await chat.generate("What comes then?");
      expect(next.leftOutMessages).toBe(result.leftOutMessages);
      for (const { usage, leftOutMessages } of [again, copied]) {
        expect({ usage, leftOutMessages }).toEqual({
          usage: next.usage,
          leftOutMessages: next.leftOutMessages,
        });
      }
    });

    it("does not help a message that is too long by itself, which leaves everything as it was", async () => {
      const { chat } = await fill();
      const before = chat.toJSON();
      await expect(chat.generate("x".repeat(1000))).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
      expect(chat.toJSON()).toEqual(before);
      await expect(chat.generate("What comes then?")).resolves.toMatchObject({ finishReason: "stop" });
    });

    it("minds maxLength as it does the context", async () => {
      const { result } = await fill({ maxNewTokens: undefined, maxLength: 200 });
      expect(result.usage.promptTokens).toBeLessThanOrEqual(75);
    });

    it('is off with "none": a long history is an error', async () => {
      const chat = llm.chat({ trim: "none", maxNewTokens: 40 });
      await expect(
        (async () => {
          for (;;) await chat.generate("What comes then?");
        })(),
      ).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
      expect(chat.messages.length).toBeGreaterThan(4);
    });

    it("can be a function", async () => {
      const contexts: TrimContext[] = [];
      const chat = llm.chat({
        system: "Be brief.",
        maxNewTokens: 100,
        trim: async (context) => {
          contexts.push(context);
          const kept = context.messages.slice(-1);
          expect(await context.countTokens(kept)).toBeLessThan(await context.countTokens(context.messages));
          return kept;
        },
      });
      await chat.generate("one");
      const { usage, leftOutMessages } = await chat.generate("two");
      expect(contexts[1]).toMatchObject({ firstNew: 3, promptTokens: 300 });
      expect(contexts[1]?.messages).toEqual([SYSTEM, user("one"), assistant(CHAIN_TEXT), user("two")]);
      expect(usage.promptTokens).toBe(await llm.tokenizer.countTokens([user("two")]));
      expect(leftOutMessages).toBe(3);
      expect(chat.messages).toHaveLength(5);
    });

    it("fails a turn with what its function throws", async () => {
      const chat = llm.chat({
        trim: () => {
          throw new Error("no idea");
        },
      });
      await expect(chat.generate("one")).rejects.toThrow("no idea");
      const wrong = llm.chat({ trim: (() => undefined) as unknown as () => [] });
      await expect(wrong.generate("one")).rejects.toThrow(
        "an array of chat messages for the result of options.trim",
      );
      expect(chat.messages).toEqual([]);
    });
  });

  describe("a chat as data", () => {
    it("is its messages, and goes on from them", async () => {
      const chat = llm.chat({ system: "Be brief." });
      await chat.generate("one");
      const saved = JSON.parse(JSON.stringify(chat)) as ChatState;
      expect(saved).toEqual({ messages: chat.messages, keptFrom: 0 });
      const restored = llm.chat(saved);
      await restored.generate("two");
      expect(restored.messages.slice(0, 3)).toEqual(chat.messages);
      expect(restored.messages).toHaveLength(5);
    });

    it("forks by copy(), options included", async () => {
      const chat = llm.chat({ maxNewTokens: 3 });
      await chat.generate("one");
      const fork = chat.copy();
      expect((await fork.generate("two")).usage.completionTokens).toBe(3);
      await chat.generate("three");
      const said = (messages: readonly ChatMessage[]) => messages.map(({ content }) => content);
      expect(said(fork.messages)).toEqual(["one", "Zü", "two", "Zü"]);
      expect(said(chat.messages)).toEqual(["one", "Zü", "three", "Zü"]);
    });

    it("forgets by reset() all but the system message, in the order of calls", async () => {
      const chat = llm.chat({ system: "Be brief.", messages: [user("zero"), assistant("0")] });
      const before = chat.generate("one");
      const reset = chat.reset();
      const after = chat.generate("two");
      await Promise.all([before, reset, after]);
      expect((await before).messages).toHaveLength(2);
      expect(chat.messages).toEqual([SYSTEM, user("two"), assistant(CHAIN_TEXT)]);
    });
  });

  describe("options", () => {
    it("of the chat hold for every turn that does not have its own", async () => {
      const chat = llm.chat({ maxNewTokens: 3, stopStrings: ["r"] });
      expect(await chat.generate("one", { maxNewTokens: undefined })).toMatchObject({
        text: "Zü",
        finishReason: "length",
      });
      expect(await chat.generate("two", { maxNewTokens: 10 })).toMatchObject({ text: "Zü", stopReason: "r" });
    });

    it("include a response format, which a turn can take away", async () => {
      const chat = llm.chat({ responseFormat: { type: "regex", value: "[ab]{3}" } });
      expect((await chat.generate("one")).text).toMatch(/^[ab]{3}$/);
      expect((await chat.generate("two", { responseFormat: undefined })).text).toBe(CHAIN_TEXT);
    });

    it.each([
      [{ sytem: "x" }, /options.sytem/],
      [{ system: 1 }, /a string for options.system/],
      [{ system: "\ud800" }, /options.system/],
      [{ messages: "x" }, /options.messages/],
      [{ messages: [{ role: "user" }] }, /options.messages\[0\].content/],
      [{ keptFrom: 1 }, /options.keptFrom/],
      [{ trim: "newest" }, /options.trim/],
      [{ temperature: -1 }, /temperature/],
      [{ onAbort: "x" }, /options.onAbort/],
      [{ applyChatTemplate: false }, /options.applyChatTemplate/],
    ] as [object, RegExp][])("are checked by chat(): %j", (options, message) => {
      expect(() => llm.chat(options)).toThrow(message);
    });

    it.each([
      [undefined, {}, /for input/],
      [{ tokenIds: [1] }, {}, /input\[0\].role/],
      [[], {}, /input/],
      ["\udc00", {}, /input/],
      ["x", { topP: 2 }, /topP/],
      ["x", { system: "x" }, /options.system/],
      ["x", { signal: 1 }, /options.signal/],
    ] as [string, object, RegExp][])(
      "and input are checked by a turn, before it waits: %j %j",
      async (input, options, message) => {
        const chat = llm.chat();
        expect(() => chat.stream(input, options)).toThrow(message);
        await expect(chat.generate(input, options)).rejects.toThrow(message);
        expect(chat.messages).toEqual([]);
      },
    );
  });

  it("brings an error to the loop over the chunks and to the result, and to nobody else", async () => {
    const chat = llm.chat({ trim: "none" });
    const stream = chat.stream("x".repeat(1000));
    await expect(stream.next()).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect(stream.result).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
    chat.stream("x".repeat(1000)); // vitest fails on an unhandled rejection
    await chat.reset();
  });

  it("needs a chat template", async () => {
    const bare = await load(await chainModel());
    const chat = bare.chat();
    await bare.tokenizer.setChatTemplate("");
    expect(() => chat.stream("one")).toThrow(
      expect.objectContaining({ code: "ERR_NO_CHAT_TEMPLATE" }) as Error,
    );
    await bare.close();
  });

  it("ends with its pipeline: what runs, what waits and what is asked for later", async () => {
    const own = await load(await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 }));
    const chat = own.chat();
    const running = chat.stream("one");
    await running.next();
    const waiting = chat.generate("two");
    const ended = Promise.allSettled([running.result, waiting]);
    await own.close();
    for (const turn of await ended) {
      expect(turn).toMatchObject({ status: "rejected", reason: { code: "ERR_CLOSED" } });
    }
    await expect(chat.generate("three")).rejects.toMatchObject({ code: "ERR_CLOSED" });
    expect(chat.messages).toEqual([]);
  });
});
