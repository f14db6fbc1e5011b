import { describe, expect, it } from "vitest";
import { Generation } from "../../../lib/generation/generation.js";
import { ChunkQueue, TokenStream } from "../../../lib/generation/token-stream.js";

const FINISHED = { id: 1, type: "finished", finishedMs: 0, stopString: null, perf: null } as const;

/** A stream whose engine is played by the test. */
function scripted(options: { signal?: AbortSignal; onAbort?: "throw" | "return" } = {}) {
  let cancelled = 0;
  const queue = new ChunkQueue();
  const generation = new Generation({
    submitMs: 0,
    nowMs: () => 0,
    stopTokenOf: () => null,
    signal: options.signal,
    onAbort: options.onAbort ?? "throw",
    listener: queue,
  });
  generation.submitted(() => cancelled++);
  let produced = 0;
  return {
    stream: new TokenStream(generation, queue),
    token: (text: string) => generation.tokens(++produced, text, [produced]),
    finish: () => generation.finished({ ...FINISHED, choices: [], finishReason: "stop" }),
    fail: (error: Error) => generation.failed(error),
    cancelled: () => cancelled,
  };
}

const textOf = (result: IteratorResult<{ text: string }, undefined>) => result.value?.text;
const DONE = { done: true, value: undefined };

describe("next()", () => {
  it("answers calls made at once in order", async () => {
    const { stream, token, finish } = scripted();
    const pending = [stream.next(), stream.next(), stream.next(), stream.next()];
    token("a");
    token("b");
    finish();
    expect((await Promise.all(pending)).map(textOf)).toEqual(["a", "b", undefined, undefined]);
  });

  it("gives what waited first, then says done, again and again", async () => {
    const { stream, token, finish } = scripted();
    token("a");
    finish();
    expect(textOf(await stream.next())).toBe("a");
    expect(await stream.next()).toEqual(DONE);
    expect(await stream.next()).toEqual(DONE);
  });

  it("brings an error to a consumer that was busy when it happened, after what came before it, once", async () => {
    const { stream, token, fail } = scripted();
    token("a");
    fail(new Error("boom"));
    expect(textOf(await stream.next())).toBe("a");
    await expect(stream.next()).rejects.toThrow("boom");
    expect(await stream.next()).toEqual(DONE);
    await expect(stream.result).rejects.toThrow("boom");
  });

  it("brings an error to every call that waits", async () => {
    const { stream, fail } = scripted();
    const pending = [stream.next(), stream.next()];
    fail(new Error("boom"));
    for (const next of pending) await expect(next).rejects.toThrow("boom");
    expect(await stream.next()).toEqual(DONE);
  });
});

describe("return() and cancel()", () => {
  it("return() cancels the engine, drops what was not read, settles who waits", async () => {
    const { stream, token, cancelled } = scripted();
    token("a");
    token("b");
    expect(textOf(await stream.next())).toBe("a");
    expect(await stream.return()).toEqual(DONE);
    expect(cancelled()).toBe(1);
    expect(await stream.next()).toEqual(DONE);
    expect(await stream.result).toMatchObject({ text: "ab", finishReason: "abort" });
  });

  it("return() while a next() waits says done to both", async () => {
    const { stream } = scripted();
    const pending = stream.next();
    await stream.return();
    expect(await pending).toEqual(DONE);
  });

  it("cancel() keeps what arrived readable", async () => {
    const { stream, token, cancelled } = scripted();
    token("a");
    stream.cancel("why not");
    token("too late");
    expect(textOf(await stream.next())).toBe("a");
    expect(await stream.next()).toEqual(DONE);
    expect(await stream.result).toMatchObject({ text: "a", finishReason: "abort" });
    expect(cancelled()).toBe(1);
  });

  it("after the end change nothing", async () => {
    const { stream, token, finish, cancelled } = scripted();
    token("a");
    finish();
    stream.cancel();
    await stream.return();
    expect(cancelled()).toBe(0);
    expect(await stream.result).toMatchObject({ text: "a", finishReason: "stop" });
  });

  it("twice is once", async () => {
    const { stream, cancelled } = scripted();
    stream.cancel();
    stream.cancel();
    await stream.return();
    await stream[Symbol.asyncDispose]();
    expect(cancelled()).toBe(1);
  });
});

