import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, LLMPipeline, Tokenizer } from "../../lib/index.js";
import { TOKENIZER_FILES } from "../../lib/models/ir/ir-files.js";
import { ALPHABET, chainModel, convertedByGenAi, temporaryFolder } from "../helpers/chain.js";

let model: string;
let tokenizer: Tokenizer;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true });
  tokenizer = await Tokenizer.load(model);
});
afterAll(() => tokenizer.close());

const TEMPLATE =
  "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}" +
  "{% for t in tools or [] %}({{ t.name }}){% endfor %}{% if mood %}{{ mood }}{% endif %}" +
  "{% if add_generation_prompt %}>{% endif %}";

describe("encode() and decode()", () => {
  it("give the ids of a text as numbers, and the text again", async () => {
    const ids = await tokenizer.encode("hello");
    expect(ids).toBeInstanceOf(Int32Array);
    expect(ids.length).toBeGreaterThan(0);
    expect(await tokenizer.decode(ids)).toBe("hello");
    expect(await tokenizer.decode([...ids])).toBe("hello");
  });

  it("give every well-formed text again", async () => {
    const text = fc.string({ unit: "binary", maxLength: 200 }).filter((t) => !t.includes("<|"));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (texts) => {
        const { tokenIds, attentionMask } = await tokenizer.encode(texts);
        const rows = tokenIds.map((row, i) => row.filter((_, at) => attentionMask[i]?.[at] === 1));
        expect(await tokenizer.decode(rows)).toEqual(texts);
        for (const [i, row] of rows.entries()) expect(await tokenizer.encode(texts[i] ?? "")).toEqual(row);
      }),
      { numRuns: 60 },
    );
  });

  it("give empty texts empty rows, alone, together and among others", async () => {
    expect(await tokenizer.encode("")).toHaveLength(0);
    expect((await tokenizer.encode(["", ""])).tokenIds).toEqual([new Int32Array(0), new Int32Array(0)]);
    const { attentionMask } = await tokenizer.encode(["", "a", ""]);
    expect(attentionMask.map((row) => [...row])).toEqual([[0], [1], [0]]);
    expect(await tokenizer.encode([])).toEqual({ tokenIds: [], attentionMask: [] });
    expect(await tokenizer.decode([])).toBe("");
    expect(await tokenizer.decode([[], [64]])).toEqual(["", "a"]);
  });

  it("fill rows up to the longest, or to a length, on either side", async () => {
    const pad = tokenizer.padToken?.id ?? -1;
    const rows = async (options: object): Promise<number[][]> =>
      (await tokenizer.encode(["a", "a."], options)).tokenIds.map((row) => [...row]);
    const [a = -1, dot = -1] = await tokenizer.encode("a.");
    expect(await rows({})).toEqual([
      [pad, a],
      [a, dot],
    ]); // a tokenizer made from GGUF fills up on the left
    expect(await rows({ paddingSide: "right" })).toEqual([
      [a, pad],
      [a, dot],
    ]);
    expect(await rows({ padToMaxLength: true, maxLength: 3, paddingSide: "right" })).toEqual([
      [a, pad, pad],
      [a, dot, pad],
    ]);
    const one = await tokenizer.encode("a.", { padToMaxLength: true, maxLength: 4 });
    expect([...one]).toEqual([pad, pad, a, dot]);
    expect(await tokenizer.encode("a.", { padToMaxLength: true, maxLength: 1 })).toHaveLength(2);
  });

  it("cut rows to a length where that is wanted, and keep their beginning", async () => {
    const whole = await tokenizer.encode("x.y.z.");
    const cut = await tokenizer.encode("x.y.z.", { truncation: true, maxLength: 3 });
    expect(cut).toEqual(whole.slice(0, 3));
    const { tokenIds } = await tokenizer.encode(["x.y.z.", "x"], { truncation: true, maxLength: 2 });
    expect(tokenIds.map((row) => row.length)).toEqual([2, 2]);
  });

  it("refuse a text that the tokenizer would cut without a word", async () => {
    const long = "x.".repeat(5000);
    const cutting = await Tokenizer.load(await convertedByGenAi(model));
    try {
      await expect(cutting.encode(long)).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
      await expect(cutting.encode(["x", long])).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
      await expect(cutting.countTokens(long)).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
      const cut = { truncation: true, maxLength: 5 };
      await expect(cutting.encode(long, cut)).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
    } finally {
      await cutting.close();
    }
  });

  it("leave special tokens out or in", async () => {
    const eos = tokenizer.eosToken;
    expect(eos).toEqual({ id: 287, text: "<|im_end|>" });
    const ids = [...(await tokenizer.encode("a<|im_end|>"))];
    expect(ids.at(-1)).toBe(287);
    expect(await tokenizer.decode(ids)).toBe("a");
    expect(await tokenizer.decode(ids, { skipSpecialTokens: false })).toBe("a<|im_end|>");
    // GenAI fills a batch up with a special token, and would show it here.
    expect(await tokenizer.decode([[64], [64, 287]], { skipSpecialTokens: false })).toEqual([
      "a",
      "a<|im_end|>",
    ]);
  });

  it.each([
    ["a lone surrogate", () => tokenizer.encode("a\ud800"), TypeError, "ERR_INVALID_ARG_TYPE"],
    [
      "a lone surrogate in a batch",
      () => tokenizer.encode(["a", "\udc00"]),
      TypeError,
      "ERR_INVALID_ARG_TYPE",
    ],
    ["no text", () => tokenizer.encode(5 as unknown as string), TypeError, "ERR_INVALID_ARG_TYPE"],
    ["pairs where it takes none", () => tokenizer.encode([["a", "b"]]), TypeError, "ERR_INVALID_ARG_TYPE"],
    [
      "half a pair",
      () => tokenizer.encode([["a"]] as unknown as string[]),
      TypeError,
      "ERR_INVALID_ARG_TYPE",
    ],
    [
      "an unknown option",
      () => tokenizer.encode("a", { pad: true } as object),
      TypeError,
      "ERR_INVALID_ARG_TYPE",
    ],
    [
      "truncation to no length",
      () => tokenizer.encode("a", { truncation: true }),
      TypeError,
      "ERR_INVALID_ARG_TYPE",
    ],
    [
      "a length for nothing",
      () => tokenizer.encode("a", { maxLength: 4 }),
      TypeError,
      "ERR_INVALID_ARG_TYPE",
    ],
    [
      "length 0",
      () => tokenizer.encode("a", { maxLength: 0, truncation: true }),
      RangeError,
      "ERR_OUT_OF_RANGE",
    ],
    ["an id outside the vocabulary", () => tokenizer.decode([64, 288]), RangeError, "ERR_OUT_OF_RANGE"],
    ["a negative id", () => tokenizer.decode([[64], [-1]]), RangeError, "ERR_OUT_OF_RANGE"],
    ["half an id", () => tokenizer.decode([0.5]), TypeError, "ERR_INVALID_ARG_TYPE"],
    ["a bigint", () => tokenizer.decode([1n] as unknown as number[]), TypeError, "ERR_INVALID_ARG_TYPE"],
  ])("refuse %s", async (_, call, type, code) => {
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code });
  });
});

