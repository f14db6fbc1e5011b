import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  AbortError,
  ContinuousBatchingPipeline,
  OpenVinoLlmError,
  type BatchingLoadOptions,
  type CallOptions,
  type GenerationResult,
} from "../../lib/index.js";
import { answerAfter, ask, expectIdleAfter, letterOf, nextTurn, RAW } from "../helpers/batching.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { below, randomNumbers } from "../../scripts/random-numbers.mjs";

let model: string;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true, contextLength: 4096 });
});

let llm: ContinuousBatchingPipeline;
afterEach(() => llm.close());

async function load(options: BatchingLoadOptions): Promise<void> {
  llm = await ContinuousBatchingPipeline.load(model, options);
}

describe("200 requests at once, a third aborted at random moments, a third with stop strings", () => {
  const REQUESTS = 200;
  const MAX_NEW_TOKENS = 60;

  interface Sent {
    readonly letter: string;
    readonly kind: "plain" | "aborted" | "stopped";
    readonly onAbort: "throw" | "return";
    /** Where the stop string begins. */
    readonly stopAt: number;
    readonly controller: AbortController;
    readonly result: Promise<GenerationResult>;
  }

  function send(number: number, random: () => number): Sent {
    const letter = letterOf(number);
    const kind = (["plain", "aborted", "stopped"] as const)[number % 3] ?? "plain";
    const onAbort = below(random, 2) === 0 ? "throw" : "return";
    const stopAt = below(random, MAX_NEW_TOKENS - 2);
    const controller = new AbortController();
    const stopString = answerAfter(letter, MAX_NEW_TOKENS).slice(stopAt, stopAt + 3);
    const options: CallOptions = {
      maxNewTokens: MAX_NEW_TOKENS,
      ...(kind === "aborted" ? { signal: controller.signal, onAbort } : {}),
      ...(kind === "stopped" ? { stopStrings: [stopString] } : {}),
    };
    const result = ask(llm, letter, options, 1 + below(random, 40));
    return { letter, kind, onAbort, stopAt, controller, result };
  }

  /** Aborts each after its own number of produced tokens, of all requests, or of turns of the event loop. */
  async function abortAtRandomMoments(
    sent: readonly Sent[],
    random: () => number,
    allSettled: Promise<unknown>,
  ): Promise<void> {
    const moments = sent.map(({ controller }) => ({
      controller,
      tokens: below(random, 2) === 0 ? below(random, 4000) : Infinity,
      turns: below(random, 400),
    }));
    const done = { yes: false };
    void allSettled.then(() => (done.yes = true));
    for (let turn = 0; !done.yes; turn++) {
      for (const { controller, tokens, turns } of moments) {
        if (tokens === Infinity ? turn >= turns : llm.producedTokens >= tokens) controller.abort();
      }
      await nextTurn();
    }
  }

  /** Throws unless the request ended as it should; what it gave is right as far as it goes. */
  function check(sent: Sent, outcome: PromiseSettledResult<GenerationResult>): string {
    const whole = answerAfter(sent.letter, MAX_NEW_TOKENS);
    if (outcome.status === "rejected") {
      const error = outcome.reason as OpenVinoLlmError<GenerationResult>;
      expect(error).toBeInstanceOf(OpenVinoLlmError);
      const text = error.partial?.text ?? "no partial result";
      expect(whole.startsWith(text), `${error.code}: ${text} after ${sent.letter}`).toBe(true);
      if (error instanceof AbortError) expect(sent).toMatchObject({ kind: "aborted", onAbort: "throw" });
      return error.code;
    }
    const { text, finishReason, stopReason } = outcome.value;
    if (finishReason === "abort") {
      expect(sent).toMatchObject({ kind: "aborted", onAbort: "return" });
      expect(whole.startsWith(text), `${text} after ${sent.letter}`).toBe(true);
    } else if (sent.kind === "stopped") {
      // The alphabet repeats itself, so the first match may be one round earlier.
      const stopAt = sent.stopAt % ALPHABET.length;
      expect({ text, stopReason }).toEqual({
        text: whole.slice(0, stopAt),
        stopReason: whole.slice(stopAt, stopAt + 3),
      });
    } else {
      expect({ text, finishReason }).toEqual({ text: whole, finishReason: "length" });
    }
    return finishReason;
  }

  async function sendAll(seed: number): Promise<Record<string, number>> {
    const random = randomNumbers(seed);
    const sent = Array.from({ length: REQUESTS }, (_, number) => send(number, random));
    const settled = Promise.allSettled(sent.map(({ result }) => result));
    await abortAtRandomMoments(
      sent.filter(({ kind }) => kind === "aborted"),
      random,
      settled,
    );
    const endings: Record<string, number> = {};
    for (const [i, outcome] of (await settled).entries()) {
      const ending = check(sent[i] as Sent, outcome);
      endings[ending] = (endings[ending] ?? 0) + 1;
    }
    return endings;
  }

  it.each<BatchingLoadOptions["scheduler"]>([
    { maxNumSeqs: 64 },
    { maxNumSeqs: 64, enablePrefixCaching: true },
    { maxNumSeqs: 64, dynamicSplitFuse: false },
    // A prompt of 40 tokens takes many steps.
    { maxNumSeqs: 8, maxNumBatchedTokens: 8 },
    // Room for some six of them: the others wait.
    { maxNumSeqs: 64, numKvBlocks: 24 },
    { maxNumSeqs: 64, numKvBlocks: 24, dynamicSplitFuse: false },
    { maxNumSeqs: 64, numKvBlocks: 24, enablePrefixCaching: true },
  ])("all give what they should: %o", async (scheduler) => {
    await load({ scheduler });
    for (const seed of [1, 2]) {
      const { length, stop, ERR_KV_CACHE_FULL } = await sendAll(seed);
      expect(length).toBeGreaterThanOrEqual(REQUESTS / 3);
      expect(stop).toBe(Math.floor(REQUESTS / 3));
      expect(ERR_KV_CACHE_FULL).toBeUndefined();
      await expectIdleAfter(llm, seed * (REQUESTS + 1) - 1);
    }
  });

  it("those that find no room in the cache fail with what they have", async () => {
    await load({ scheduler: { maxNumSeqs: 64, numKvBlocks: 3 } }); // 96 tokens; the largest requests want 100
    const { ERR_KV_CACHE_FULL } = await sendAll(3);
    expect(ERR_KV_CACHE_FULL).toBeGreaterThan(0);
    await expectIdleAfter(llm, REQUESTS);
  });
});

