import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ContinuousBatchingPipeline,
  LLMPipeline,
  type GenerationResult,
  type LoadOptions,
  type TextGenerator,
  type TokenChunk,
} from "../../lib/index.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import {
  ALPHABET,
  chainModel,
  recallingChainModel,
  RECALL_SHARE,
  temporaryFolder,
} from "../helpers/chain.js";
import { PIPELINES } from "../helpers/pipelines.js";
import { jumpAdapter, written } from "../helpers/safetensors.js";

const raw = { applyChatTemplate: false };
const REVERSED = [...ALPHABET].toReversed().join("");

/** Goes on with the alphabet, again and again. */
let target: string;
/** Models with the same vocabulary that say something else: what they draft is known beforehand. */
let drafts: Record<"alphabet" | "half" | "reversed", string>;
beforeAll(async () => {
  target = await chainModel({ text: ALPHABET, loop: true });
  drafts = {
    alphabet: target,
    half: await chainModel({ text: ALPHABET.slice(0, 13), loop: true }),
    reversed: await chainModel({ text: REVERSED, loop: true }),
  };
});

function letterAfter(text: string, letter: string): string {
  const index = text.indexOf(letter);
  return index === -1 ? text.charAt(0) : text.charAt((index + 1) % text.length);
}

/** What the alphabet's model says after a letter. */
function after(letter: string, tokens: number): string {
  return ALPHABET.repeat(Math.ceil(tokens / 26) + 1)
    .slice(ALPHABET.indexOf(letter) + 1)
    .slice(0, tokens);
}

/**
 * The steps of speculative decoding by the book: tokens of each, and how many draft tokens there were before the last
 * one.
 */
function expectedSteps(draftText: string, letter: string, draftTokens: number, tokens: number) {
  let last = letterAfter(ALPHABET, letter);
  const steps = [1];
  const counts = { draftTokens: 0, acceptedTokens: 0 };
  for (let done = 1; done < tokens;) {
    const asked = Math.min(draftTokens, tokens - done - 1);
    let accepted = 0;
    while (accepted < asked && letterAfter(draftText, last) === letterAfter(ALPHABET, last)) {
      last = letterAfter(ALPHABET, last);
      accepted++;
    }
    last = letterAfter(ALPHABET, last);
    done += accepted + 1;
    steps.push(accepted + 1);
    if (done < tokens) {
      counts.draftTokens += asked;
      counts.acceptedTokens += accepted;
    }
  }
  return { steps, ...counts };
}

