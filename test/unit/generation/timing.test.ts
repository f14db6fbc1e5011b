import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeTiming, type TimedStep, type Timing } from "../../../lib/generation/timing.js";

/** A clock that starts at any instant: nothing in the result may depend on it. */
const SUBMIT = 123_456;

/** Steps by the gap before each, in milliseconds, and its tokens; each is delivered 2 ms after it was produced. */
function steps(...script: readonly (readonly [gapMs: number, tokens: number])[]): TimedStep[] {
  let now = SUBMIT;
  return script.map(([gapMs, tokens]) => {
    now += gapMs;
    return { producedMs: now, deliveredMs: now + 2, tokens };
  });
}

function timing(given: TimedStep[], takenMs: number | null = SUBMIT + 5): Timing {
  return computeTiming({ submitMs: SUBMIT, takenMs, steps: given, native: null });
}

describe("computeTiming", () => {
  it("gives the figures of a scripted generation: first token after 50 ms, then one every 10 ms", () => {
    const result = timing(steps([50, 1], [10, 1], [10, 1], [10, 1], [10, 1]));
    expect(result).toEqual({
      queueMs: 5,
      ttftMs: 50,
      tpotMs: 10,
      itlMs: { mean: 10, p50: 10, p90: 10, p95: 10, p99: 10, max: 10, n: 4 },
      e2eMs: 90,
      tokensPerSecond: 5 / 0.09,
      decodeTokensPerSecond: 100,
      perToken: {
        producedMs: [50, 60, 70, 80, 90],
        deliveredMs: [52, 62, 72, 82, 92],
      },
      native: null,
      speculative: null,
      grammarMs: null,
    });
  });

  it("spreads uneven gaps as numpy's percentiles do", () => {
    const { tpotMs, itlMs } = timing(steps([50, 1], [10, 1], [40, 1], [20, 1], [30, 1]));
    expect(tpotMs).toBe(25);
    expect(itlMs).toEqual({
      mean: 25,
      p50: 25,
      p90: 37,
      p95: 38.5,
      p99: expect.closeTo(39.7, 9),
      max: 40,
      n: 4,
    });
  });

  it("counts every token of a step, and gaps between steps only", () => {
    const result = timing(steps([50, 3], [30, 2]));
    expect(result.tpotMs).toBe(30 / 4);
    expect(result.itlMs).toMatchObject({ mean: 30, n: 1 });
    expect(result.tokensPerSecond).toBe(5 / 0.08);
    expect(result.perToken.producedMs).toEqual([50, 50, 50, 80, 80]);
    expect(result.perToken.deliveredMs).toEqual([52, 52, 52, 82, 82]);
  });

  it("is the same behind JSON and behind a message", () => {
    const result = timing(steps([50, 1], [60.25, 2]));
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(structuredClone(result)).toEqual(result);
  });

  it("has no pace for one token, nor for several that came at once", () => {
    for (const tokens of [1, 4]) {
      const result = timing(steps([50, tokens]));
      expect(result).toMatchObject({
        ttftMs: 50,
        e2eMs: 50,
        tpotMs: null,
        itlMs: null,
        decodeTokensPerSecond: null,
      });
      expect(result.tokensPerSecond).toBe(tokens / 0.05);
    }
  });

  it("has no latency at all where no token came", () => {
    expect(timing([])).toEqual({
      queueMs: 5,
      ttftMs: null,
      tpotMs: null,
      itlMs: null,
      e2eMs: null,
      tokensPerSecond: null,
      decodeTokensPerSecond: null,
      perToken: { producedMs: [], deliveredMs: [] },
      native: null,
      speculative: null,
      grammarMs: null,
    });
    expect(timing([], null).queueMs).toBeNull();
  });

  it("gives no pace for a clock that did not move", () => {
    expect(timing(steps([0, 1], [0, 1]))).toMatchObject({
      ttftMs: 0,
      tpotMs: 0,
      e2eMs: 0,
      tokensPerSecond: Infinity,
      decodeTokensPerSecond: null,
    });
  });

  it("hands GenAI's own account on as it is", () => {
    const native = {
      loadMs: 1,
      ttftMs: 2,
      tpotMs: -1,
      inferencePerTokenMs: 3,
      tokensPerSecond: 4,
      generateMs: 5,
      inferenceMs: 6,
      promptTokens: 7,
      completionTokens: 8,
    };
    expect(computeTiming({ submitMs: 0, takenMs: 0, steps: [], native }).native).toBe(native);
  });

  it.each([
    [
      { draftTokens: 8, acceptedTokens: 6 },
      { draftTokens: 8, acceptedTokens: 6, acceptanceRate: 0.75 },
    ],
    [
      { draftTokens: 8, acceptedTokens: 0 },
      { draftTokens: 8, acceptedTokens: 0, acceptanceRate: 0 },
    ],
    // GenAI, where all draft tokens fell into the last step.
    [{ draftTokens: 0, acceptedTokens: 28 }, null],
    [null, null],
  ])("the acceptance rate, %o, is %o", (speculative, expected) => {
    const stamps = { submitMs: 0, takenMs: 0, steps: [], native: null };
    expect(computeTiming({ ...stamps, speculative }).speculative).toEqual(expected);
  });
});

