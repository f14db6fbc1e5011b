import { AbortError } from "openvino-llm";
import { describe, expect, it } from "vitest";
import {
  compareInTurns,
  type LiveEngine,
  type LiveSample,
  type Side,
  type TurnOptions,
} from "../../../lib/against/compare-in-turns.js";
import type { LiveResult } from "../../../lib/against/live-comparison.js";
import { seededRandom, type Random } from "../../../lib/stats/random.js";

/** What a scripted pair does. */
interface Script {
  /** How many times as long B takes. */
  readonly slowness: number;
  /** Standard deviation of the logarithm of each time. */
  readonly noise: number;
  readonly seed: number;
  /** Everything becomes slower by this part of itself per hour of the clock. */
  readonly driftPerHour?: number;
  readonly abortAfter?: number;
  readonly outputLength?: number;
}

/** Two targets of known speeds, with a clock of their own: nothing waits. */
class ScriptedPair implements LiveEngine {
  readonly measured: string[] = [];
  readonly #script: Script;
  readonly #random: Random;
  #nowMs = 0;

  constructor(script: Script) {
    this.#script = script;
    this.#random = seededRandom(script.seed, "scripted pair");
  }

  nowMs(): number {
    return this.#nowMs;
  }

  measure(side: Side, run: { concurrency: number; promptSet: number }): Promise<LiveSample> {
    const { slowness, driftPerHour = 0, abortAfter = Infinity, outputLength = 32 } = this.#script;
    if (this.measured.length >= abortAfter) {
      return Promise.reject(new AbortError("The benchmark was aborted.", undefined, undefined));
    }
    this.measured.push(`${side} ${run.concurrency} ${run.promptSet}`);
    const drift = 1 + (driftPerHour * this.#nowMs) / 3_600_000;
    const factor = (side === "b" ? slowness : 1) * drift * (1 + run.concurrency / 8) * this.#noise();
    const [ttftMs, tpotMs] = [100 * factor * this.#noise(), 20 * factor];
    const e2elMs = ttftMs + (outputLength - 1) * tpotMs;
    this.#nowMs += e2elMs;
    return Promise.resolve({
      outputThroughput: (1000 * run.concurrency * outputLength) / e2elMs,
      ttftMs,
      tpotMs: outputLength > 1 ? tpotMs : null,
      failed: 0,
    });
  }

  #noise(): number {
    const u = Math.max(Number.MIN_VALUE, this.#random.float());
    const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.#random.float());
    return Math.exp(this.#script.noise * normal);
  }
}

function run(script: Partial<Script>, options: Partial<TurnOptions> = {}): Promise<LiveResult> {
  const pair = new ScriptedPair({ slowness: 1, noise: 0.02, seed: 1, ...script });
  return compareInTurns(pair, {
    levels: [1, 8],
    thresholdPercent: 5,
    budgetMs: 600_000,
    mostBlocks: 32,
    seed: script.seed ?? 1,
    ...options,
  });
}

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

describe("a comparison in turns", () => {
  it.each([
    ["little noise, no threshold", { noise: 0.02 }, { thresholdPercent: 0 }],
    ["much noise, no threshold", { noise: 0.3 }, { thresholdPercent: 0 }],
    ["three blocks alone", { noise: 0.1 }, { thresholdPercent: 0, budgetMs: 1 }],
    ["a machine that drifts", { noise: 0.02, driftPerHour: 1 }, { thresholdPercent: 0 }],
  ])("calls a thing beside itself the same: %s", async (_name, script, options) => {
    const results = await Promise.all(SEEDS.map((seed) => run({ ...script, seed }, options)));
    // 1 % is allowed for, of all figures and looks together; 6 of 200 come by chance once in a hundred such tests.
    expect(results.filter(({ verdict }) => verdict !== "same").length).toBeLessThanOrEqual(6);
  });

  it("with a threshold never calls it anything else, and mostly shows that it is alike", async () => {
    const results = await Promise.all(SEEDS.map((seed) => run({ seed })));
    expect(results.filter(({ verdict }) => verdict !== "same")).toEqual([]);
    const alike = results.filter(({ end }) => end === "decided");
    expect(alike.length).toBeGreaterThanOrEqual(190);
    expect(alike[0]?.levels.flatMap(({ figures }) => figures.map((one) => one.isShownAlike))).toEqual(
      Array.from({ length: 6 }, () => true),
    );
  });

  it.each([
    [1.12, "slower"],
    [1 / 1.12, "faster"],
  ] as const)(
    "finds what takes %d times as long %s, with intervals that hold the truth",
    async (slowness, verdict) => {
      const results = await Promise.all(SEEDS.map((seed) => run({ seed, slowness, driftPerHour: 0.5 })));
      expect(results.filter((result) => result.verdict !== verdict).length).toBeLessThanOrEqual(2);
      const isHolding = ({ levels }: LiveResult) =>
        levels.every(({ figures }) =>
          figures.every(({ metric, ratio: { low, high } }) => {
            const truth = metric === "outputThroughput" ? 1 / slowness : slowness;
            return low <= truth && (high ?? Infinity) >= truth;
          }),
        );
      expect(results.filter((result) => !isHolding(result)).length).toBeLessThanOrEqual(6);
    },
  );

  it("gives both sides the same prompts in mirrored order, and none of them twice", async () => {
    const pair = new ScriptedPair({ slowness: 1, noise: 0.02, seed: 1 });
    const turns = { levels: [1, 2], thresholdPercent: 0, budgetMs: 1, mostBlocks: 32, seed: 4 };
    const { blocks } = await compareInTurns(pair, turns);
    expect(blocks).toBe(3);
    expect(new Set(pair.measured).size).toBe(24);
    const sides = pair.measured.map((one) => one[0]).join("");
    expect(sides).toMatch(/^(?:aabbbbaa|bbaaaabb){3}$/);
    expect(new Set(sides.match(/.{8}/g)).size).toBe(2);
    const promptsOf = (side: Side) =>
      pair.measured.filter((one) => one.startsWith(side)).map((one) => one.slice(2));
    expect(promptsOf("a").toSorted()).toEqual(promptsOf("b").toSorted());
  });

  it("ends with the budget, and says so where an interval is wide", async () => {
    const result = await run({ noise: 0.2 }, { budgetMs: 60_000 });
    expect(result).toMatchObject({ verdict: "same", end: "budget" });
    expect(result.elapsedMs).toBeLessThan(70_000);
    expect(result.levels[0]?.figures[0]).toMatchObject({ verdict: "same", isShownAlike: false });
  });

  it("leaves out what a single token does not have", async () => {
    const { levels } = await run({ outputLength: 1 });
    expect(levels.map(({ figures }) => figures.map(({ metric }) => metric))).toEqual([
      ["outputThroughput", "ttftMs"],
      ["outputThroughput", "ttftMs"],
    ]);
  });

  it("judges what there is when it is interrupted, from three blocks on", async () => {
    expect(await run({ noise: 0.2, abortAfter: 40 })).toMatchObject({ end: "interrupted", blocks: 5 });
    await expect(run({ abortAfter: 20 })).rejects.toBeInstanceOf(AbortError);
  });
});
