import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AbortError, type GenerationResult, type TextGenerator } from "../../lib/index.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { PIPELINES } from "../helpers/pipelines.js";

describe.each(PIPELINES)("$name", ({ loadOne }) => {
  let llm: TextGenerator;
  beforeAll(async () => {
    llm = await loadOne(await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 }));
  });
  afterAll(() => llm.close());

  async function abortErrorOf(promise: Promise<unknown>): Promise<AbortError<GenerationResult>> {
    const error: unknown = await promise.then(
      () => expect.fail("expected an AbortError"),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AbortError);
    return error as AbortError<GenerationResult>;
  }

  /** The engine is free again and gives what it should. */
  async function expectUsable(): Promise<void> {
    expect((await llm.generate("hello", { maxNewTokens: 3 })).text).toBe("abc");
  }

  describe("an AbortSignal", () => {
    it("that is aborted already lets nothing begin", async () => {
      const before = llm.producedTokens;
      const reason = new Error("not today");
      const error = await abortErrorOf(llm.generate("hello", { signal: AbortSignal.abort(reason) }));
      expect(error).toMatchObject({ name: "AbortError", code: "ERR_ABORTED", cause: reason });
      expect(error.partial).toMatchObject({ text: "", finishReason: "abort", timing: { ttftMs: null } });
      await expectUsable();
      expect(llm.producedTokens - before).toBe(3);
    });

    it("may be given to any number of calls, without a warning of Node's", async () => {
      const warnings: string[] = [];
      const listen = ({ name }: Error): void => void warnings.push(name);
      process.on("warning", listen);
      try {
        const controller = new AbortController();
        const calls = Array.from({ length: 20 }, () =>
          abortErrorOf(llm.generate("hello", { signal: controller.signal })),
        );
        controller.abort();
        for (const error of await Promise.all(calls)) expect(error.code).toBe("ERR_ABORTED");
        // Warnings are emitted by process.nextTick.
        await new Promise((resolve) => setImmediate(resolve));
        expect(warnings).toEqual([]);
      } finally {
        process.off("warning", listen);
      }
      await expectUsable();
    });

    it("ends a call that waits in the queue; its neighbours go on", async () => {
      const controller = new AbortController();
      const running = llm.generate("hello", { maxNewTokens: 60 });
      const waiting = llm.generate("hello", { signal: controller.signal });
      const behind = llm.generate("hello", { maxNewTokens: 3 });
      controller.abort();
      expect((await abortErrorOf(waiting)).partial.usage).toEqual({ promptTokens: 0, completionTokens: 0 });
      expect((await running).usage.completionTokens).toBe(60);
      expect((await behind).text).toBe("abc");
    });

    it("frees the caller at once in the prefill; the engine is free after it", async () => {
      const controller = new AbortController();
      const stream = llm.stream("x".repeat(8_000), { signal: controller.signal });
      const behind = llm.generate("hello", { maxNewTokens: 3 });
      // The macrotask lets the worker take the request; aborting before that is legal too and ends the same.
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await abortErrorOf(stream.result);
      expect((await behind).text).toBe("abc");
    });

    it("ends a running call between two tokens and keeps what there is", async () => {
      const controller = new AbortController();
      const stream = llm.stream("hello", { signal: controller.signal });
      const iterate = (async () => {
        let text = "";
        try {
          for await (const chunk of stream) {
            text += chunk.text;
            if (chunk.index === 9) controller.abort("enough");
          }
        } catch (error) {
          return { text, error };
        }
        return { text, error: null };
      })();
      const { text, error } = await iterate;
      expect(error).toBeInstanceOf(AbortError);
      const fromResult = await abortErrorOf(stream.result);
      expect(error).toBe(fromResult);
      expect(fromResult.cause).toBe("enough");
      expect(fromResult.partial.finishReason).toBe("abort");
      expect(text.length).toBeGreaterThanOrEqual(10);
      expect(fromResult.partial.text.startsWith(text.slice(0, 10))).toBe(true);
      await expectUsable();
    });

    it("with onAbort 'return' resolves with the partial result and ends the iteration", async () => {
      const controller = new AbortController();
      const stream = llm.stream("hello", { signal: controller.signal, onAbort: "return" });
      let text = "";
      for await (const chunk of stream) {
        text += chunk.text;
        if (chunk.index === 4) controller.abort();
      }
      const result = await stream.result;
      expect(result.finishReason).toBe("abort");
      expect(result.text).toBe(text);
      await expectUsable();
    });

    it("after the end does nothing", async () => {
      const controller = new AbortController();
      const result = await llm.generate("hello", { maxNewTokens: 3, signal: controller.signal });
      controller.abort();
      expect(result.text).toBe("abc");
      await expectUsable();
    });

    it("ends a load, before and while it goes on", async () => {
      const path = llm.model.path;
      await abortErrorOf(loadOne(path, { signal: AbortSignal.abort() }));
      const controller = new AbortController();
      const loading = loadOne(path, { signal: controller.signal });
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort("changed my mind");
      expect((await abortErrorOf(loading)).cause).toBe("changed my mind");
    });
  });

  describe("cancel()", () => {
    it("resolves the result with what there is; what arrived can still be read", async () => {
      const stream = llm.stream("hello");
      const first = await stream.next();
      expect(first.value?.text).toBe("a");
      stream.cancel();
      const result = await stream.result;
      expect(result.finishReason).toBe("abort");
      let text = first.value?.text ?? "";
      for await (const chunk of stream) text += chunk.text;
      expect(text).toBe(result.text);
      await expectUsable();
    });

    it("by a web stream's cancel()", async () => {
      const stream = llm.stream("hello");
      const reader = stream.toReadableStream().getReader();
      expect((await reader.read()).value?.text).toBe("a");
      await reader.cancel("enough");
      expect((await stream.result).finishReason).toBe("abort");
      await expectUsable();
    });
  });
});
