import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LLMPipeline, Tokenizer } from "../../lib/index.js";
import type { GgufWriteValue } from "../../lib/models/gguf/gguf-writer.js";
import { PRE_TOKENIZERS } from "../../lib/models/gguf/pre-tokenizers.js";
import { openTokenizer } from "../../lib/models/open.js";
import { chainModel, modelWithTokenizer } from "../helpers/chain.js";

/** A vocabulary and what Hugging Face's tokenizers make of texts with it: scripts/gguf-tokenizers.mjs --fixture. */
interface Fixture {
  readonly vocabulary: {
    readonly tokens: readonly string[];
    readonly kinds: readonly number[];
    readonly merges: readonly string[];
  };
  readonly texts: readonly string[];
  readonly ids: Readonly<Record<string, readonly (readonly number[])[]>>;
}
const { vocabulary, texts, ids } = JSON.parse(
  readFileSync(new URL("../fixtures/gguf-tokenizers.json", import.meta.url), "utf8"),
) as Fixture;
const [BEGIN, END, CALL, FOUR_SPACES] = ["<|begin|>", "<|end|>", "<tool_call>", "    "].map((text) =>
  vocabulary.tokens.lastIndexOf(text),
) as [number, number, number, number];

const id = (value: number): GgufWriteValue => ({ type: "uint32", value });
const flag = (value: boolean): GgufWriteValue => ({ type: "bool", value });
const IDS = { bos_token_id: id(BEGIN), eos_token_id: id(END), padding_token_id: id(END) };
const CHAT = "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}";

const model = (pre: string, more: Record<string, GgufWriteValue> = {}): Promise<string> =>
  modelWithTokenizer({ ...vocabulary, pre, more: { ...IDS, ...more } });

async function withTokenizer(path: string, use: (tokenizer: Tokenizer) => Promise<void>): Promise<void> {
  const tokenizer = await Tokenizer.load(path);
  try {
    await use(tokenizer);
  } finally {
    await tokenizer.close();
  }
}