describe("the vocabulary", () => {
  it("maps tokens to ids and back, bytes that are no UTF-8 spelled out", async () => {
    const vocabulary = await tokenizer.getVocab();
    expect(tokenizer.vocabSize).toBe(288);
    expect(vocabulary.size).toBe(288);
    expect(vocabulary.get("a")).toBe(64);
    expect(vocabulary.get("<|im_end|>")).toBe(287);
    expect(await tokenizer.idToToken(64)).toBe("a");
    expect(await tokenizer.tokenToId(" ")).toBe((await tokenizer.encode(" "))[0]);
    expect(await tokenizer.tokenToId("<0xFF>")).toEqual(expect.any(Number));
    expect(await tokenizer.tokenToId("no such token")).toBeNull();
    await expect(tokenizer.idToToken(288)).rejects.toMatchObject({ code: "ERR_OUT_OF_RANGE" });
    for (const [token, id] of vocabulary) expect(await tokenizer.idToToken(id)).toBe(token);
  });
});

describe("the chat template", () => {
  const messages = [{ role: "user", content: "hi" }];

  it("is applied with tools, context and another template", async () => {
    const chatTemplate = TEMPLATE;
    expect(await tokenizer.applyChatTemplate(messages, { chatTemplate })).toBe("[user]hi>");
    const options = {
      chatTemplate,
      tools: [{ name: "find" }],
      extraContext: { mood: "!" },
      addGenerationPrompt: false,
    };
    expect(await tokenizer.applyChatTemplate(messages, options)).toBe("[user]hi(find)!");
  });

  it("must be there", async () => {
    await using bare = await Tokenizer.load(model);
    await bare.setChatTemplate("");
    expect(bare.chatTemplate).toBeNull();
    await expect(bare.applyChatTemplate(messages)).rejects.toMatchObject({ code: "ERR_NO_CHAT_TEMPLATE" });
    await expect(bare.countTokens(messages)).rejects.toMatchObject({ code: "ERR_NO_CHAT_TEMPLATE" });
  });

  it("says what is wrong with it", async () => {
    const broken = tokenizer.applyChatTemplate(messages, { chatTemplate: "{{ oh" });
    await expect(broken).rejects.toMatchObject({ code: "ERR_CHAT_TEMPLATE" });
    const raising = tokenizer.applyChatTemplate(messages, {
      chatTemplate: "{{ raise_exception('not so') }}",
    });
    await expect(raising).rejects.toThrow(/not so/);
    const wrong = tokenizer.applyChatTemplate([], { chatTemplate: TEMPLATE });
    await expect(wrong).rejects.toMatchObject({ code: "ERR_OUT_OF_RANGE" });
  });

  it("once set is the pipeline's too", async () => {
    await using llm = await LLMPipeline.load(model);
    await llm.tokenizer.setChatTemplate("{{ messages[0].content }}");
    expect(llm.model.hasChatTemplate).toBe(true);
    expect(llm.tokenizer.chatTemplate).toBe("{{ messages[0].content }}");
    expect((await llm.generate([{ role: "user", content: "c" }], { maxNewTokens: 3 })).text).toBe("def");
    expect(await llm.tokenizer.countTokens([{ role: "user", content: "c" }])).toBe(1);
    await llm.tokenizer.setChatTemplate("");
    expect(llm.model.hasChatTemplate).toBe(false);
    await expect(llm.generate([{ role: "user", content: "c" }])).rejects.toMatchObject({
      code: "ERR_NO_CHAT_TEMPLATE",
    });
  });
});