describe("the figures of any generation", () => {
  const script = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 6 })), {
    minLength: 1,
    maxLength: 60,
  });
  const anyTiming = script.map((given) => ({ given: steps(...given), result: timing(steps(...given)) }));

  it("hang together", () => {
    fc.assert(
      fc.property(anyTiming, ({ given, result }) => {
        const tokens = given.reduce((sum, step) => sum + step.tokens, 0);
        const { ttftMs, tpotMs, itlMs, e2eMs, perToken } = result;
        expect(perToken.producedMs).toHaveLength(tokens);
        expect(perToken.deliveredMs).toHaveLength(tokens);
        expect(perToken.producedMs[0]).toBe(ttftMs);
        expect(perToken.producedMs.at(-1)).toBe(e2eMs);
        // The published identity: latency = TTFT + (tokens - 1) * TPOT.
        expect(e2eMs).toBeCloseTo((ttftMs ?? NaN) + (tokens - 1) * (tpotMs ?? 0), 6);
        // The gaps sum up to the time after the first token.
        expect((itlMs?.mean ?? 0) * (itlMs?.n ?? 0)).toBeCloseTo((e2eMs ?? NaN) - (ttftMs ?? NaN), 6);
        expect(tpotMs === null).toBe(given.length === 1);
        for (const [index, stamp] of perToken.producedMs.entries()) {
          expect(stamp).toBeGreaterThanOrEqual(perToken.producedMs[index - 1] ?? 0);
          expect(perToken.deliveredMs[index]).toBe(stamp + 2);
        }
      }),
    );
  });

  it("do not depend on when the clock was started", () => {
    fc.assert(
      fc.property(script, fc.integer({ min: -1e6, max: 1e6 }), (given, shift) => {
        const moved = steps(...given).map((step) => ({
          ...step,
          producedMs: step.producedMs + shift,
          deliveredMs: step.deliveredMs + shift,
        }));
        expect(
          computeTiming({
            submitMs: SUBMIT + shift,
            takenMs: SUBMIT + shift + 5,
            steps: moved,
            native: null,
          }),
        ).toEqual(timing(steps(...given)));
      }),
    );
  });

  it("order the percentiles between the least and the largest gap", () => {
    fc.assert(
      fc.property(anyTiming, ({ given, result: { itlMs } }) => {
        fc.pre(itlMs !== null && given.length > 1);
        if (itlMs === null) return;
        const { mean, p50, p90, p95, p99, max, n } = itlMs;
        expect([p50, p90, p95, p99, max]).toEqual([p50, p90, p95, p99, max].sort((a, b) => a - b));
        expect(mean).toBeLessThanOrEqual(max + 1e-9);
        expect(n).toBe(given.length - 1);
      }),
    );
  });
});