describe("a tokenizer made from GGUF", () => {
  it("is compared for every way of cutting text that is known", () => {
    const rules = new Set([...PRE_TOKENIZERS.values()].map((pre) => JSON.stringify(pre)));
    const compared = Object.keys(ids).map((name) => JSON.stringify(PRE_TOKENIZERS.get(name)));
    expect(new Set(compared)).toEqual(rules);
    expect(texts.length).toBeGreaterThan(30);
  });

  it.each(Object.keys(ids))("gives the ids of Hugging Face's: %s", async (pre) => {
    await withTokenizer(await model(pre), async (tokenizer) => {
      for (const [index, text] of texts.entries()) {
        const found = await tokenizer.encode(text, { addSpecialTokens: false });
        expect([text, ...found]).toEqual([text, ...(ids[pre]?.[index] ?? [])]);
      }
    });
  });

  it.each([
    ["llama-bpe", {}, [BEGIN], []],
    ["tekken", {}, [BEGIN], []],
    ["gpt-2", {}, [], []],
    ["llama-bpe", { add_bos_token: flag(false) }, [], []],
    ["gpt-2", { add_bos_token: flag(true) }, [BEGIN], []],
    ["qwen2", { add_bos_token: flag(true), add_eos_token: flag(true) }, [BEGIN], [END]],
    ["smollm", { add_eos_token: flag(true) }, [], [END]],
  ])("puts special tokens around a text where the file says so: %s, %j", async (pre, more, before, after) => {
    await withTokenizer(await model(pre, more), async (tokenizer) => {
      const bare = [...(await tokenizer.encode("hello", { addSpecialTokens: false }))];
      expect(bare.length).toBeGreaterThan(0);
      expect([...(await tokenizer.encode("hello"))]).toEqual([...before, ...bare, ...after]);
      expect(await tokenizer.countTokens("hello")).toBe(before.length + bare.length + after.length);
      const { tokenIds } = await tokenizer.encode(["hello", ""], { paddingSide: "right" });
      expect([...(tokenIds[0] ?? [])]).toEqual([...before, ...bare, ...after]);
      // Truncation keeps them.
      const size = before.length + 1 + after.length;
      const cut = await tokenizer.encode("hello", { truncation: true, maxLength: size });
      expect([...cut]).toEqual([...before, bare[0], ...after]);
      const [only] = await tokenizer.encode("hello", { padToMaxLength: true, maxLength: 30 });
      expect(only).toBe(END);
    });
  });

  it("begins a raw prompt with the token, and a chat that has it in its template with one", async () => {
    const path = await model("llama-bpe", { add_bos_token: flag(true) });
    const llm = await LLMPipeline.load(path);
    try {
      await llm.tokenizer.setChatTemplate(CHAT);
      const bare = await llm.tokenizer.encode("hello", { addSpecialTokens: false });
      const options = { maxNewTokens: 1 };
      const raw = await llm.generate("hello", { ...options, applyChatTemplate: false });
      expect(raw.usage.promptTokens).toBe(bare.length + 1);
      expect(await llm.countPromptTokens("hello", { applyChatTemplate: false })).toBe(bare.length + 1);
      const chat = [{ role: "user", content: "hello" }] as const;
      expect((await llm.generate(chat, options)).usage.promptTokens).toBe(bare.length + 1);
      expect([...(await llm.tokenizer.encodeChat(chat))]).toEqual([BEGIN, ...bare]);
      expect(await llm.countPromptTokens(chat)).toBe(bare.length + 1);
    } finally {
      await llm.close();
    }
  });

  it("shows added tokens in a text, and leaves special ones out", async () => {
    await withTokenizer(await model("qwen2"), async (tokenizer) => {
      const row = [...(await tokenizer.encode("<|begin|>a<tool_call>    é!<|end|>"))];
      expect(row).toEqual(expect.arrayContaining([BEGIN, CALL, FOUR_SPACES, END]));
      expect(await tokenizer.decode(row)).toBe("a<tool_call>    é!");
      expect(await tokenizer.decode(row, { skipSpecialTokens: false })).toBe(
        "<|begin|>a<tool_call>    é!<|end|>",
      );
    });
  });

  it("takes a text of any length whole", async () => {
    await withTokenizer(await model("gpt-2"), async (tokenizer) => {
      const row = await tokenizer.encode("x.".repeat(20_000));
      expect(row.length).toBeGreaterThan(8192);
      expect(await tokenizer.decode(row)).toBe("x.".repeat(20_000));
    });
  });

  it.each([
    ["default", /tokenizer\.ggml\.pre: .*llama-bpe.*but received "default".*models prepare/s],
    ["deepseek-llm", /but received "deepseek-llm"/],
    ["", /but received ""/],
  ])("is refused where the rules are not known: %j", async (pre, message) => {
    const loading = Tokenizer.load(await model(pre));
    await expect(loading).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ["merges of what is no token", { merges: { type: "strings", value: ["t zz"] } }, /Merge 0, "t zz"/],
    ["merges without a space", { merges: { type: "strings", value: ["the"] } }, /two tokens in merge 0/],
  ] satisfies [string, Record<string, GgufWriteValue>, RegExp][])(
    "is refused with %s",
    async (_, more, message) => {
      const loading = Tokenizer.load(await model("gpt-2", more));
      await expect(loading).rejects.toMatchObject({
        code: "ERR_MODEL_LOAD",
        message: expect.stringMatching(message) as string,
      });
    },
  );

  it("is made again where it was made by older rules", async () => {
    const path = await chainModel({ contextLength: 77 });
    const { dir } = await openTokenizer(path);
    const manifest = join(dir, "manifest.json");
    const xml = await readFile(join(dir, "openvino_tokenizer.xml"), "utf8");
    await writeFile(join(dir, "openvino_tokenizer.xml"), "older");
    const { tools, ...rest } = JSON.parse(await readFile(manifest, "utf8")) as { tools: { genai: string } };
    await writeFile(manifest, JSON.stringify({ ...rest, tools: { genai: tools.genai } }));
    await openTokenizer(path);
    expect(await readFile(join(dir, "openvino_tokenizer.xml"), "utf8")).toBe(xml);
  });
});