it.each([false, true])(
  "requests of several sequences share a small cache with others, enablePrefixCaching: %s",
  async (enablePrefixCaching) => {
    await load({
      scheduler: { numKvBlocks: 16, maxNumSeqs: 32, maxNumBatchedTokens: 64, enablePrefixCaching },
    });
    const random = randomNumbers(4);
    const several: readonly CallOptions[] = [
      {},
      { numBeams: 3, numReturnSequences: 2 },
      { numReturnSequences: 3, temperature: 1, topK: 1 },
    ];
    const lengths = Array.from({ length: 90 }, () => 5 + below(random, 56));
    const results = await Promise.all(
      lengths.map((maxNewTokens, number) =>
        ask(llm, letterOf(number), { maxNewTokens, ...several[number % 3] }, 1 + below(random, 60)),
      ),
    );
    for (const [number, { text, choices }] of results.entries()) {
      expect(text).toBe(answerAfter(letterOf(number), lengths[number] ?? NaN));
      expect(choices?.length).toBe([undefined, 2, 3][number % 3]);
    }
    await expectIdleAfter(llm, 90);
  },
);

it("a request that is aborted gives its part of the cache back at once", async () => {
  await load({ scheduler: { numKvBlocks: 100 } });
  const stream = llm.stream("a".repeat(500), { ...RAW, maxNewTokens: 2000 });
  await stream.next();
  expect(llm.metrics().cacheUsagePercent).toBeGreaterThanOrEqual(16);
  stream.cancel();
  while (llm.metrics().totals.aborted === 0) await nextTurn();
  expect(llm.metrics()).toMatchObject({ running: 0, cacheUsagePercent: 0 });
});

it("1,000 requests wait for 16 slots, and each gets its own text", async () => {
  await load({ scheduler: { maxNumSeqs: 16 } });
  const results = await Promise.all(
    Array.from({ length: 1000 }, (_, number) =>
      ask(llm, letterOf(number), { maxNewTokens: 1 + (number % 7) }),
    ),
  );
  for (const [number, { text }] of results.entries()) {
    expect(text).toBe(answerAfter(letterOf(number), 1 + (number % 7)));
  }
  expect(llm.metrics().lastStep.sequences).toBeLessThanOrEqual(16);
  await expectIdleAfter(llm, 1000);
});

it("a stream that nobody reads does not hold up the others, and can be read when it has ended", async () => {
  await load({});
  const unread = llm.stream("a", { ...RAW, maxNewTokens: 500 });
  const read = await Promise.all(
    Array.from({ length: 8 }, async (_, number) => {
      let text = "";
      const stream = llm.stream(letterOf(number), { ...RAW, maxNewTokens: 100 });
      for await (const chunk of stream) text += chunk.text;
      return text;
    }),
  );
  expect(read).toEqual(read.map((_, number) => answerAfter(letterOf(number), 100)));
  await unread.result;
  let text = "";
  for await (const chunk of unread) text += chunk.text;
  expect(text).toBe(answerAfter("a", 500));
  await expectIdleAfter(llm, 9);
});
