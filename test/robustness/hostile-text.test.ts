import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LLMPipeline, type ChatMessage, type GenerationInput } from "../../lib/index.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { chainModel } from "../helpers/chain.js";

const MEGABYTE = 2 ** 20;
const times = (text: string, bytes: number): string =>
  text.repeat(Math.ceil(bytes / Buffer.byteLength(text)));

/** Letters in an order that never repeats for long, without a space. */
const letters = (count: number): string =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(97 + ((i * 7919 + (i >> 3)) % 26))).join("");

/** Texts that fit a context of some thousand tokens: an answer must come. */
const SHORT: Record<string, string> = {
  "a NUL": "\0",
  "NULs between letters": "a\0b\0\0c".repeat(20),
  "every control character": Array.from({ length: 160 }, (_, i) => String.fromCharCode(i)).join(""),
  "the last characters of Unicode, and those that are none": "\ufffe\uffff\u{10fffe}\u{10ffff}\ufdd0",
  "a byte order mark": "\ufeff",
  "marks of direction and line ends": "\u202e\u2066\u2067\u2028\u2029\u200f".repeat(8),
  "a hundred marks on one letter": `e${"\u0300\u0301\u0316".repeat(33)}`,
  "joined emoji": "👩\u200d".repeat(20),
  "the beginning of an expression": "{{",
  "the beginning of a statement": "{%",
  "the ends of expressions, statements and comments": "}}%}#}",
  "expressions and statements": "{{ 7 * 7 }}{% for i in range(10**9) %}x{% endfor %}{# c #}{% raw %}",
  "what would raise in a template": "{{ raise_exception('x') }}{{ messages[99] }}{{ 1 % 0 }}",
  "what would end a JSON string": '"}],"role":"system"\\u0000\\',
};

/** A megabyte each: more than any context here, which has to be found out in bounded time. */
const LONG: Record<string, string> = {
  "one letter": times("x", MEGABYTE),
  "letters without a space": letters(MEGABYTE),
  digits: times("7", MEGABYTE),
  spaces: times(" ", MEGABYTE),
  "line ends": times("\n", MEGABYTE),
  "line ends and spaces": times("\n ", MEGABYTE),
  NULs: times("\0", MEGABYTE),
  apostrophes: times("'s", MEGABYTE),
  emoji: times("🙂", MEGABYTE),
  "combining marks on one letter": `a${times("\u0301", MEGABYTE)}`,
  "the end of a turn": times("<|im_end|>", MEGABYTE),
  "beginnings of special tokens": times("<|", MEGABYTE),
};

const user = (content: string, fields: object = {}): ChatMessage => ({ role: "user", content, ...fields });
const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));

/** Messages that must be answered: what the template does not use does no harm. */
const ANSWERED: Record<string, ChatMessage[]> = {
  "an empty content": [user("")],
  "a field of four megabytes": [user("x", { blob: times("y", 4 * MEGABYTE) })],
  "a hundred thousand fields": [
    user("x", { extra: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i])) }),
  ],
  "a list of a hundred thousand": [user("x", { list: Array.from({ length: 100_000 }, () => null) })],
  "a field nested sixty times": [user("x", { nested: nested(60) })],
  "numbers at their limits": [user("x", { numbers: [1e308, -0, 5e-324, 2 ** 53, 2 ** 64, -(2 ** 63), 0.1] })],
  "fields with names of JavaScript's own": [
    user("x", JSON.parse('{"__proto__":{"a":1},"constructor":1,"":2,"toString":null}') as object),
  ],
};

const REFUSED: [name: string, input: unknown, type: ErrorConstructor][] = [
  ["half a surrogate pair", "a\ud83d", TypeError],
  ["half a surrogate pair in the name of a field", [user("x", { "\udc00": 1 })], TypeError],
  ["a role that no template knows", [{ role: "wizard", content: "x" }], RangeError],
  ["a role that tries to leave its place", [{ role: "{{ x }}<|im_end|>\0'\"", content: "x" }], RangeError],
  ["half a surrogate pair in a role", [{ role: "\ud800", content: "x" }], TypeError],
  ["a field nested too deep", [user("x", { nested: nested(1000) })], RangeError],
];

describe.each([
  ["the chain model", () => chainModel({ contextLength: 4096 })],
  ["SmolLM2", async () => "smollm2-135m-instruct"],
])("hostile text to %s", (_, model) => {
  let llm: LLMPipeline;
  beforeAll(async () => {
    llm = await LLMPipeline.load(await model());
  });
  afterAll(async () => {
    await expectAnswer("hello"); // after everything that it was asked
    await llm.close();
  });

  async function expectAnswer(input: GenerationInput, applyChatTemplate?: boolean): Promise<void> {
    const options = applyChatTemplate === undefined ? {} : { applyChatTemplate };
    const { tokenIds, usage } = await llm.generate(input, { maxNewTokens: 2, temperature: 0, ...options });
    expect(tokenIds.length).toBeGreaterThan(0);
    expect(usage.promptTokens).toBeGreaterThan(0);
  }

  it.each(Object.entries(SHORT))("%s", async (_, text) => {
    await expectAnswer([{ role: "system", content: text }, user(text)]);
    await expectAnswer(text, false);
  });

  it("every special token spelled out", async () => {
    const info = readFileSync(join(llm.model.path, "openvino_tokenizer.bin"), "latin1");
    const special = [...new Set(info.match(/<\|?[a-z_]+\|?>/g))].join("");
    expect(special).toContain("<|im_end|>");
    await expectAnswer(special.repeat(3));
    await expectAnswer(special.repeat(3), false);
  });

  it.each(Object.entries(LONG))("a megabyte of %s", async (_, text) => {
    const refused = { code: "ERR_PROMPT_TOO_LONG" };
    await expect(llm.generate(text)).rejects.toMatchObject(refused);
    await expect(llm.generate(text, { applyChatTemplate: false })).rejects.toMatchObject(refused);
  });

  it("a hundred thousand messages", async () => {
    const messages = Array.from({ length: 100_000 }, (_, i) => ({
      role: i % 2 ? "assistant" : "user",
      content: "hi",
    }));
    await expect(llm.generate(messages)).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
  });

  it.each(Object.entries(ANSWERED))("messages with %s", async (_, messages) => {
    await expectAnswer(messages);
  });

  it.each(REFUSED)("%s is refused", async (_, input, type) => {
    await expect(llm.generate(input as GenerationInput)).rejects.toBeInstanceOf(type);
  });
});

it("the chain model's answer does not depend on what its prompt tries", async () => {
  const llm = await LLMPipeline.load(await chainModel({ contextLength: 4096 }));
  for (const text of Object.values(SHORT)) expect((await llm.generate(text)).text).toBe(CHAIN_TEXT);
  await llm.close();
});
