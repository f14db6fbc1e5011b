import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, LLMPipeline, type GenerationResult } from "../../lib/index.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";

/** Repeats the alphabet; a raw prompt goes on after its last letter. */
let engine: ContinuousBatchingPipeline;
let path: string;
beforeAll(async () => {
  engine = await ContinuousBatchingPipeline.load(
    await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 }),
  );
  path = engine.model.path;
});
afterAll(() => engine.close());

const raw = { applyChatTemplate: false };

/** What the model says after a letter. */
function after(letter: string, tokens: number): string {
  const start = ALPHABET.indexOf(letter) + 1;
  return ALPHABET.repeat(Math.ceil(tokens / 26) + 1).slice(start, start + tokens);
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly partial: GenerationResult;
}

async function failure(promise: Promise<unknown>): Promise<Failure> {
  return promise.then(
    () => expect.fail("expected a rejection"),
    (error: Failure) => error,
  );
}

/** Answers, behind which nothing of what was cancelled is left. */
async function expectIdle(pipeline: ContinuousBatchingPipeline): Promise<void> {
  expect((await pipeline.generate("a", { ...raw, maxNewTokens: 3 })).text).toBe("bcd");
  expect(pipeline.metrics()).toMatchObject({ running: 0, waiting: 0, cacheUsagePercent: 0 });
}

describe("many requests at once", () => {
  it.each([1, 2, 16, 64])("%d raw prompts, each its own text and length", async (count) => {
    const prompts = Array.from({ length: count }, (_, i) => ({
      letter: ALPHABET.charAt((i * 7) % 26),
      maxNewTokens: 5 + ((i * 13) % 60),
    }));
    const before = engine.metrics().totals;
    const results = await Promise.all(
      prompts.map(({ letter, maxNewTokens }) => engine.generate(`say ${letter}`, { ...raw, maxNewTokens })),
    );
    expect(results.map(({ text }) => text)).toEqual(
      prompts.map(({ letter, maxNewTokens }) => after(letter, maxNewTokens)),
    );
    const { totals, running, waiting } = engine.metrics();
    expect({ running, waiting }).toEqual({ running: 0, waiting: 0 });
    expect(totals.finished - before.finished).toBe(count);
    expect(totals.completionTokens - before.completionTokens).toBe(
      prompts.reduce((sum, { maxNewTokens }) => sum + maxNewTokens, 0),
    );
    // One inference a step for all of them.
    expect(totals.steps - before.steps).toBeLessThan(2 * 64 + 4);
  });

  it("some stream, some stop at strings, some sample, some have beams", async () => {
    const options = { ...raw, maxNewTokens: 30 };
    const stream = engine.stream("a", options);
    const [stopped, sampled, beams, kept] = await Promise.all([
      engine.generate("b", { ...options, stopStrings: ["hij"] }),
      engine.generate("c", { ...options, temperature: 5, rngSeed: 3 }),
      engine.generate("d", { ...options, numBeams: 3, numReturnSequences: 2 }),
      engine.generate("e", { ...options, stopStrings: ["z"], includeStopStrInOutput: true }),
    ]);
    let streamed = "";
    for await (const chunk of stream) streamed += chunk.text;
    expect(streamed).toBe(after("a", 30));
    expect(stopped).toMatchObject({ text: "cdefg", finishReason: "stop", stopReason: "hij" });
    expect(stopped.usage.completionTokens).toBe(8);
    expect(sampled.usage.completionTokens).toBe(30);
    expect(beams.choices).toHaveLength(2);
    expect(beams.choices?.[0]?.text).toBe(after("d", 30));
    expect(kept.text).toBe(after("e", 21));
  });

  it("an abort ends one and disturbs no other", async () => {
    const before = engine.metrics().totals.aborted;
    const controller = new AbortController();
    const neighbours = ["m", "n", "o"].map((letter) =>
      engine.generate(letter, { ...raw, maxNewTokens: 100 }),
    );
    const aborted = engine.stream("p", { ...raw, signal: controller.signal, onAbort: "return" });
    for await (const chunk of aborted) if (chunk.index === 10) controller.abort();
    const result = await aborted.result;
    expect(result.finishReason).toBe("abort");
    expect(after("p", 1000).startsWith(result.text)).toBe(true);
    expect((await Promise.all(neighbours)).map(({ text }) => text)).toEqual(
      ["m", "n", "o"].map((letter) => after(letter, 100)),
    );
    expect(engine.metrics().totals.aborted - before).toBe(1);
  });

  it("an abort ends a prefill long before its end, and a running neighbour goes on", async () => {
    const neighbour = engine.stream("a", { ...raw, maxNewTokens: 60 });
    const controller = new AbortController();
    const before = engine.metrics().totals.steps;
    // 60,000 tokens are more than 234 steps of 256.
    const prompt = { tokenIds: new Int32Array(60_000).fill(70) };
    let prefill: Promise<GenerationResult> | undefined;
    let text = "";
    for await (const chunk of neighbour) {
      text += chunk.text;
      if (chunk.index === 2) {
        prefill = engine.generate(prompt, { signal: controller.signal, onAbort: "return" });
      }
      if (chunk.index === 6) controller.abort();
    }
    expect(text).toBe(after("a", 60));
    expect(await prefill).toMatchObject({ finishReason: "abort", usage: { completionTokens: 0 } });
    expect(engine.metrics().totals.steps - before).toBeLessThan(120);
  });
});

