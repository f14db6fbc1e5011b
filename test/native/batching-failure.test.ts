import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  ContinuousBatchingPipeline,
  type BatchingLoadOptions,
  type GenerationResult,
  type OpenVinoLlmError,
} from "../../lib/index.js";
import type { NativeConfigEntry } from "../../lib/native/native-request.js";
import type { NativePipeline } from "../../lib/native/native-pipeline.js";
import { answerAfter, ask, expectIdleAfter, nextTurn } from "../helpers/batching.js";
import { ALPHABET, chainModel, temporaryFolder } from "../helpers/chain.js";

let model: string;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true, contextLength: 4096 });
});

let llm: ContinuousBatchingPipeline;
afterEach(() => llm.close());

async function load(options: BatchingLoadOptions): Promise<void> {
  llm = await ContinuousBatchingPipeline.load(model, options);
}

describe("an exception in a step of GenAI", () => {
  /** Makes a call whose config has a value that the checks refuse. */
  function withRawValue<Result>(entry: NativeConfigEntry, call: () => Result): Result {
    const { native } = llm as unknown as { native: NativePipeline };
    const submit = native.submit.bind(native);
    native.submit = (request, sink) => submit({ ...request, config: [...request.config, entry] }, sink);
    try {
      return call();
    } finally {
      native.submit = submit;
    }
  }

  /** Beam search throws when the first beams have come to their end. */
  function askBadly(): Promise<GenerationResult> {
    const stopTokenIds = [..."hijk"].map((letter) => letter.charCodeAt(0) - 33); // ids begin at the first printable byte
    return withRawValue({ key: "stop_criteria", kind: "stopCriteria", value: 77 }, () =>
      ask(llm, "a", { numBeams: 3, stopTokenIds, maxNewTokens: 100 }),
    );
  }

  const UNKNOWN_MODE = {
    name: "OpenVinoLlmError",
    code: "ERR_NATIVE",
    message: "The generation failed: Beam search internal error: unknown mode",
  };

  it("fails those that run with the same error; those that wait are answered, again and again", async () => {
    await load({ scheduler: { maxNumSeqs: 5 } });
    for (let round = 1; round <= 5; round++) {
      const running = ["a", "k"].map((letter) => ask(llm, letter, { maxNewTokens: 2000 }));
      const bad = askBadly();
      const waiting = ["x", "y", "z"].map((letter) => ask(llm, letter, { maxNewTokens: 50 }));
      await expect(bad).rejects.toMatchObject(UNKNOWN_MODE);
      for (const [i, outcome] of (await Promise.allSettled(running)).entries()) {
        expect(outcome).toMatchObject({ status: "rejected", reason: UNKNOWN_MODE });
        const { partial } = (outcome as PromiseRejectedResult).reason as OpenVinoLlmError<GenerationResult>;
        const text = partial?.text ?? "no partial result";
        expect(text.length).toBeGreaterThan(4);
        expect(answerAfter(["a", "k"][i] ?? "", 2000).startsWith(text)).toBe(true);
      }
      const texts = (await Promise.all(waiting)).map(({ text }) => text);
      expect(texts).toEqual(["x", "y", "z"].map((letter) => answerAfter(letter, 50)));
      expect(llm.healthy).toBe(true);
      await expectIdleAfter(llm, 7 * round - 1);
      expect(llm.metrics().totals.failed).toBe(3 * round);
    }
  });

  describe("that comes again in every step", () => {
    const ASSISTED = { numAssistantTokens: 3, maxNewTokens: 50 };

    /** Its draft model waits for ever for a request that says nothing of draft tokens. */
    function askForEver(): Promise<GenerationResult> {
      return withRawValue({ key: "num_assistant_tokens", kind: "size", value: 0 }, () =>
        ask(llm, "a", ASSISTED),
      );
    }

    /** Loads a copy of the model's folder, and gives its path. */
    async function loadCopy(): Promise<string> {
      await load({});
      const { path } = llm.model;
      await llm.close();
      const copy = join(temporaryFolder(), "model");
      cpSync(path, copy, { recursive: true });
      llm = await ContinuousBatchingPipeline.load(copy, { draftModel: copy, scheduler: { maxNumSeqs: 2 } });
      return copy;
    }

    it("makes the worker load the model anew", async () => {
      await loadCopy();
      for (let round = 1; round <= 2; round++) {
        const [running, bad, waiting] = [ask(llm, "b", ASSISTED), askForEver(), ask(llm, "x", ASSISTED)];
        const [first, second] = await Promise.allSettled([running, bad]);
        expect(second).toMatchObject({ status: "rejected", reason: { code: "ERR_NATIVE" } });
        expect(first).toMatchObject({ status: "rejected", reason: { code: "ERR_NATIVE" } });
        expect((await waiting).text).toBe(answerAfter("x", 50));
        expect(llm.healthy).toBe(true);
        expect(llm.metrics().totals.failed).toBe(2 * round);
      }
    });

    it("and a model that is gone leave a pipeline that says so, and can be closed", async () => {
      rmSync(await loadCopy(), { recursive: true });
      const BROKEN = { name: "OpenVinoLlmError", code: "ERR_ENGINE_BROKEN" };
      const [running, bad, waiting] = [ask(llm, "b", ASSISTED), askForEver(), ask(llm, "x", ASSISTED)];
      const outcomes = await Promise.allSettled([running, bad, waiting]);
      expect(outcomes).toMatchObject([
        { reason: { code: "ERR_NATIVE" } },
        { reason: { code: "ERR_NATIVE" } },
        { reason: BROKEN },
      ]);
      expect(llm.healthy).toBe(false);
      await expect(ask(llm, "a", ASSISTED)).rejects.toMatchObject(BROKEN);
      expect(llm.metrics()).toMatchObject({ running: 0, waiting: 0, totals: { failed: 4 } });
    });
  });

  it("and a close() meanwhile end in ERR_CLOSED or in that error", async () => {
    for (let turns = 0; turns < 40; turns += 8) {
      await load({});
      const all = [ask(llm, "a", { maxNewTokens: 2000 }), askBadly(), ask(llm, "b", { maxNewTokens: 2000 })];
      const settled = Promise.allSettled(all);
      for (let i = 0; i < turns; i++) await nextTurn();
      await llm.close();
      for (const outcome of await settled) {
        expect(outcome).toMatchObject({
          status: "rejected",
          reason: { code: expect.stringMatching(/^ERR_(CLOSED|NATIVE)$/) as string },
        });
      }
    }
  });
});
