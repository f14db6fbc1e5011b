import { describe, expect, it } from "vitest";
import { gapBins } from "../../../../lib/report/html/histogram.js";
import { gapsOf, stallsOf } from "../../../../lib/report/html/stalls.js";
import { requestOf } from "../../sample-data.js";

/** Gaps of 10, 10, 40, 10 and 30 ms. */
const run = { requests: [requestOf({ producedMs: [50, 60, 70, 110, 120, 150] })] };

describe("gapsOf", () => {
  it("calls a gap of more than three times the run's median a stall, and one of exactly that none", () => {
    expect(gapsOf(run)).toMatchObject({ medianMs: 10, thresholdMs: 30, stalls: 1 });
  });

  it("takes tokens of one step as one, and leaves failed requests out", () => {
    const requests = [
      requestOf({ producedMs: [50, 50, 60] }),
      requestOf({ producedMs: [50, 1000], error: "broken" }),
    ];
    expect(Array.from(gapsOf({ requests })?.gapsMs ?? [])).toEqual([10]);
  });

  it("is nothing where no request has two tokens", () => {
    expect(gapsOf({ requests: [requestOf({ expectedTokens: 1 })] })).toBeNull();
  });
});

describe("stallsOf", () => {
  it("counts the stalls of all repeats by each one's own median, and the time that they took", () => {
    // Twice as slow: its gaps of 40 ms are no stalls.
    const slow = { requests: [requestOf({ producedMs: [50, 70, 90, 130, 150] })] };
    expect(stallsOf([gapsOf(run), gapsOf(slow), null])).toEqual({
      gaps: 9,
      stalls: 1,
      share: 1 / 9,
      timeShare: 40 / 200,
      longestMs: 40,
    });
  });

  it("has no share of nothing", () => {
    expect(stallsOf([null])).toEqual({ gaps: 0, stalls: 0, share: null, timeShare: null, longestMs: 0 });
  });
});

describe("gapBins", () => {
  const gaps = gapsOf(run);
  const bins = gaps === null ? [] : gapBins(gaps);

  it("has every gap in a bin around it, and an edge at the threshold", () => {
    const filled = bins.filter(({ count }) => count > 0);
    expect(filled.map(({ count, isStall }) => [count, isStall])).toEqual([
      [3, false],
      [1, false],
      [1, true],
    ]);
    for (const [index, ms] of [10, 30, 40].entries()) {
      expect(filled[index]?.fromMs).toBeLessThan(ms);
      expect(filled[index]?.toMs).toBeGreaterThanOrEqual(ms);
    }
    expect(filled[1]?.toMs).toBe(30);
  });

  it("leaves no hole between its bins", () => {
    // 10 ms is 13 eighths of a doubling below the threshold, 40 ms 4 above it.
    expect(bins).toHaveLength(17);
    for (const [index, bin] of bins.slice(1).entries())
      expect(bin.fromMs).toBeCloseTo(bins[index]?.toMs ?? 0);
  });

  it("keeps all gaps of a run of equal ones", () => {
    const equal = gapsOf({ requests: [requestOf({ tpotMs: 10 })] });
    const filled = equal === null ? [] : gapBins(equal);
    expect(filled.map(({ count }) => count)).toEqual([7]);
  });
});