describe("logprobs", () => {
  it("come with every token of stream() and generate(), and LLMPipeline has none", async () => {
    const options = { ...raw, maxNewTokens: 5, logprobs: 1 };
    const stream = engine.stream("a", options);
    const streamed: number[] = [];
    for await (const chunk of stream) {
      expect(chunk.logprobs).toHaveLength(chunk.tokenIds.length);
      streamed.push(...(chunk.logprobs ?? []));
    }
    const { logprobs } = await engine.generate("a", options);
    expect(logprobs).toEqual(streamed);
    expect(logprobs).toHaveLength(5);
    // The successor's logit is the only one above zero, and the same for each letter.
    for (const logprob of streamed) {
      expect(logprob).toBeLessThan(0);
      expect(logprob).toBeCloseTo(streamed[0] ?? 0, 3);
    }
    expect(await engine.generate("a", { ...raw, maxNewTokens: 2 })).not.toHaveProperty("logprobs");
    const llm = await LLMPipeline.load(path);
    expect(() => llm.stream("a", { logprobs: 1 })).toThrow(TypeError);
    await llm.close();
  });

  it("come with each of several choices", async () => {
    const { choices } = await engine.generate("a", {
      ...raw,
      maxNewTokens: 4,
      temperature: 1,
      numReturnSequences: 3,
      logprobs: 1,
    });
    expect(choices).toHaveLength(3);
    for (const choice of choices ?? []) expect(choice.logprobs).toHaveLength(choice.tokenIds.length);
  });
});

it.each([1, 3])(
  "without split-fuse, one that waits is answered when all %d that run are aborted",
  async (maxNumSeqs) => {
    const own = await ContinuousBatchingPipeline.load(path, {
      scheduler: { dynamicSplitFuse: false, maxNumSeqs },
    });
    try {
      const streams = Array.from({ length: maxNumSeqs }, () =>
        own.stream("a", { ...raw, maxNewTokens: 1000 }),
      );
      const next = own.generate("b", { ...raw, maxNewTokens: 5 });
      await Promise.all(streams.map((stream) => stream.next()));
      for (const stream of streams) stream.cancel();
      expect((await next).text).toBe(after("b", 5));
    } finally {
      await own.close();
    }
  },
);

