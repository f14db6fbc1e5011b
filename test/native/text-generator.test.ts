import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import type { TextGenerator, TokenChunk } from "../../lib/index.js";
import { ALPHABET, chainModel, temporaryFolder } from "../helpers/chain.js";
import { PIPELINES } from "../helpers/pipelines.js";

describe.each(PIPELINES)("$name", ({ load, loadOne }) => {
  let llm: TextGenerator;
  /** Repeats the alphabet until it is stopped. */
  let looping: TextGenerator;

  beforeAll(async () => {
    llm = await load(await chainModel());
    looping = await load(await chainModel({ text: ALPHABET, loop: true }));
  });

  afterAll(async () => {
    await llm.close();
    await looping.close();
  });

  async function collect(stream: AsyncIterable<TokenChunk>): Promise<TokenChunk[]> {
    const chunks: TokenChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
  }

  describe("what comes out", () => {
    it("streams the answer, one chunk a token, and gives the same in the result", async () => {
      const stream = llm.stream("hello");
      const chunks = await collect(stream);
      const result = await stream.result;
      expect(chunks.map((chunk) => chunk.text).join("")).toBe(CHAIN_TEXT);
      expect(result.text).toBe(CHAIN_TEXT);
      expect(chunks.flatMap((chunk) => [...chunk.tokenIds])).toEqual(result.tokenIds);
      expect(chunks.map((chunk) => chunk.index)).toEqual(result.tokenIds.map((_, index) => index));
      expect(result).toMatchObject({ finishReason: "stop", stopReason: null });
      expect(result.usage).toEqual({ promptTokens: 18, completionTokens: Buffer.byteLength(CHAIN_TEXT) + 1 });
      expect(result).not.toHaveProperty("choices");
    });

    it("gives every symbol as soon as its last byte is there, and the first token at once", async () => {
      const chunks = await collect(llm.stream("hello"));
      const texts = chunks.map((chunk) => chunk.text);
      expect(texts.slice(0, 4)).toEqual(["Z", "", "ü", "r"]);
      expect(texts.filter((text) => text !== "")).toEqual([...CHAIN_TEXT]);
    });

    it("generate() gives what stream() gives", async () => {
      const streamed = await llm.stream("hello").result;
      const generated = await llm.generate("hello");
      expect({ ...generated, timing: null }).toEqual({ ...streamed, timing: null });
    });

    it("takes chat messages, raw text and token ids", async () => {
      const { text } = await llm.generate([
        { role: "system", content: "Be brief." },
        { role: "user", content: "hello" },
      ]);
      expect(text).toBe(CHAIN_TEXT);
      expect((await llm.generate("the Z", { applyChatTemplate: false })).text).toBe(CHAIN_TEXT.slice(1));
      const { tokenIds } = await llm.generate("hello");
      const rest = await llm.generate({ tokenIds: tokenIds.slice(0, 3) });
      expect(rest.text).toBe(CHAIN_TEXT.slice(2));
      expect(rest.usage.promptTokens).toBe(3);
    });

    it("an empty message is a message", async () => {
      expect((await llm.generate("")).text).toBe(CHAIN_TEXT);
    });

    it.each(["日本語テキスト", "e\u0301a\u0302", "👩‍🚀", "naïve – “q”"])(
      "keeps multi-byte text whole: %s",
      async (text) => {
        const bytes = Buffer.from(text);
        // The model needs bytes that do not repeat, so the text comes in the longest pieces that have none.
        const pieces: string[] = [""];
        for (const symbol of text) {
          const longer = Buffer.from(pieces.at(-1) + symbol);
          if (new Set(longer).size === longer.length) pieces[pieces.length - 1] += symbol;
          else if (new Set(Buffer.from(symbol)).size === Buffer.byteLength(symbol)) pieces.push(symbol);
        }
        expect(bytes.length).toBeGreaterThan(0);
        for (const piece of pieces.filter((candidate) => candidate !== "")) {
          const model = await load(await chainModel({ text: piece }));
          try {
            const stream = model.stream("x");
            const chunks = await collect(stream);
            expect(chunks.map((chunk) => chunk.text).join("")).toBe(piece);
            expect((await stream.result).text).toBe(piece);
          } finally {
            await model.close();
          }
        }
      },
    );
  });

  describe("how it ends", () => {
    it("by length", async () => {
      const result = await llm.generate("hello", { maxNewTokens: 4 });
      expect(result).toMatchObject({ text: "Zür", finishReason: "length", stopReason: null });
      expect(result.usage.completionTokens).toBe(4);
    });

    it("by length with an incomplete symbol, which is dropped as GenAI's tokenizer drops it", async () => {
      const stream = llm.stream("hello", { maxNewTokens: 2 });
      const chunks = await collect(stream);
      expect(chunks.map((chunk) => chunk.text)).toEqual(["Z", ""]);
      expect(await stream.result).toMatchObject({ text: "Z", finishReason: "length" });
    });

    it("by a stop string, cut at the character, the tokens of it counted", async () => {
      const result = await llm.generate("hello", { stopStrings: ["✓🙂"] });
      expect(result).toMatchObject({ text: "Zürich: ", finishReason: "stop", stopReason: "✓🙂" });
      expect(result.usage.completionTokens).toBe(Buffer.byteLength("Zürich: ✓🙂"));
    });

    it("by a stop string that stays, when asked for", async () => {
      const { text } = await llm.generate("hello", { stopStrings: ["ch"], includeStopStrInOutput: true });
      expect(text).toBe("Zürich");
    });

    it("a stop string that never comes holds back only what may begin it", async () => {
      const stream = llm.stream("hello", { stopStrings: ["rix", "never"] });
      const texts = (await collect(stream)).map((chunk) => chunk.text);
      expect(texts.slice(0, 6)).toEqual(["Z", "", "ü", "", "", "ric"]);
      expect((await stream.result).text).toBe(CHAIN_TEXT);
    });

    it("by a stop string of the model's own file, and no token is held back for it", async () => {
      const dir = join(temporaryFolder(), "model");
      cpSync(llm.model.path, dir, { recursive: true });
      writeFileSync(
        join(dir, "generation_config.json"),
        JSON.stringify({ eos_token_id: 287, stop_strings: ["ich: "] }),
      );
      const own = await load(dir);
      try {
        const stream = own.stream("hello");
        const chunks = await collect(stream);
        expect(chunks.map((chunk) => chunk.tokenIds.length)).toEqual(chunks.map(() => 1));
        expect(await stream.result).toMatchObject({ text: "Zür", stopReason: "ich: " });
        expect((await own.generate("hello", { stopStrings: [] })).text).toBe(CHAIN_TEXT);
      } finally {
        await own.close();
      }
    });

    it("by a stop token, which is named; its text belongs to the answer as GenAI decodes it", async () => {
      const { tokenIds } = await llm.generate("hello");
      const stop = tokenIds[3]!;
      const result = await llm.generate("hello", { stopTokenIds: [stop] });
      expect(result).toMatchObject({ text: "Zür", finishReason: "stop", stopReason: stop });
      expect(result.tokenIds.at(-1)).toBe(stop);
    });

    it("goes on after EOS with ignoreEos", async () => {
      const result = await llm.generate("hello", { ignoreEos: true, maxNewTokens: 45 });
      expect(result.finishReason).toBe("length");
      expect(result.usage.completionTokens).toBe(45);
      expect(result.text.startsWith(CHAIN_TEXT + CHAIN_TEXT.slice(0, 5))).toBe(true);
    });

    it("at the end of the context", async () => {
      const short = await load(await chainModel({ text: ALPHABET, loop: true, contextLength: 64 }));
      try {
        const result = await short.generate("hello", { maxNewTokens: 1000 });
        expect(result.finishReason).toBe("length");
        expect(result.usage.promptTokens + result.usage.completionTokens).toBe(64);
        expect(await short.generate("hello")).toMatchObject({ finishReason: "length" });
      } finally {
        await short.close();
      }
    });
  });

  describe("several texts for one input", () => {
    it("beams give choices, best first", async () => {
      const result = await llm.generate("hello", { numBeams: 3, numReturnSequences: 2, maxNewTokens: 30 });
      expect(result.choices).toHaveLength(2);
      expect(result.choices![0]).toMatchObject({ text: result.text, finishReason: result.finishReason });
      expect(result.choices![0]!.score).toBeGreaterThanOrEqual(result.choices![1]!.score);
      expect(result.text.startsWith("Zürich")).toBe(true);
      expect(result.usage.completionTokens).toBe(
        result.choices!.reduce((sum, choice) => sum + choice.tokenIds.length, 0),
      );
      expect(result.timing.tpotMs).toBeNull();
    });

    it("cannot be streamed", () => {
      expect(() => llm.stream("hello", { numBeams: 2 })).toThrow(/stream\(\).*options\.numBeams/);
    });
  });

  describe("several calls", () => {
    it("wait in order", async () => {
      const one = await loadOne(llm.model.path);
      const order: number[] = [];
      const calls = [0, 1, 2, 3].map(async (n) => {
        const result = await one.generate(`${n}`);
        order.push(n);
        return result;
      });
      const results = await Promise.all(calls);
      expect(order).toEqual([0, 1, 2, 3]);
      expect(results.map((result) => result.text)).toEqual([CHAIN_TEXT, CHAIN_TEXT, CHAIN_TEXT, CHAIN_TEXT]);
      for (let n = 1; n < results.length; n++) {
        expect(results[n]!.timing.queueMs!).toBeGreaterThanOrEqual(results[n - 1]!.timing.queueMs!);
      }
      await one.close();
    });

    it("break cancels, and the next call works", async () => {
      const stream = looping.stream("hello");
      for await (const chunk of stream) if (chunk.index === 5) break;
      const result = await stream.result;
      expect(result).toMatchObject({ finishReason: "abort", stopReason: null });
      expect(ALPHABET.repeat(100).startsWith(result.text)).toBe(true);
      expect(await stream.next()).toEqual({ done: true, value: undefined });
      expect((await looping.generate("hello", { maxNewTokens: 3 })).text).toBe("abc");
    });

    it("an exception of the consumer cancels too, and stays the consumer's", async () => {
      const stream = looping.stream("hello");
      await expect(async () => {
        for await (const chunk of stream) if (chunk.index === 2) throw new Error("mine");
      }).rejects.toThrow("mine");
      expect((await stream.result).finishReason).toBe("abort");
      expect((await looping.generate("hello", { maxNewTokens: 3 })).text).toBe("abc");
    });
  });

  describe("generationConfig()", () => {
    it("shows what holds: call, pipeline, model, GenAI", async () => {
      expect(llm.generationConfig()).toMatchObject({
        doSample: false,
        eosTokenId: 287,
        maxNewTokens: null,
        topP: 1,
      });
      expect(llm.generationConfig({ temperature: 0.5 })).toMatchObject({ doSample: true, temperature: 0.5 });
      const own = await load(llm.model.path, { generationConfig: { maxNewTokens: 2 } });
      try {
        expect(own.generationConfig()).toMatchObject({ maxNewTokens: 2 });
        expect((await own.generate("hello")).usage.completionTokens).toBe(2);
        expect((await own.generate("hello", { maxNewTokens: 3 })).usage.completionTokens).toBe(3);
      } finally {
        await own.close();
      }
    });

    it("a seed gives the same text again", async () => {
      const options = { temperature: 3, rngSeed: 7, maxNewTokens: 40, ignoreEos: true };
      const first = await looping.generate("hello", options);
      const second = await looping.generate("hello", options);
      expect(second.tokenIds).toEqual(first.tokenIds);
      expect(first.rngSeed).toBe(7);
    });

    it("without one each request draws its own and returns it, so that it can be repeated", async () => {
      const options = { temperature: 3, maxNewTokens: 40, ignoreEos: true };
      const [first, second] = await Promise.all([
        looping.generate("hello", options),
        looping.generate("hello", options),
      ]);
      expect(second.rngSeed).not.toBe(first.rngSeed);
      expect(second.tokenIds).not.toEqual(first.tokenIds);
      const alone = await looping.generate("hello", { ...options, rngSeed: first.rngSeed });
      const again = await looping.generate("hello", { ...options, rngSeed: first.rngSeed });
      expect(again.tokenIds).toEqual(alone.tokenIds);
      const streamed = looping.stream("hello", options);
      expect((await streamed.result).rngSeed).toBeTypeOf("number");
      expect(looping.generationConfig(options).rngSeed).toBeNull();
      expect(await looping.generate("hello", { maxNewTokens: 3 })).not.toHaveProperty("rngSeed");
    });
  });
});
