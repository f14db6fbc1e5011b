import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { closedLoop, type Streams } from "../../../../benchmarks/batching/closed-loop.mjs";

/** Answers prompt [n] by n tokens, one in each turn of the event loop, and notes how many run. */
class Scripted implements Streams {
  running = 0;
  readonly runningAtCall: number[] = [];
  readonly asked: number[] = [];

  stream({ tokenIds: [length = 0] }: { tokenIds: number[] }): ReturnType<Streams["stream"]> {
    this.runningAtCall.push(this.running++);
    this.asked.push(length);
    const tokenIds = Array.from({ length }, (_, i) => length * 100 + i);
    return Object.assign(this.#chunks(tokenIds), { result: Promise.resolve({ tokenIds }) });
  }

  async *#chunks(tokenIds: number[]): AsyncGenerator<{ index: number; text: string }> {
    for (const index of tokenIds.keys()) {
      await turn();
      if (index + 1 === tokenIds.length) this.running--;
      yield { index, text: `${tokenIds.length}` };
    }
  }
}

const lengths = [5, 1, 4, 2, 3, 6, 1, 2];

describe("closedLoop", () => {
  it.each([1, 3, 8, 20])("keeps %d streams busy and no more", async (streams) => {
    const llm = new Scripted();
    await closedLoop(llm, { prompts: lengths.map((length) => [length]), streams, newTokens: 1 });
    expect(llm.asked).toEqual(lengths);
    const busy = Math.min(streams, lengths.length);
    expect(llm.runningAtCall).toEqual(lengths.map((_, i) => Math.min(i, busy - 1)));
    expect(llm.running).toBe(0);
  });

  it("gives each prompt its answer, whichever comes first", async () => {
    const prompts = lengths.map((length) => [length]);
    const { answers, durationMs } = await closedLoop(new Scripted(), { prompts, streams: 3, newTokens: 1 });
    expect(answers.map(({ tokenIds }) => tokenIds.length)).toEqual(lengths);
    expect(answers.map(({ text }) => text)).toEqual(lengths.map((length) => `${length}`.repeat(length)));
    for (const { ttftMs } of answers) expect(ttftMs).toBeLessThanOrEqual(durationMs);
  });
});