describe("the key-value cache", () => {
  it("that is full ends a request with an error that has the tokens so far", async () => {
    const small = await ContinuousBatchingPipeline.load(path, { scheduler: { numKvBlocks: 4 } });
    try {
      const error = await failure(small.generate("a", { ...raw, maxNewTokens: 1000 }));
      expect(error).toMatchObject({ name: "OpenVinoLlmError", code: "ERR_KV_CACHE_FULL" });
      const { text, finishReason, usage } = error.partial;
      expect(finishReason).toBe("abort");
      expect(usage.completionTokens).toBeGreaterThan(64);
      expect(usage.completionTokens).toBeLessThanOrEqual(128);
      expect(text).toBe(after("a", usage.completionTokens));
      expect((await small.generate("b", { ...raw, maxNewTokens: 20 })).text).toBe(after("b", 20));
      expect(small.metrics()).toMatchObject({ cacheUsagePercent: 0, totals: { finished: 1, failed: 1 } });
    } finally {
      await small.close();
    }
  });

  it.each([true, false])(
    "of a size in GB is entered at full length, with split-fuse: %s",
    async (dynamicSplitFuse) => {
      const model = await chainModel({ text: ALPHABET, loop: true, contextLength: 2 ** 31 - 1 });
      const scheduler = { cacheSizeGb: 1, dynamicSplitFuse };
      const small = await ContinuousBatchingPipeline.load(model, { scheduler });
      try {
        // One block was used to see how large it is.
        const blocks = 100 / small.metrics().maxCacheUsagePercent;
        for (const [tokens, running, waiting] of [
          [16 * blocks, 2, 0],
          [16 * blocks + 1, 1, 1],
        ] as const) {
          const streams = ["a", "b"].map((letter) =>
            small.stream(letter, { ...raw, maxNewTokens: tokens - 1 }),
          );
          await streams[0]?.next();
          expect(small.metrics()).toMatchObject({ running, waiting });
          for (const stream of streams) stream.cancel();
          await expectIdle(small);
        }
      } finally {
        await small.close();
      }
    },
  );

  it("that a prompt can never fit is reported with the numbers", async () => {
    const small = await ContinuousBatchingPipeline.load(path, { scheduler: { numKvBlocks: 4 } });
    try {
      const error = await failure(small.generate("x".repeat(200), raw));
      expect(error).toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
      expect(error.message).toMatch(/128 tokens.*200/);
      const fitting = await failure(small.generate("x".repeat(128), raw));
      expect(fitting).toMatchObject({ code: "ERR_KV_CACHE_FULL" });
    } finally {
      await small.close();
    }
  });

  it("grows where nothing bounds it, and its figures are those of GenAI", async () => {
    expect(engine.metrics().cacheSizeBytes).toBeGreaterThan(0);
    expect(engine.metrics().cacheUsagePercent).toBe(0);
    expect(engine.metrics().maxCacheUsagePercent).toBeGreaterThan(0);
  });
});

it("metrics() count a request as soon as its caller knows how it ended", async () => {
  const small = await ContinuousBatchingPipeline.load(path, { scheduler: { numKvBlocks: 4 } });
  try {
    // Again and again: figures that come after the event are late only now and then.
    for (let i = 1; i <= 100; i++) {
      expect(await failure(small.generate("x".repeat(200), raw))).toMatchObject({
        code: "ERR_PROMPT_TOO_LONG",
      });
      expect(small.metrics().totals).toMatchObject({ finished: i - 1, failed: i });
      await small.generate("a", { ...raw, maxNewTokens: 1 });
      expect(small.metrics()).toMatchObject({ running: 0, waiting: 0, totals: { finished: i, failed: i } });
    }
  } finally {
    await small.close();
  }
});

