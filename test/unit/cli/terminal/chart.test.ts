import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latencyChart } from "../../../../lib/cli/terminal/chart.js";

describe("latencyChart", () => {
  test("draws few values as wide bars, scaled to the highest", () => {
    expect(latencyChart([40, 10, 20, 30], { columns: 80 })).toEqual([
      "  Latency of tokens 2 to 5 in ms, highest 40.0 (token 2)",
      "  40.0 ms ┤██",
      "          │██       ██",
      "          │██    ██ ██",
      "          │██ ██ ██ ██",
      "        0 └────────────",
      "           2        5",
    ]);
  });

  test("draws eighths of a character", () => {
    const [, bars] = latencyChart([8, 7, 6, 5, 4, 3, 2, 1], { columns: 24, height: 1 });
    expect(bars).toBe("  8.00 ms ┤█▇▆▅▄▃▂▁");
  });

  test("goes on in a further strip where the line is full, with the tokens' numbers under each", () => {
    const lines = latencyChart(
      Array.from({ length: 25 }, (_, index) => index + 1),
      { columns: 22, height: 1 },
    );
    // 10 bars fit, the least that a strip has.
    expect(lines.filter((line) => line.includes("┤")).map((line) => line.split("┤")[1]?.length)).toEqual([
      10, 10, 5,
    ]);
    expect(lines.filter((line) => /^ +\d+ +\d+$/.test(line)).map((line) => line.trim())).toEqual([
      "2       11",
      "12      21",
      "22 26",
    ]);
  });

  test("lets a bar stand for several tokens where the strips would be too many, and says so", () => {
    const latencies = Array.from({ length: 100 }, (_, index) => (index === 57 ? 9 : 1));
    const lines = latencyChart(latencies, { columns: 22, height: 1, maxStrips: 2 });
    expect(lines[0]).toBe("  Latency of tokens 2 to 101 in ms, highest 9.00 (token 59)");
    expect(lines[1]).toBe("  Each bar is the slowest of 5 tokens");
    // The high one is the 58th value: in the 12th bar of five, the second of the second strip.
    expect(lines.filter((line) => line.includes("┤"))).toEqual([
      "  9.00 ms ┤▁▁▁▁▁▁▁▁▁▁",
      "  9.00 ms ┤▁█▁▁▁▁▁▁▁▁",
    ]);
  });

  test("shows a token that came with the one before it as a gap", () => {
    expect(latencyChart([4, 0, 4], { columns: 80, height: 1 })[1]).toBe("  4.00 ms ┤██    ██");
  });

  test("is nothing where there is nothing to show", () => {
    expect(latencyChart([], { columns: 80 })).toEqual([]);
    expect(latencyChart([0, 0], { columns: 80 })).toEqual([]);
  });

  test("never is wider than the terminal, has every token in a bar, and reaches the top once or more", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 99_999, noNaN: true }), { minLength: 1, maxLength: 600 }),
        fc.integer({ min: 60, max: 200 }),
        (latencies, columns) => {
          const lines = latencyChart(latencies, { columns });
          expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
          expect(lines.some((line) => line.includes("┤") && line.includes("█"))).toBe(true);
          const last = lines.at(-1)?.trim().split(/[ –]+/).at(-1);
          expect(last).toBe(String(latencies.length + 1));
        },
      ),
      { numRuns: 200 },
    );
  });
});
