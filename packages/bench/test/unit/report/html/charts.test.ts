import { describe, expect, it } from "vitest";
import { barsChart, shortened } from "../../../../lib/report/html/charts/bars.js";
import { logTicks, niceEnd } from "../../../../lib/report/html/charts/chart.js";
import { overConcurrencyChart } from "../../../../lib/report/html/charts/over-concurrency.js";
import { loadRenderer } from "../../../../lib/report/html/charts/render.js";

const STYLE = { color: "var(--series-1)", dash: [], shape: "circle" };

describe("axes", () => {
  it("have ticks of 1, 2 and 5 around the values, and finer ones where there would be few", () => {
    expect(logTicks(30, 1600)).toEqual([20, 50, 100, 200, 500, 1000, 2000]);
    expect(logTicks(0.2, 0.5)).toEqual([0.2, 0.3, 0.4, 0.5]);
  });

  it.each([
    [0, 1],
    [0.7, 0.8],
    [1, 1],
    [103, 120],
    [950, 1000],
    [1e-3, 1e-3],
  ])("that must hold %d end at %d", (high, end) => {
    expect(niceEnd(high)).toBe(end);
  });
});

describe("shortened", () => {
  it("leaves both ends of a long name", () => {
    expect(shortened("abcdefghij", 7)).toBe("abc…hij");
    expect(shortened("abcdefg", 7)).toBe("abcdefg");
  });
});

describe("a drawing", () => {
  it("has a mark for each point at its place, and the style sheet's colours", async () => {
    const draw = await loadRenderer();
    const points = [1, 2, 4].map((concurrency) => ({ concurrency, value: 10 * concurrency }));
    const { markup } = await draw(
      overConcurrencyChart({
        id: "a",
        description: "d",
        scale: "linear",
        series: [{ style: STYLE, points }],
      }),
    );
    const marks = [...markup.matchAll(/aria-roledescription="point"|class="mark-symbol/g)];
    expect(marks).toHaveLength(1);
    const places = [
      ...markup.matchAll(/<path transform="translate\(([\d.]+),([\d.]+)\)"[^>]*fill="var\(--series-1\)"/g),
    ];
    const [first, second, third] = places.map(([, x, y]) => [Number(x), Number(y)] as const);
    expect(places).toHaveLength(3);
    // Equal steps to the right, as concurrency doubles; 10 and 20 up.
    expect((second?.[0] ?? 0) - (first?.[0] ?? 0)).toBeCloseTo((third?.[0] ?? 0) - (second?.[0] ?? 0));
    expect((second?.[1] ?? 0) - (third?.[1] ?? 0)).toBeCloseTo(2 * ((first?.[1] ?? 0) - (second?.[1] ?? 0)));
  });

  it("escapes names, and describes itself", async () => {
    const draw = await loadRenderer();
    const bar = { name: "<script>", text: "1", value: 1, low: null, high: null, style: STYLE };
    const { markup } = await draw(barsChart({ id: "b", description: '"<x>"', bars: [bar] }));
    expect(markup).toContain("&lt;script&gt;");
    expect(markup).not.toContain("<script");
    expect(markup).toContain('aria-label="&quot;&lt;x&gt;&quot;"');
  });
});
