import { describe, expect, it } from "vitest";
import { caveatOf } from "../../../../lib/report/report-text.js";
import { seriesStyles, sharedCaveat } from "../../../../lib/report/html/target-view.js";

describe("caveatOf", () => {
  it.each([
    [null, null],
    [{ name: "SmolLM2" }, null],
    [{ weights: "trained", layersShare: 0.5 }, null],
    [{ weights: "random" }, "random weights"],
    [{ weights: "random", layersShare: 1 }, "random weights"],
    [{ weights: "random", layersShare: 0.25 }, "random weights, 25 % of the layers"],
    [{ source: { weights: "random" } }, "random weights"],
  ])("of %j is %j", (manifest, expected) => {
    expect(caveatOf(manifest)).toBe(expected);
  });
});

describe("sharedCaveat", () => {
  it("says what all have, what some have, and nothing where there is nothing", () => {
    const [plain, random] = [{ caveat: null }, { caveat: "random weights" }];
    expect(sharedCaveat([plain, plain])).toBe("");
    expect(sharedCaveat([random, random])).toBe(" (random weights)");
    expect(sharedCaveat([plain, random])).toBe(" (in part random weights)");
    expect(sharedCaveat([])).toBe("");
  });
});

describe("seriesStyles", () => {
  it("gives the forms of a model its colour, and other dashes and points", () => {
    const [a4, a8, b4] = seriesStyles(["a-int4", "a-int8", "b-int4"]);
    expect(a4?.color).toBe(a8?.color);
    expect(b4?.color).not.toBe(a4?.color);
    expect(a4?.dash).not.toEqual(a8?.dash);
    expect(new Set([a4, a8, b4].map((style) => style?.shape)).size).toBe(3);
  });

  it("gives each its own colour where a model has many forms", () => {
    const styles = seriesStyles(["a-int4", "a-int8", "a-fp16"]);
    expect(new Set(styles.map(({ color }) => color)).size).toBe(3);
  });
});