describe("scheduler options", () => {
  it("are merged over the defaults and read back from what GenAI was given", async () => {
    const own = await ContinuousBatchingPipeline.load(path, {
      scheduler: { maxNumSeqs: 3, enablePrefixCaching: true, cacheEvictionConfig: { recentSize: 64 } },
    });
    try {
      expect(own.schedulerConfig()).toEqual({
        ...engine.schedulerConfig(),
        maxNumSeqs: 3,
        enablePrefixCaching: true,
        useCacheEviction: true,
        cacheEvictionConfig: { ...engine.schedulerConfig().cacheEvictionConfig, recentSize: 64 },
      });
    } finally {
      await own.close();
    }
  });

  it("maxNumSeqs bounds what runs at once", async () => {
    const narrow = await ContinuousBatchingPipeline.load(path, { scheduler: { maxNumSeqs: 2 } });
    try {
      const sequences: number[] = [];
      const streams = ["a", "b", "c", "d", "e"].map((letter) =>
        narrow.stream(letter, { ...raw, maxNewTokens: 20 }),
      );
      await Promise.all(
        streams.map(async (stream) => {
          for await (const _ of stream)
            sequences.push(narrow.metrics().lastStep.sequences, narrow.metrics().running);
        }),
      );
      expect(Math.max(...sequences)).toBe(2);
    } finally {
      await narrow.close();
    }
  });

  it("and the beams of one request, which need as many slots", async () => {
    const narrow = await ContinuousBatchingPipeline.load(path, { scheduler: { maxNumSeqs: 3 } });
    try {
      await expect(narrow.generate("a", { ...raw, numBeams: 4 })).rejects.toThrow(
        /options\.numBeams.*maxNumSeqs \(3\)|maxNumSeqs \(3\).*options\.numBeams/,
      );
      const beams = narrow.generate("a", { ...raw, numBeams: 3, maxNewTokens: 4 });
      const beside = narrow.generate("b", { ...raw, maxNewTokens: 4 });
      expect((await beams).text).toBe("bcde");
      expect((await beside).text).toBe("cdef");
    } finally {
      await narrow.close();
    }
  });

  it("without dynamicSplitFuse a prompt must fit a step", async () => {
    const whole = await ContinuousBatchingPipeline.load(path, {
      scheduler: { dynamicSplitFuse: false, maxNumBatchedTokens: 64, maxNumSeqs: 8 },
    });
    try {
      const error = await failure(whole.generate("x".repeat(65), raw));
      expect(error).toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
      expect((await whole.generate(`${"x".repeat(60)}a`, { ...raw, maxNewTokens: 3 })).text).toBe("bcd");
    } finally {
      await whole.close();
    }
  });
});

describe("the waiting queue", () => {
  it("refuses what is beyond maxQueue at once, and takes more when there is room", async () => {
    const narrow = await ContinuousBatchingPipeline.load(path, { scheduler: { maxNumSeqs: 1 }, maxQueue: 2 });
    try {
      const taken = ["a", "b", "c"].map((letter) => narrow.generate(letter, { ...raw, maxNewTokens: 40 }));
      const error = await failure(narrow.generate("d", raw));
      expect(error).toMatchObject({ code: "ERR_QUEUE_FULL" });
      await expect(narrow.stream("d", raw).next()).rejects.toMatchObject({ code: "ERR_QUEUE_FULL" });
      expect((await Promise.all(taken)).map(({ text }) => text)).toEqual(
        ["a", "b", "c"].map((letter) => after(letter, 40)),
      );
      expect((await narrow.generate("d", { ...raw, maxNewTokens: 2 })).text).toBe("ef");
    } finally {
      await narrow.close();
    }
  });
});

describe("close({ drainMs })", () => {
  it("lets what was accepted finish, and takes nothing more", async () => {
    const own = await ContinuousBatchingPipeline.load(path, { scheduler: { maxNumSeqs: 2 } });
    const running = ["a", "b", "c"].map((letter) => own.generate(letter, { ...raw, maxNewTokens: 60 }));
    const closed = own.close({ drainMs: 600_000 });
    await expect(own.generate("d", raw)).rejects.toMatchObject({ code: "ERR_CLOSED" });
    expect((await Promise.all(running)).map(({ text }) => text)).toEqual(
      ["a", "b", "c"].map((letter) => after(letter, 60)),
    );
    await closed;
  });

  it("is cut short by a second close()", async () => {
    const own = await ContinuousBatchingPipeline.load(path);
    const endless = failure(own.generate("a", raw));
    const closed = own.close({ drainMs: 600_000 });
    await own.close();
    await closed;
    expect(await endless).toMatchObject({ code: "ERR_CLOSED" });
  });

  it("ends after its time", async () => {
    const own = await ContinuousBatchingPipeline.load(path);
    const endless = failure(own.generate("a", raw));
    await own.close({ drainMs: 1 });
    expect(await endless).toMatchObject({ code: "ERR_CLOSED" });
  });

  it.each([[{ drainMs: -1 }], [{ drainMs: NaN }], [{ drainMs: "5" }], [{ drain: 5 }], [5]])(
    "refuses %j",
    async (options) => {
      expect(() => engine.close(options as never)).toThrow(/options/);
      expect((await engine.generate("a", { ...raw, maxNewTokens: 2 })).text).toBe("bc");
    },
  );
});
