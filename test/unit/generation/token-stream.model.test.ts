/** Random lives of a TokenStream, against a model that knows from the order of events alone what everybody must get. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AbortError } from "../../../lib/errors/errors.js";
import { Generation } from "../../../lib/generation/generation.js";
import type { TokenChunk } from "../../../lib/generation/generation-result.js";
import { ChunkQueue, TokenStream } from "../../../lib/generation/token-stream.js";

/** `take` is next() or a web reader's read(); `leave` is return() or the reader's cancel(). */
const STEPS = ["token", "finish", "fail", "abort", "take", "cancel", "leave"] as const;
type Step = (typeof STEPS)[number];

interface Life {
  /** Through what the chunks are taken. */
  readonly reader: "iterator" | "web";
  readonly onAbort: "throw" | "return";
  readonly abortedBefore: boolean;
  /** `pause`: microtasks run before the next step. Web streams need them, so there every step has one. */
  readonly steps: ReadonlyArray<{ readonly step: Step; readonly pause: boolean }>;
}

const life: fc.Arbitrary<Life> = fc.record({
  reader: fc.constantFrom("iterator", "web"),
  onAbort: fc.constantFrom("throw", "return"),
  abortedBefore: fc.constant(false),
  steps: fc.array(
    fc.record({
      step: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom<Step>("token", "take") },
        { weight: 1, arbitrary: fc.constantFrom(...STEPS) },
      ),
      pause: fc.boolean(),
    }),
    { maxLength: 30 },
  ),
});

/** What a take, or `result`, came to. */
type Outcome = { chunk: string } | "done" | { error: unknown };

const FAILURE = new Error("the engine failed");
const REASON = new Error("the caller's reason");

/** The text of the n-th token. */
const tokenText = (index: number): string => `${index} `;

interface Played {
  readonly takes: readonly Outcome[];
  /** In what order the calls settled, by their number. */
  readonly settled: readonly number[];
  readonly result: unknown;
  readonly resultError: unknown;
  readonly cancels: number;
}

/** Plays a life with the real classes. At its end the engine finishes, so that everything must settle. */
async function play({ reader, onAbort, abortedBefore, steps }: Life): Promise<Played> {
  const controller = new AbortController();
  if (abortedBefore) controller.abort(REASON);
  const queue = new ChunkQueue();
  const generation = new Generation({
    submitMs: 0,
    nowMs: () => 0,
    stopTokenOf: () => null,
    signal: controller.signal,
    onAbort,
    listener: queue,
  });
  let cancels = 0;
  if (!generation.settled) generation.submitted(() => cancels++);
  const stream = new TokenStream(generation, queue);
  const web = reader === "web" ? stream.toReadableStream().getReader() : null;
  const takes: Array<Promise<Outcome>> = [];
  const settled: number[] = [];
  let tokens = 0;

  const finish = () =>
    generation.finished({ finishedMs: 0, finishReason: "stop", stopString: null, perf: null, choices: [] });
  const act: Record<Step, () => void> = {
    token: () => generation.tokens(tokens, tokenText(tokens), [tokens++]),
    finish,
    fail: () => generation.failed(FAILURE),
    abort: () => controller.abort(REASON),
    cancel: () => stream.cancel(),
    take: () => {
      const index = takes.length;
      takes.push(outcomeOf(web === null ? stream.next() : web.read()).finally(() => settled.push(index)));
    },
    leave: () => {
      // An errored web stream answers its error again.
      if (web === null) void stream.return();
      else web.cancel("enough").catch(() => {});
    },
  };
  for (const { step, pause } of steps) {
    act[step]();
    if (pause || web !== null) await new Promise((resolve) => setImmediate(resolve));
  }
  finish();
  const [result] = await Promise.allSettled([stream.result]);
  return {
    takes: await Promise.all(takes),
    settled,
    result: result.status === "fulfilled" ? result.value : null,
    resultError: result.status === "rejected" ? result.reason : null,
    cancels,
  };
}

async function outcomeOf(
  taken: Promise<{ done: boolean; value?: TokenChunk | undefined }>,
): Promise<Outcome> {
  try {
    const { value } = await taken;
    return value === undefined ? "done" : { chunk: value.text };
  } catch (error) {
    return { error };
  }
}

/** What must come out, from the order of the steps. */
function expected({ reader, onAbort, abortedBefore, steps }: Life) {
  const ends = new Set<Step>(["finish", "fail", "abort", "cancel", "leave"]);
  const firstEnd = steps.findIndex(({ step }) => ends.has(step));
  const end = abortedBefore ? -1 : firstEnd < 0 ? steps.length : firstEnd;
  const ending: Step = abortedBefore ? "abort" : (steps[end]?.step ?? "finish");
  const tokens = steps.slice(0, Math.max(end, 0)).filter(({ step }) => step === "token").length;
  const fails = ending === "fail" || (ending === "abort" && onAbort === "throw");

  const takeTimes = steps.flatMap(({ step }, time) => (step === "take" ? [time] : []));
  const firstLeave = steps.findIndex(({ step }) => step === "leave");
  const leave = firstLeave < 0 ? Infinity : firstLeave;
  // Who waits when the error comes gets it. Where nobody waits, the first does who asks for more than there is.
  const errorIsStored = takeTimes.filter((time) => time < end).length <= tokens;
  // A web stream that has once given its error gives it for ever.
  const isErrored = fails && takeTimes.some((time, index) => index >= tokens && time < leave);

  const takes = takeTimes.map((time, index): "chunk" | "done" | "error" => {
    if (index < tokens && time < leave) return "chunk";
    if (!fails) return "done";
    if (reader === "web") return isErrored ? "error" : "done";
    if (time < end) return "error";
    return errorIsStored && index === tokens && time < leave ? "error" : "done";
  });
  return {
    takes,
    text: Array.from({ length: tokens }, (_, index) => tokenText(index)).join(""),
    ending,
    fails,
    cancels: !abortedBefore && ["abort", "cancel", "leave"].includes(ending) ? 1 : 0,
  };
}

function assertAsExpected(played: Played, model: ReturnType<typeof expected>): void {
  const error = played.resultError;
  expect(played.takes).toEqual(
    model.takes.map((kind, index) => {
      if (kind === "done") return "done";
      return kind === "chunk" ? { chunk: tokenText(index) } : { error };
    }),
  );
  // The same object for everybody, not only an equal one.
  for (const take of played.takes)
    if (typeof take === "object" && "error" in take) expect(take.error).toBe(error);
  expect(played.settled).toEqual(played.takes.map((_, index) => index));
  expect(played.cancels).toBe(model.cancels);
  const { text } = model;
  if (!model.fails) {
    const finishReason = model.ending === "finish" ? "stop" : "abort";
    expect(played.result).toMatchObject({ text, finishReason });
  } else if (model.ending === "fail") {
    expect(error).toBe(FAILURE);
  } else {
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({
      code: "ERR_ABORTED",
      cause: REASON,
      partial: { text, finishReason: "abort" },
    });
  }
}

describe("a TokenStream", () => {
  it("does in any order of events what the order says, and settles every promise", async () => {
    await fc.assert(
      fc.asyncProperty(life, async (random) => assertAsExpected(await play(random), expected(random))),
      { numRuns: 1500 },
    );
  });

  it("whose signal was aborted before ends at once and never reaches the engine", async () => {
    const aborted = life.map((random) => ({ ...random, abortedBefore: true }));
    await fc.assert(
      fc.asyncProperty(aborted, async (random) => assertAsExpected(await play(random), expected(random))),
      { numRuns: 200 },
    );
  });
});
