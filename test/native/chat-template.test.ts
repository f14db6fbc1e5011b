/** Chat templates in loaded models: what load() reports, and the way from messages to token ids. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, LLMPipeline, Tokenizer } from "../../lib/index.js";
import { ALPHABET, chainModel, chainModelWithTemplate } from "../helpers/chain.js";

const TEMPLATE =
  "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
const NO_SYSTEM = `{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${TEMPLATE}`;

let model = "";
let llm: LLMPipeline;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true });
  llm = await LLMPipeline.load(model, { chatTemplate: TEMPLATE });
});
afterAll(() => llm.close());

describe("load()", () => {
  it.each([
    ["is no template", "{% if x %}", /is not a Jinja template: expected .* \(line 1\)/],
    [
      "renders not even a question",
      "{{ messages[0].nope.text }}",
      /cannot be rendered: 'dict object' has no attribute 'nope'/,
    ],
    ["goes on without end", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", /calls itself without end/],
    [
      "goes on without end when there is a tool",
      "{% if tools %}{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}{% endif %}",
      /does more work than any chat needs/,
    ],
    ["has 5,000 brackets", `{{ ${"[".repeat(5000)}${"]".repeat(5000)} }}`, /levels are nested/],
  ])("reports that the model's chat template %s", async (_, template, message) => {
    const path = await chainModelWithTemplate(template);
    for (const Pipeline of [LLMPipeline, ContinuousBatchingPipeline]) {
      const load: Promise<unknown> = Pipeline.load(path);
      await expect(load).rejects.toMatchObject({ code: "ERR_CHAT_TEMPLATE" });
      await expect(load).rejects.toThrow(message);
    }
  });

  it("takes another template for it, or none", async () => {
    const path = await chainModelWithTemplate("{% if x %}");
    await using repaired = await LLMPipeline.load(path, { chatTemplate: TEMPLATE });
    expect(repaired.tokenizer.chatTemplate).toBe(TEMPLATE);
    expect((await repaired.chat().generate("abc", { maxNewTokens: 2 })).text).toBe("ab");
    await using bare = await LLMPipeline.load(path, { chatTemplate: "" });
    expect(bare.model.hasChatTemplate).toBe(false);
    expect((await bare.generate("abc", { maxNewTokens: 2 })).text).toBe("de");
  });

  it("says which chats the template refuses", async () => {
    await using strict = await LLMPipeline.load(model, { chatTemplate: NO_SYSTEM });
    const { chatRefusals } = strict.tokenizer;
    expect(chatRefusals).toEqual([{ chat: "system message", reason: "refuses: System role not supported" }]);
    // Where there is no place for tools either, they are put before the question.
    const tools = [{ name: "get_time", parameters: { type: "object", properties: {} } }] as const;
    expect(await strict.countPromptTokens("abc", { tools })).toBeGreaterThan(100);
    expect(llm.tokenizer.chatRefusals).toEqual([]);
    const chat = strict.chat({ system: "Be brief." });
    await expect(chat.generate("abc")).rejects.toMatchObject({ code: "ERR_CHAT_TEMPLATE" });
    await expect(chat.generate("abc")).rejects.toThrow(/refuses: System role not supported/);
  });

  it("leaves a tokenizer alone to its user", async () => {
    await using tokenizer = await Tokenizer.load(await chainModelWithTemplate("{% if x %}"));
    expect(await tokenizer.countTokens("abc")).toBeGreaterThan(2);
    await expect(tokenizer.countTokens([{ role: "user", content: "a" }])).rejects.toMatchObject({
      code: "ERR_CHAT_TEMPLATE",
    });
  });
});

describe("setChatTemplate()", () => {
  it("refuses what cannot be rendered, and keeps what there was", async () => {
    await using own = await LLMPipeline.load(model);
    const before = own.tokenizer.chatTemplate;
    await expect(own.tokenizer.setChatTemplate("{{ oh")).rejects.toMatchObject({ code: "ERR_CHAT_TEMPLATE" });
    expect(own.tokenizer.chatTemplate).toBe(before);
    await own.tokenizer.setChatTemplate(NO_SYSTEM);
    expect(own.tokenizer.chatRefusals).toHaveLength(1);
    await own.close();
    await expect(own.tokenizer.setChatTemplate("")).rejects.toMatchObject({ code: "ERR_CLOSED" });
  });
});

describe("a request", () => {
  const messages = [{ role: "user", content: "abc" }];

  it("is counted as it is processed, by template and special tokens", async () => {
    const ids = await llm.tokenizer.encodeChat(messages);
    const { usage } = await llm.generate(messages, { maxNewTokens: 1 });
    expect(await llm.countPromptTokens(messages)).toBe(usage.promptTokens);
    expect(ids).toHaveLength(usage.promptTokens);
    expect(await llm.tokenizer.applyChatTemplate(messages)).toBe(
      `${llm.tokenizer.bosToken?.text ?? ""}<user>abc<assistant>`,
    );
  });

  it("fails alone where the template fails for its messages, by the stream as well", async () => {
    const fussy =
      "{% for m in messages %}{{ m.content }}{% if m.content == 'no' %}{{ raise_exception('No.') }}{% endif %}{% endfor %}";
    await using other = await ContinuousBatchingPipeline.load(model, { chatTemplate: fussy });
    const asked = ["c", "no", "m"].map((text) => other.generate(text, { maxNewTokens: 1 }));
    const [first, second, third] = await Promise.allSettled(asked);
    expect(first).toMatchObject({ status: "fulfilled", value: { text: "d" } });
    expect(second).toMatchObject({ status: "rejected", reason: { code: "ERR_CHAT_TEMPLATE" } });
    expect(third).toMatchObject({ status: "fulfilled", value: { text: "n" } });
    const stream = other.stream("no");
    await expect(stream.next()).rejects.toMatchObject({ code: "ERR_CHAT_TEMPLATE" });
    await expect(stream.result).rejects.toMatchObject({ code: "ERR_CHAT_TEMPLATE" });
    expect(await other.countPromptTokens("a")).toBe(1);
    await expect(other.countPromptTokens("no")).rejects.toMatchObject({ code: "ERR_CHAT_TEMPLATE" });
  });

  it("keeps its place among raw prompts and token ids", async () => {
    const order: number[] = [];
    const ask = [messages, "abc", { tokenIds: [1, 2] }, messages, "abc"] as const;
    const asked = ask.map((input, i) => {
      const options = Array.isArray(input) ? {} : { applyChatTemplate: false as const };
      return llm
        .generate(input, { maxNewTokens: 1, ...(typeof input === "string" ? options : {}) })
        .then(() => order.push(i));
    });
    await Promise.all(asked);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it("has the template's variables: extraContext above the special tokens, tools and documents none", async () => {
    const chatTemplate =
      "{{ tools is none }}{{ documents is none }}{{ mood }}{{ bos_token }}{{ nope is defined }}";
    const extraContext = { mood: "good", bos_token: "[" };
    expect(await llm.tokenizer.applyChatTemplate(messages, { chatTemplate, extraContext })).toBe(
      "TrueTruegood[False",
    );
  });

  it("gives content in parts to a template that takes nothing else, and reasoning by each of its names", async () => {
    const chatTemplate =
      "{% for m in messages %}{% for part in m.content %}{% if part.type == 'text' %}{{ part.text }};{% endif %}{% endfor %}{{ m.thinking }}{% endfor %}";
    const said = [
      ...messages,
      { role: "assistant", content: [{ type: "text" as const, text: "x" }], reasoning_content: "hm" },
    ];
    expect(await llm.tokenizer.applyChatTemplate(said, { chatTemplate })).toBe("abc;x;hm");
  });

  it("is refused with images and audio, by name", async () => {
    const content = [{ type: "image_url", image_url: { url: "x" } }] as never;
    await expect(llm.generate([{ role: "user", content }])).rejects.toThrow(/"text".*"image_url"/);
  });
});