describe("the tokenizer of a pipeline", () => {
  it("works while the pipeline generates, and counts as it does", async () => {
    await using llm = await ContinuousBatchingPipeline.load(model);
    const stream = llm.stream("abc", { maxNewTokens: 200, applyChatTemplate: false });
    await stream.next();
    const ids = await Promise.all(Array.from({ length: 50 }, (_, i) => llm.tokenizer.encode("x".repeat(i))));
    expect(await llm.tokenizer.decode(ids)).toEqual(ids.map((_, i) => "x".repeat(i)));
    const { text, usage } = await stream.result;
    expect(text).toHaveLength(200);
    expect(usage.promptTokens).toBe(await llm.tokenizer.countTokens("abc"));
  });

  it("is closed with the pipeline", async () => {
    const llm = await LLMPipeline.load(model);
    const { tokenizer: its } = llm;
    const waiting = Array.from({ length: 20 }, () => its.encode("a").catch((error: unknown) => error));
    await llm.close();
    await Promise.all(waiting);
    await expect(its.encode("a")).rejects.toMatchObject({ code: "ERR_CLOSED" });
    await expect(its.applyChatTemplate([{ role: "user", content: "" }])).rejects.toMatchObject({
      code: "ERR_CLOSED",
    });
  });

  it("can be closed alone", async () => {
    await using llm = await LLMPipeline.load(model);
    await llm.tokenizer.close();
    await llm.tokenizer.close();
    await expect(llm.tokenizer.decode([1])).rejects.toMatchObject({ code: "ERR_CLOSED" });
    expect((await llm.generate("c", { maxNewTokens: 2, applyChatTemplate: false })).text).toBe("de");
  });
});

describe("Tokenizer.load()", () => {
  it("needs nothing of a folder but the tokenizer", async () => {
    await using llm = await LLMPipeline.load(model);
    const folder = join(temporaryFolder(), "tokenizer");
    mkdirSync(folder);
    for (const file of TOKENIZER_FILES) copyFileSync(join(llm.model.path, file), join(folder, file));
    await using alone = await Tokenizer.load(folder);
    expect(await alone.encode("abc")).toEqual(await llm.tokenizer.encode("abc"));
  });

  it.each([
    ["a model that is not there", () => Tokenizer.load("no-such-model"), { code: "ERR_MODEL_NOT_FOUND" }],
    [
      "an unknown option",
      () => Tokenizer.load(model, { device: "CPU" } as object),
      { code: "ERR_INVALID_ARG_TYPE" },
    ],
    [
      "a property that GenAI would ignore",
      () => Tokenizer.load(model, { properties: { KV_CACHE_PRECISION: "u8" } }),
      { code: "ERR_INVALID_ARG_TYPE" },
    ],
    [
      "a wrong property",
      () => Tokenizer.load(model, { properties: { NUM_STREAMS: "x" } }),
      { code: "ERR_MODEL_LOAD" },
    ],
    ["pairs of a GGUF tokenizer", () => Tokenizer.load(model, { pairs: true }), { code: "ERR_MODEL_LOAD" }],
  ])("refuses %s", async (_, load, expected) => {
    await expect(load()).rejects.toMatchObject(expected);
  });
});