async function collect(stream: AsyncIterable<TokenChunk>): Promise<TokenChunk[]> {
  const chunks: TokenChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const sizes = (chunks: readonly TokenChunk[]): number[] => chunks.map(({ tokenIds }) => tokenIds.length);

/** Loads, runs and closes. */
async function using<Result>(
  loading: Promise<TextGenerator>,
  run: (pipeline: TextGenerator) => Promise<Result>,
): Promise<Result> {
  const pipeline = await loading;
  try {
    return await run(pipeline);
  } finally {
    await pipeline.close();
  }
}

describe.each(PIPELINES)("a draft model in $name", ({ name, load }) => {
  describe.each(["alphabet", "half", "reversed"] as const)("that says: %s", (draft) => {
    let llm: TextGenerator;
    const draftText = { alphabet: ALPHABET, half: ALPHABET.slice(0, 13), reversed: REVERSED }[draft];
    beforeAll(async () => {
      llm = await load(target, { draftModel: drafts[draft] });
    });
    afterAll(() => llm.close());

    it.each([
      { numAssistantTokens: undefined, maxNewTokens: 60 },
      { numAssistantTokens: 1, maxNewTokens: 40 },
      { numAssistantTokens: 3, maxNewTokens: 1 },
      { numAssistantTokens: 3, maxNewTokens: 2 },
      { numAssistantTokens: 7, maxNewTokens: 29 },
      { numAssistantTokens: 100, maxNewTokens: 50 },
    ])("the model's text, in the steps that the draft tokens allow: %o", async (options) => {
      const expected = expectedSteps(draftText, "f", options.numAssistantTokens ?? 5, options.maxNewTokens);
      const stream = llm.stream("f", { ...raw, ...options });
      const chunks = await collect(stream);
      const result = await stream.result;
      expect(chunks.map(({ text }) => text).join("")).toBe(after("f", options.maxNewTokens));
      expect(result).toMatchObject({ text: after("f", options.maxNewTokens), finishReason: "length" });
      expect(result.usage.completionTokens).toBe(options.maxNewTokens);
      expect(sizes(chunks)).toEqual(expected.steps);
      const { draftTokens, acceptedTokens } = expected;
      expect(result.timing.speculative).toEqual(
        name !== "LLMPipeline" || draftTokens === 0
          ? null
          : { draftTokens, acceptedTokens, acceptanceRate: acceptedTokens / draftTokens },
      );
    });

    it("is cut exactly: at a stop string, at a stop token, at each length", async () => {
      const stopped = await llm.generate("a", { ...raw, stopStrings: ["hij"] });
      expect(stopped).toMatchObject({ text: "bcdefg", finishReason: "stop", stopReason: "hij" });
      expect(stopped.usage.completionTokens).toBe(9);
      const kept = await llm.generate("a", { ...raw, stopStrings: ["hij"], includeStopStrInOutput: true });
      expect(kept.text).toBe("bcdefghij");
      const { tokenIds } = await llm.generate("a", { ...raw, maxNewTokens: 9 });
      const stop = tokenIds[6]!;
      const byToken = await llm.generate("a", { ...raw, stopTokenIds: [stop] });
      expect(byToken).toMatchObject({ text: "bcdefgh", finishReason: "stop", stopReason: stop });
      expect(byToken.tokenIds.at(-1)).toBe(stop);
      for (let maxNewTokens = 1; maxNewTokens <= 13; maxNewTokens++) {
        const result = await llm.generate("p", { ...raw, maxNewTokens });
        expect(result).toMatchObject({ text: after("p", maxNewTokens), finishReason: "length" });
        expect(result.tokenIds).toHaveLength(maxNewTokens);
      }
    });

    it("an abort in the middle leaves it as it was", async () => {
      const stream = llm.stream("a", { ...raw, maxNewTokens: 1500 });
      for await (const chunk of stream) if (chunk.index > 20) break;
      const partial = await stream.result;
      expect(partial.finishReason).toBe("abort");
      expect(after("a", 1500).startsWith(partial.text)).toBe(true);
      expect((await llm.generate("q", { ...raw, maxNewTokens: 30 })).text).toBe(after("q", 30));
    });
  });

  it("with a confidence threshold a sure draft model drafts as far as it can", async () => {
    await using(load(target, { draftModel: drafts.half }), async (llm) => {
      const options = { ...raw, assistantConfidenceThreshold: 0.4, maxNewTokens: 20 };
      const chunks = await collect(llm.stream("a", options));
      expect(chunks.map(({ text }) => text).join("")).toBe(after("a", 20));
      expect(sizes(chunks)).toEqual(expectedSteps(ALPHABET.slice(0, 13), "a", 20, 20).steps);
      const whole = await llm.generate("a", options);
      expect(whole.tokenIds).toHaveLength(20);
      expect(whole).not.toHaveProperty("logprobs");
      expect(llm.generationConfig(options)).toMatchObject({
        assistantConfidenceThreshold: 0.4,
        numAssistantTokens: null,
      });
    });
  });

  it("ends at the end of sequence, also within several tokens, and goes on after it with ignoreEos", async () => {
    const path = await chainModel();
    await using(load(path, { draftModel: path }), async (llm) => {
      const stream = llm.stream("hello");
      const chunks = await collect(stream);
      expect(chunks.map(({ text }) => text).join("")).toBe(CHAIN_TEXT);
      expect(chunks.length).toBeLessThan(8);
      expect(await stream.result).toMatchObject({ text: CHAIN_TEXT, finishReason: "stop", stopReason: null });
      const on = await llm.generate("hello", { ignoreEos: true, maxNewTokens: 45 });
      expect(on).toMatchObject({ finishReason: "length", usage: { completionTokens: 45 } });
      expect(on.text.startsWith(CHAIN_TEXT + CHAIN_TEXT.slice(0, 5))).toBe(true);
    });
  });

  it("refuses what GenAI would answer wrongly, or never", async () => {
    await using(
      load(target, { draftModel: { model: drafts.half, device: "CPU", properties: {} } }),
      async (llm) => {
        for (const options of [
          { numAssistantTokens: 0 },
          { temperature: 0.5 },
          { doSample: true },
          { minNewTokens: 2 },
          { numBeams: 2 },
          { maxNgramSize: 3 },
        ]) {
          await expect(llm.generate("a", options), JSON.stringify(options)).rejects.toThrow(TypeError);
        }
        expect((await llm.generate("a", { ...raw, maxNewTokens: 12 })).text).toBe(after("a", 12));
        expect(llm.generationConfig()).toMatchObject({
          numAssistantTokens: 5,
          maxNgramSize: 0,
          doSample: false,
        });
      },
    );
  });

  it("is decoded greedily where the model's own file samples or asks for a minimum", async () => {
    const dir = copyOf(await loadedPath(target), {
      "generation_config.json": {
        do_sample: true,
        temperature: 2,
        min_new_tokens: 4,
        num_assistant_tokens: 2,
        eos_token_id: 287,
      },
    });
    await using(load(dir, { draftModel: target }), async (llm) => {
      expect(llm.generationConfig()).toMatchObject({
        doSample: false,
        minNewTokens: 0,
        numAssistantTokens: 2,
      });
      const chunks = await collect(llm.stream("a", { ...raw, maxNewTokens: 10 }));
      expect(chunks.map(({ text }) => text).join("")).toBe(after("a", 10));
      expect(sizes(chunks)).toEqual([1, 3, 3, 3]);
    });
  });

  it("has to have the same vocabulary", async () => {
    const other = copyOf(await loadedPath(target), { "config.json": { vocab_size: 300 } });
    await expect(load(target, { draftModel: other })).rejects.toThrow(
      expect.objectContaining({ code: "ERR_MODEL_LOAD", message: expect.stringMatching(/288.*300/) }),
    );
  });

  it("has to be there, and its device too", async () => {
    await expect(load(target, { draftModel: "no-such-model" })).rejects.toMatchObject({
      code: "ERR_MODEL_NOT_FOUND",
    });
    await expect(load(target, { draftModel: { model: target, device: "GPU" } })).rejects.toMatchObject({
      code: "ERR_DEVICE",
    });
    await expect(load(target, { draftModel: target, promptLookup: true })).rejects.toThrow(TypeError);
  });
});

describe.each(PIPELINES)("prompt lookup in $name", ({ load }) => {
  let llm: TextGenerator;
  beforeAll(async () => {
    llm = await load(target, { promptLookup: true });
  });
  afterAll(() => llm.close());

  it("finds in the prompt what comes next", async () => {
    const chunks = await collect(llm.stream(`${ALPHABET} abc`, { ...raw, maxNewTokens: 21 }));
    expect(chunks.map(({ text }) => text).join("")).toBe(after("c", 21));
    expect(sizes(chunks)).toEqual([1, 6, 6, 6, 2]);
    const more = { ...raw, maxNewTokens: 21, numAssistantTokens: 8, maxNgramSize: 1 };
    expect(sizes(await collect(llm.stream(`${ALPHABET} abc`, more)))).toEqual([1, 9, 9, 2]);
  });

  it("gives the model's text where the prompt says otherwise, or nothing", async () => {
    for (const prompt of [`${REVERSED} ${REVERSED} c`, "Z c", `${"abcx".repeat(30)}c`]) {
      const result = await llm.generate(prompt, { ...raw, maxNewTokens: 70 });
      expect(result).toMatchObject({ text: after("c", 70), finishReason: "length" });
      expect(result.timing.speculative).toBeNull();
    }
  });

  it("is cut exactly: at a stop string, at each length", async () => {
    const prompt = `${ALPHABET}${ALPHABET} a`;
    const stopped = await llm.generate(prompt, { ...raw, stopStrings: ["hij"] });
    expect(stopped).toMatchObject({ text: "bcdefg", finishReason: "stop", stopReason: "hij" });
    expect(stopped.usage.completionTokens).toBe(9);
    for (let maxNewTokens = 1; maxNewTokens <= 13; maxNewTokens++) {
      const result = await llm.generate(prompt, { ...raw, maxNewTokens });
      expect(result).toMatchObject({ text: after("a", maxNewTokens), finishReason: "length" });
      expect(result.tokenIds).toHaveLength(maxNewTokens);
    }
  });

  it("keeps symbols of several bytes whole, whatever tokens come together", async () => {
    const path = await chainModel();
    await using(load(path, { promptLookup: true }), async (own) => {
      for (const numAssistantTokens of [1, 2, 3, 4, 5, 30]) {
        const options = { ...raw, numAssistantTokens, maxNgramSize: 2 };
        const stream = own.stream(`${CHAIN_TEXT}${CHAIN_TEXT} Z`, options);
        const chunks = await collect(stream);
        expect(chunks.map(({ text }) => text).join("")).toBe(CHAIN_TEXT.slice(1));
        for (const { text } of chunks) expect(text).not.toContain("\uFFFD");
        expect(Math.max(...sizes(chunks))).toBeGreaterThan(1);
        expect(await stream.result).toMatchObject({ text: CHAIN_TEXT.slice(1), finishReason: "stop" });
      }
    });
  });

  it("a draft token that was rejected is not taken for text of a later prompt", async () => {
    const recalling = await recallingChainModel({ text: ALPHABET, loop: true }, { seen: "#", recalled: "m" });
    await using(load(recalling, { promptLookup: true }), async (own) => {
      const share = (text: string): number => (text.split("#").length - 1) / text.length;
      // After "ab" the prompt has "#12", and the model says "c". The prompt has 28 tokens, so the draft token stands in
      // the first block of the cache, of 32, which GenAI would file under it.
      const prompt = `ab#12${".".repeat(22)}a`;
      expect(share(prompt)).toBeLessThan(RECALL_SHARE);
      const first = await own.generate(prompt, { ...raw, maxNewTokens: 6 });
      expect(first).toMatchObject({ text: "bcdefg", usage: { promptTokens: 28 } });
      const next = `${prompt}b#12...`;
      expect(share(next)).toBeGreaterThan(RECALL_SHARE);
      expect((await own.generate(next, { ...raw, maxNewTokens: 2 })).text).toBe("nn");
    });
  });

  it("samples what the model samples", async () => {
    const options = { ...raw, temperature: 4, rngSeed: 11, maxNewTokens: 40, ignoreEos: true };
    const plain = await using(load(target), (own) => own.generate(`${ALPHABET} a`, options));
    const found = await llm.generate(`${ALPHABET} a`, options);
    expect(found.tokenIds).toEqual(plain.tokenIds);
  });

  it("refuses what GenAI would answer wrongly, or not at all", async () => {
    for (const options of [
      { numAssistantTokens: 0 },
      { maxNgramSize: 0 },
      { minNewTokens: 2 },
      { numBeams: 2 },
      { temperature: 1, numReturnSequences: 2 },
      { assistantConfidenceThreshold: 0.5 },
    ]) {
      await expect(llm.generate("a", options), JSON.stringify(options)).rejects.toThrow(TypeError);
    }
    await expect(llm.generate("a", { numAssistantTokens: 1025 })).rejects.toThrow(RangeError);
    expect(llm.generationConfig()).toMatchObject({ numAssistantTokens: 5, maxNgramSize: 3 });
  });
});

describe("with a LoRA adapter of the model", () => {
  it.each<[string, () => LoadOptions]>([
    ["a draft model without it", () => ({ draftModel: target })],
    ["prompt lookup", () => ({ promptLookup: true })],
  ])("%s: the text is the adapted model's, call by call", async (_, options) => {
    const path = written(join(temporaryFolder(), "c.safetensors"), jumpAdapter("c", "x"));
    await using(LLMPipeline.load(target, { ...options(), adapters: [{ path }] }), async (llm) => {
      const ask = { ...raw, maxNewTokens: 30 };
      const adapted = "bcxyza".repeat(5);
      const texts = [];
      for (const adapters of [undefined, [], [{ path }]]) {
        texts.push((await llm.generate(`${ALPHABET} a`, { ...ask, adapters })).text);
      }
      expect(texts).toEqual([adapted, after("a", 30), adapted]);
    });
  });
});

describe("many requests at once", () => {
  const kinds: [string, () => LoadOptions][] = [
    ["draft model", () => ({ draftModel: drafts.half })],
    ["draft model that is never right", () => ({ draftModel: drafts.reversed })],
    ["prompt lookup", () => ({ promptLookup: true })],
  ];

  it.each(kinds)(
    "%s: each its own text and length, also with long prompts and aborts",
    async (_, options) => {
      const engine = await ContinuousBatchingPipeline.load(target, options());
      try {
        const requests = Array.from({ length: 24 }, (_unused, i) => ({
          letter: ALPHABET.charAt((i * 7) % 26),
          // Together more than GenAI puts into one step by itself, which it then gets wrong.
          prompt: `${(i % 2 === 0 ? "x" : ALPHABET).repeat([0, 3, 300, 30][i % 4]!)} `,
          maxNewTokens: 5 + ((i * 13) % 60),
          numAssistantTokens: 1 + (i % 8),
        }));
        const aborted = engine.stream("p", raw);
        const answers = requests.map(async ({ letter, prompt, ...rest }, i) => {
          if (i % 3 === 0) await aborted.next(); // come in while others run
          return engine.generate(prompt + letter, { ...raw, ...rest });
        });
        aborted.result.catch(() => {});
        const results: GenerationResult[] = await Promise.all(answers);
        aborted.cancel();
        expect(results.map(({ text }) => text)).toEqual(
          requests.map(({ letter, maxNewTokens }) => after(letter, maxNewTokens)),
        );
        expect(results.map(({ usage }) => usage.completionTokens)).toEqual(
          requests.map(({ maxNewTokens }) => maxNewTokens),
        );
        expect((await aborted.result).finishReason).toBe("abort");
        expect((await engine.generate("q", { ...raw, maxNewTokens: 30 })).text).toBe(after("q", 30));
        expect(engine.healthy).toBe(true);
      } finally {
        await engine.close();
      }
    },
  );

  it.each(kinds)("%s: log-probabilities are the model's own", async (_, options) => {
    const ask = { ...raw, logprobs: 1, maxNewTokens: 40 };
    const prompt = `${ALPHABET} a`;
    const plain = await using(ContinuousBatchingPipeline.load(target), (engine) =>
      engine.generate(prompt, ask),
    );
    const result = await using(ContinuousBatchingPipeline.load(target, options()), (engine) =>
      engine.generate(prompt, ask),
    );
    expect(result.logprobs).toHaveLength(40);
    result.logprobs!.forEach((value, i) => expect(value).toBeCloseTo(plain.logprobs![i]!, 4));
  });

  it.each(kinds)("%s: a scheduler under which GenAI answers wrongly is refused", async (_, options) => {
    for (const scheduler of [
      { maxNumBatchedTokens: 256 },
      { numKvBlocks: 100 },
      { cacheSizeGb: 1 },
      { dynamicSplitFuse: false },
      { enablePrefixCaching: true },
      { cacheEvictionConfig: {} },
    ]) {
      const [name] = Object.keys(scheduler);
      const loading = ContinuousBatchingPipeline.load(target, { ...options(), scheduler });
      await expect(loading).rejects.toThrow(TypeError);
      await expect(loading).rejects.toThrow(`options.scheduler.${name}`);
    }
    const engine = await ContinuousBatchingPipeline.load(target, {
      ...options(),
      scheduler: { maxNumSeqs: 2, numKvBlocks: 0, enablePrefixCaching: false },
    });
    try {
      expect(engine.schedulerConfig()).toMatchObject({ maxNumSeqs: 2, maxNumBatchedTokens: 2 ** 31 - 1 });
      expect((await engine.generate("a", { ...raw, maxNewTokens: 9 })).text).toBe(after("a", 9));
    } finally {
      await engine.close();
    }
  });
});

/** The folder with the IR of a GGUF file. */
async function loadedPath(model: string): Promise<string> {
  return using(LLMPipeline.load(model), async (llm) => llm.model.path);
}

function copyOf(dir: string, files: Readonly<Record<string, unknown>>): string {
  const copy = join(temporaryFolder(), "model");
  cpSync(dir, copy, { recursive: true });
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(copy, name), JSON.stringify(content));
  return copy;
}