describe("a second consumer", () => {
  const CONSUMED = expect.objectContaining({ name: "OpenVinoLlmError", code: "ERR_STREAM_CONSUMED" });
  const read = async (stream: AsyncIterable<{ text: string }>): Promise<string[]> => {
    const texts: string[] = [];
    for await (const { text } of stream) texts.push(text);
    return texts;
  };
  /** A stream of "a" and "b" that has ended. */
  const whole = () => {
    const { stream, token, finish } = scripted();
    token("a");
    token("b");
    finish();
    return stream;
  };

  it("gets the error that the chunks were taken, and not none", async () => {
    const stream = whole();
    expect(await read(stream)).toEqual(["a", "b"]);
    await expect(read(stream)).rejects.toEqual(CONSUMED);
    expect(() => stream.toReadableStream()).toThrow(CONSUMED);
  });

  it("gets it while the first one reads, which goes on", async () => {
    const { stream, token, finish } = scripted();
    const first = read(stream);
    token("a");
    await expect(read(stream)).rejects.toEqual(CONSUMED);
    expect(() => stream.toReadableStream()).toThrow(CONSUMED);
    token("b");
    finish();
    expect(await first).toEqual(["a", "b"]);
  });

  it("gets it after a loop that was left, a next() that said done, and a return()", async () => {
    const left = whole();
    for await (const _ of left) break;
    await expect(read(left)).rejects.toEqual(CONSUMED);
    const byHand = whole();
    while ((await byHand.next()).done !== true) continue;
    await expect(read(byHand)).rejects.toEqual(CONSUMED);
    const returned = whole();
    await returned.return();
    await expect(read(returned)).rejects.toEqual(CONSUMED);
    const failed = scripted();
    const waiting = failed.stream.next();
    failed.fail(new Error("boom"));
    await expect(waiting).rejects.toThrow("boom");
    await expect(read(failed.stream)).rejects.toEqual(CONSUMED);
  });

  it("gets it where a web stream has the chunks, by next() too", async () => {
    const stream = whole();
    const web = stream.toReadableStream();
    expect(() => stream.toReadableStream()).toThrow(CONSUMED);
    await expect(read(stream)).rejects.toEqual(CONSUMED);
    await expect(stream.next()).rejects.toEqual(CONSUMED);
    expect(await read(web)).toEqual(["a", "b"]);
  });

  it("is none where the same one goes on: after result, after next(), by its iterator", async () => {
    const afterResult = whole();
    await afterResult.result;
    expect(await read(afterResult)).toEqual(["a", "b"]);
    const peeked = whole();
    expect(textOf(await peeked.next())).toBe("a");
    expect(await read(peeked)).toEqual(["b"]);
    const piped = whole();
    await piped.next();
    expect(await read(piped.toReadableStream())).toEqual(["b"]);
    const iterator = whole()[Symbol.asyncIterator]();
    expect(textOf(await iterator.next())).toBe("a");
    expect(await read(iterator)).toEqual(["b"]);
    const cancelled = whole();
    cancelled.cancel();
    expect(await read(cancelled)).toEqual(["a", "b"]);
  });
});

describe("a signal", () => {
  it("rejects everybody with the same AbortError", async () => {
    const controller = new AbortController();
    const { stream, token, cancelled } = scripted({ signal: controller.signal });
    token("a");
    controller.abort("reason");
    expect(textOf(await stream.next())).toBe("a");
    const error: unknown = await stream.next().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: "AbortError",
      code: "ERR_ABORTED",
      cause: "reason",
      partial: { text: "a" },
    });
    expect(await stream.result.catch((reason: unknown) => reason)).toBe(error);
    expect(cancelled()).toBe(1);
  });

  it("resolves with the partial result where that is asked for", async () => {
    const controller = new AbortController();
    const { stream, token } = scripted({ signal: controller.signal, onAbort: "return" });
    token("a");
    controller.abort();
    expect(await stream.result).toMatchObject({ text: "a", finishReason: "abort" });
    expect(textOf(await stream.next())).toBe("a");
    expect(await stream.next()).toEqual(DONE);
  });
});

describe("result", () => {
  it("nobody looking at it is no unhandled rejection", async () => {
    const seen: unknown[] = [];
    const listener = (reason: unknown) => seen.push(reason);
    process.on("unhandledRejection", listener);
    try {
      scripted().fail(new Error("boom"));
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen).toEqual([]);
    } finally {
      process.off("unhandledRejection", listener);
    }
  });

  it("is there without any iteration", async () => {
    const { stream, token, finish } = scripted();
    token("a");
    token("b");
    finish();
    expect(await stream.result).toMatchObject({ text: "ab", usage: { completionTokens: 2 } });
  });
});

describe("toReadableStream()", () => {
  it("carries the chunks and closes", async () => {
    const { stream, token, finish } = scripted();
    token("a");
    token("b");
    finish();
    const texts: string[] = [];
    for await (const chunk of stream.toReadableStream()) texts.push(chunk.text);
    expect(texts).toEqual(["a", "b"]);
  });

  it("carries an error", async () => {
    const { stream, fail } = scripted();
    const reader = stream.toReadableStream().getReader();
    const read = reader.read();
    fail(new Error("boom"));
    await expect(read).rejects.toThrow("boom");
  });
});
