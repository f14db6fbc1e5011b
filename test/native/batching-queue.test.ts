import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, type BatchingLoadOptions } from "../../lib/index.js";
import { answerAfter, ask, expectIdleAfter, RAW } from "../helpers/batching.js";
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

describe("requests of one turn of the event loop", () => {
  // A thread that makes requests and is not run for 10 ms meanwhile is not waited for: so not every try has to succeed.
  const TRIES = 30;

  it("run together from the first step on, where the engine was idle", async () => {
    await load({});
    const stepsOf = async (): Promise<number> => {
      const before = llm.metrics().totals.steps;
      await Promise.all(Array.from({ length: 16 }, () => ask(llm, "a", { maxNewTokens: 4 })));
      return llm.metrics().totals.steps - before;
    };
    const steps: number[] = [];
    while (steps.length < TRIES && steps.at(-1) !== 4) steps.push(await stepsOf());
    expect(steps.at(-1)).toBe(4);
  });
});

describe("the waiting queue", () => {
  const LONG = { maxNewTokens: 2000 };
  const FULL = { name: "OpenVinoLlmError", code: "ERR_QUEUE_FULL" };

  it("takes as many as run and may wait, whether they run yet or not, and refuses the next at once", async () => {
    await load({ scheduler: { maxNumSeqs: 4 }, maxQueue: 2 });
    const taken = Array.from({ length: 6 }, () => llm.stream("a", { ...RAW, ...LONG }));
    const refused = llm.stream("a", { ...RAW, ...LONG });
    await expect(ask(llm, "a", LONG)).rejects.toMatchObject(FULL);
    await expect(refused.next()).rejects.toMatchObject(FULL);
    await expect(refused.result).rejects.toMatchObject({ partial: { text: "" } });
    for (const stream of taken) stream.cancel();
    for (const { result } of taken) expect((await result).finishReason).toBe("abort");
    await expectIdleAfter(llm, 6); // those that were refused do not count
  });

  it("has a place again as soon as one that waits is aborted", async () => {
    await load({ scheduler: { maxNumSeqs: 1 }, maxQueue: 1 });
    const running = llm.stream("a", { ...RAW, ...LONG });
    await running.next();
    const waiting = llm.stream("a", { ...RAW, ...LONG });
    await expect(ask(llm, "a", LONG)).rejects.toMatchObject(FULL);
    expect(llm.metrics().waiting).toBe(1);
    waiting.cancel();
    expect(llm.metrics().waiting).toBe(0);
    const next = ask(llm, "x", { maxNewTokens: 2 });
    await expect(ask(llm, "a", LONG)).rejects.toMatchObject(FULL);
    running.cancel();
    expect((await next).text).toBe("yz");
    await expectIdleAfter(llm, 3);
  });

  it("with maxQueue 0 takes only what runs at once", async () => {
    await load({ scheduler: { maxNumSeqs: 2 }, maxQueue: 0 });
    const both = [ask(llm, "a", { maxNewTokens: 3 }), ask(llm, "b", { maxNewTokens: 3 })];
    await expect(ask(llm, "c", {})).rejects.toMatchObject(FULL);
    expect((await Promise.all(both)).map(({ text }) => text)).toEqual(["bcd", "cde"]);
    await expectIdleAfter(llm, 2);
  });

  it("lets one with as many sequences as there are slots run alone", async () => {
    await load({ scheduler: { maxNumSeqs: 4 }, maxQueue: 2 });
    const [before, large, after] = await Promise.all([
      ask(llm, "a", { maxNewTokens: 30 }),
      ask(llm, "k", { maxNewTokens: 5, numBeams: 4 }),
      ask(llm, "x", { maxNewTokens: 3 }),
    ]);
    expect([before.text, large.text, after.text]).toEqual([answerAfter("a", 30), "lmnop", "yza"]);
    await expectIdleAfter(llm, 3);
  });

  /** Lets these requests wait behind one that runs, and gives their numbers in the order of their ends. */
  async function orderOf(priorities: readonly number[]): Promise<number[]> {
    const running = llm.stream("a", { ...RAW, ...LONG });
    await running.next();
    const order: number[] = [];
    const waiting = priorities.map(async (priority, number) => {
      await ask(llm, "a", { maxNewTokens: 1, priority });
      order.push(number);
    });
    running.cancel();
    await Promise.all(waiting);
    return order;
  }

  it("serves in order of arrival, and a lower number of priority earlier by 16 positions for each step", async () => {
    await load({ scheduler: { maxNumSeqs: 1 } });
    expect(await orderOf([0, 0, 0, 0, 0])).toEqual([0, 1, 2, 3, 4]);
    expect(await orderOf([8, 1, 0, -1, -8])).toEqual([4, 3, 2, 1, 0]);
    const random = randomNumbers(1);
    const priorities = Array.from({ length: 200 }, () => below(random, 17) - 8);
    const place = (number: number): number => number + 16 * (priorities[number] ?? NaN);
    const expected = [...priorities.keys()].sort((a, b) => place(a) - place(b) || a - b);
    expect(await orderOf(priorities)).toEqual(expected);
  });

  it("starves nobody: the lowest priority waits for 256 later ones of the highest, and no more", async () => {
    await load({ scheduler: { maxNumSeqs: 1 } });
    const order = await orderOf([8, ...Array.from({ length: 300 }, () => -8)]);
    expect(order.indexOf(0)).toBe(255);
    expect(order.filter((number) => number !== 0)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });
});
