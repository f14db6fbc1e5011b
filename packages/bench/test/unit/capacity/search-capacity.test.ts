import { AbortError } from "openvino-llm";
import { describe, expect, it } from "vitest";
import type { CapacityCurve, LoadKind } from "../../../lib/capacity/capacity-report.js";
import { rateSpace, userSpace } from "../../../lib/capacity/find-capacity.js";
import {
  searchCapacity,
  type CapacityEngine,
  type CapacityOutcome,
} from "../../../lib/capacity/search-capacity.js";
import { seededRandom, type Random } from "../../../lib/stats/random.js";

interface Script {
  /** Probability that a request keeps its limits. */
  readonly goodAt: (load: number) => number;
  readonly seed: number;
  /** After so many requests it is aborted. */
  readonly abortAfter?: number;
}

/** A server of known capacity with a clock of its own: a request of a user takes a second. */
class ScriptedServer implements CapacityEngine {
  requests = 0;
  readonly #script: Script;
  readonly #random: Random;
  #nowMs = 0;

  constructor(script: Script) {
    this.#script = script;
    this.#random = seededRandom(script.seed, "scripted server");
  }

  nowMs(): number {
    return this.#nowMs;
  }

  run(
    _kind: LoadKind,
    load: number,
    requests: number,
    goOn: (outcome: CapacityOutcome | null) => boolean,
  ): Promise<void> {
    const { goodAt, abortAfter = Infinity } = this.#script;
    for (let i = 0; i < requests; i++) {
      if (this.requests++ >= abortAfter) {
        return Promise.reject(new AbortError("The benchmark was aborted.", undefined, undefined));
      }
      this.#nowMs += 1000 / load;
      const isGood = this.#random.float() < goodAt(load);
      if (!goOn({ isGood, ttftMs: isGood ? 100 : 900, tpotMs: 10 })) break;
    }
    return Promise.resolve();
  }
}

const HOUR = 3_600_000;
const SEEDS = Array.from({ length: 100 }, (_, seed) => seed);

function users(script: Script, share = 0.99, endMs = 10 * HOUR, maxUsers = 1024): Promise<CapacityCurve> {
  return searchCapacity(new ScriptedServer(script), userSpace(maxUsers), { share, endMs });
}

describe("a search for capacity", () => {
  it.each([1, 6, 23, 100])("finds %d users where more are too many", async (capacity) => {
    const goodAt = (load: number) => (load <= capacity ? 0.9999 : 0.6);
    const curves = await Promise.all(SEEDS.map((seed) => users({ goodAt, seed })));
    const found = curves.filter((curve) => curve.highest === capacity && curve.failing === capacity + 1);
    expect(found.length).toBeGreaterThanOrEqual(95);
    expect(found.every(({ end }) => end === "decided")).toBe(true);
    // Never more: of what is far beyond nothing is shown by chance.
    expect(curves.filter(({ highest }) => highest > capacity)).toEqual([]);
  });

  it("claims too much in less than 5 of 100 searches, though every load beyond is only just too high", async () => {
    const goodAt = (load: number) => (load <= 4 ? 0.9999 : 0.985);
    const curves = await Promise.all(SEEDS.map((seed) => users({ goodAt, seed }, 0.99, 10 * HOUR, 20)));
    expect(curves.filter(({ highest }) => highest > 4).length).toBeLessThanOrEqual(5);
    expect(curves.filter(({ failing }) => failing !== null && failing <= 4).length).toBeLessThanOrEqual(5);
  });

  it("finds a share that falls slowly, on the safe side", async () => {
    const goodAt = (load: number) => Math.max(0, 1 - 0.01 * load);
    const curves = await Promise.all(SEEDS.map((seed) => users({ goodAt, seed }, 0.9)));
    // 0.9 is reached at 10.
    expect(curves.filter(({ highest }) => highest > 10).length).toBeLessThanOrEqual(5);
    const near = curves.filter(({ highest }) => highest >= 4);
    expect(near.length).toBeGreaterThanOrEqual(90);
  });

  it("finds the rate of a Poisson process within a step", async () => {
    const goodAt = (load: number) => (load <= 3 ? 0.9999 : 0.5);
    const curves = await Promise.all(
      SEEDS.map((seed) => {
        const server = new ScriptedServer({ goodAt, seed });
        return searchCapacity(server, rateSpace(5), { share: 0.99, endMs: 10 * HOUR });
      }),
    );
    expect(curves.filter(({ highest }) => highest > 3)).toEqual([]);
    expect(curves.filter(({ highest }) => highest > 3 / 1.1).length).toBeGreaterThanOrEqual(95);
  });

  it("says that not even one user is served, and that nothing fails up to the most", async () => {
    expect(await users({ goodAt: () => 0.2, seed: 1 })).toMatchObject({
      highest: 0,
      failing: 1,
      open: null,
      end: "decided",
    });
    expect(await users({ goodAt: () => 1, seed: 1 }, 0.9, HOUR, 16)).toMatchObject({
      highest: 16,
      failing: null,
      end: "decided",
    });
  });

  it("shows what it saw of each load, and decides by fresh requests alone", async () => {
    const goodAt = (load: number) => (load <= 3 ? 1 : 0);
    const { points } = await users({ goodAt, seed: 1 }, 0.9);
    expect(points.map(({ load, state }) => [load, state])).toEqual([
      [1, "open"],
      [2, "open"],
      [3, "holds"],
      [4, "fails"],
    ]);
    const third = points[2];
    expect(third).toMatchObject({ ttftMs: 100, tpotMs: 10 });
    // 8 to find it, and 42 that decide: 0.9 ^ 42 < 0.05 / 2 / 2.
    expect([third?.requests, third?.good]).toEqual([50, 50]);
    expect(third?.interval.high).toBe(1);
    expect(third?.requestsPerSecond).toBeCloseTo(3, 6);
  });

  it("keeps within the budget, and claims nothing that it did not suffice for", async () => {
    const server = new ScriptedServer({ goodAt: () => 1, seed: 1 });
    const curve = await searchCapacity(server, userSpace(4), { share: 0.99, endMs: 60_000 });
    expect(curve).toMatchObject({ highest: 0, failing: null, open: 4, end: "budget" });
    expect(server.nowMs()).toBeLessThan(61_000);
  });

  it.each([5, 100, 1000])(
    "keeps what is found when it is interrupted, after %d requests",
    async (abortAfter) => {
      const goodAt = (load: number) => (load <= 3 ? 1 : 0.1);
      const curve = await users({ goodAt, seed: 1, abortAfter }, 0.99);
      const ended = curve.points.reduce((sum, { requests }) => sum + requests, 0);
      expect(ended).toBe(Math.min(abortAfter, ended));
      expect(curve.end).toBe(abortAfter === 1000 ? "decided" : "interrupted");
      expect(curve.highest).toBe(abortAfter === 1000 ? 3 : 0);
    },
  );
});
