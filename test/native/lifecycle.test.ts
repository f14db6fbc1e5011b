import { describe, expect, it, vi } from "vitest";
import { openBinding } from "../../lib/native/binding.js";
import type { GenerationResult, OpenVinoLlmError, TextGenerator } from "../../lib/index.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { PIPELINES } from "../helpers/pipelines.js";

const ERR_CLOSED = { name: "OpenVinoLlmError", code: "ERR_CLOSED" };

describe.each(PIPELINES)("$name", ({ load, loadOne }) => {
  async function loaded(): Promise<TextGenerator> {
    return loadOne(await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 }));
  }

  describe("close()", () => {
    it("twice, and twice at once, is the same as once", async () => {
      const llm = await loaded();
      const [first, second] = [llm.close(), llm.close()];
      expect(await Promise.all([first, second])).toEqual([undefined, undefined]);
      await llm.close();
      await llm[Symbol.asyncDispose]();
    });

    it("refuses what comes after it", async () => {
      const llm = await loaded();
      await llm.close();
      await expect(llm.generate("hello")).rejects.toMatchObject(ERR_CLOSED);
      const stream = llm.stream("hello");
      await expect(stream.next()).rejects.toMatchObject(ERR_CLOSED);
      await expect(stream.result).rejects.toMatchObject(ERR_CLOSED);
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    });

    it("still checks arguments, at once", async () => {
      const llm = await loaded();
      await llm.close();
      expect(() => llm.stream("hello", { maxNewTokens: 0 })).toThrow(RangeError);
    });

    it("fails what runs and what waits, and every reader gets the error", async () => {
      const llm = await loaded();
      const running = llm.stream("hello");
      const waiting = llm.stream("hello");
      const generated = llm.generate("hello");
      generated.catch(() => {});
      expect((await running.next()).value?.text).toBe("a");
      const pendingNext = waiting.next();
      pendingNext.catch(() => {});
      await llm.close();
      await expect(running.result).rejects.toMatchObject(ERR_CLOSED);
      await expect(pendingNext).rejects.toMatchObject(ERR_CLOSED);
      await expect(generated).rejects.toMatchObject(ERR_CLOSED);
      await expect(async () => {
        for await (const _ of running) continue;
      }).rejects.toMatchObject(ERR_CLOSED);
    });
  });

  describe("stamps", () => {
    it("do not depend on the event loop: all tokens are produced while it is blocked", async () => {
      const llm = await loaded();
      const maxNewTokens = 50;
      await llm.generate("hello", { maxNewTokens }); // kernels are made
      const before = llm.producedTokens;
      const beforeCallMs = now();
      const stream = llm.stream("hello", { maxNewTokens });
      const afterCallMs = now();
      const cell = new Int32Array(new SharedArrayBuffer(4));
      while (llm.producedTokens - before < maxNewTokens) Atomics.wait(cell, 0, 0, 1);
      const releasedMs = now();
      const { timing } = await stream.result;
      const { producedMs, deliveredMs } = timing.perToken;
      expect(producedMs).toHaveLength(maxNewTokens);
      // Stamps count from a moment between the two readings, so each bound takes the reading on its safe side.
      for (const stamp of producedMs) expect(beforeCallMs + stamp).toBeLessThan(releasedMs);
      for (const stamp of deliveredMs) expect(afterCallMs + stamp).toBeGreaterThanOrEqual(releasedMs);
      expect([...producedMs]).toEqual([...producedMs].sort((a, b) => a - b));
      await llm.close();
    });
  });

  describe("tokens that nobody waits for", () => {
    const untilProduced = (llm: TextGenerator, tokens: number): void => {
      const before = llm.producedTokens;
      const cell = new Int32Array(new SharedArrayBuffer(4));
      while (llm.producedTokens - before < tokens) Atomics.wait(cell, 0, 0, 1);
    };

    it("come together with the end, and those of a stream as they are produced", async () => {
      const llm = await loaded();
      const { timing } = await llm.generate("hello", { maxNewTokens: 50 });
      const { producedMs, deliveredMs } = timing.perToken;
      expect(deliveredMs[0]).toBeGreaterThanOrEqual(producedMs[49] ?? NaN);
      const stream = llm.stream("hello", { maxNewTokens: 50_000 });
      await stream.next();
      expect(llm.producedTokens).toBeLessThan(50_050);
      await llm.close();
    });

    it("are in what an abort leaves, though none had come", async () => {
      const llm = await loaded();
      const abort = new AbortController();
      const generated = llm.generate("hello", {
        maxNewTokens: 50_000,
        signal: abort.signal,
        onAbort: "return",
      });
      untilProduced(llm, 20);
      abort.abort();
      const { tokenIds, usage } = await generated;
      expect(tokenIds.length).toBeGreaterThanOrEqual(20);
      expect(usage.promptTokens).toBeGreaterThan(0);
      await llm.close();
    });

    it("are in what close() leaves, though none had come", async () => {
      const llm = await loaded();
      const generated = llm.generate("hello", { maxNewTokens: 50_000 });
      generated.catch(() => {});
      untilProduced(llm, 20);
      await llm.close();
      const error = await generated.then(
        () => expect.unreachable(),
        (reason: OpenVinoLlmError<GenerationResult>) => reason,
      );
      expect(error.partial?.tokenIds.length).toBeGreaterThanOrEqual(20);
    });
  });

  describe("the clock", () => {
    it("is the addon's, whatever JavaScript's own clocks count from", async () => {
      const llm = await loaded();
      // Other runtimes count from their start; these jump besides.
      let jumpMs = -4e9;
      vi.spyOn(performance, "now").mockImplementation(() => (jumpMs += 1e6));
      vi.spyOn(process, "hrtime").mockImplementation(() => [Math.floor((jumpMs += 1e6) / 1e3), 0]);
      const { nowMs } = openBinding().core;
      const beforeMs = nowMs();
      const { timing } = await llm.generate("hello", { maxNewTokens: 5 });
      const elapsedMs = nowMs() - beforeMs;
      const { producedMs, deliveredMs } = timing.perToken;
      const [first = NaN] = producedMs;
      expect(timing.queueMs).toBeGreaterThanOrEqual(0);
      expect(timing.ttftMs).toBe(first);
      expect(first).toBeGreaterThanOrEqual(timing.queueMs ?? NaN);
      for (const [index, stamp] of producedMs.entries()) {
        expect(deliveredMs[index]).toBeGreaterThanOrEqual(stamp);
        expect(deliveredMs[index]).toBeLessThanOrEqual(elapsedMs);
      }
      await llm.close();
    });
  });

  describe("two pipelines on one model", () => {
    it("generate at the same time, each its own text", async () => {
      const [one, two] = [await loaded(), await load(await chainModel())];
      const [a, b] = await Promise.all([one.generate("hello", { maxNewTokens: 26 }), two.generate("hello")]);
      expect(a.text).toBe(ALPHABET);
      expect(b.text).toBe("Zürich: ✓🙂7,5");
      await Promise.all([one.close(), two.close()]);
    });
  });
});

function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
