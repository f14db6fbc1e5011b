import { describe, expect, it } from "vitest";
import { chosenLevel } from "../../../../lib/report/html/chosen-level.js";
import { shownRuns } from "../../../../lib/report/html/shown-run.js";
import { dataOf, runOf } from "../../sample-data.js";

describe("chosenLevel", () => {
  it.each([
    [
      "8 where all have it",
      [
        [1, 8, 32],
        [1, 8],
      ],
      8,
    ],
    [
      "the highest that all have",
      [
        [1, 2, 4],
        [1, 2],
      ],
      2,
    ],
    ["8 of one alone", [[1, 8, 16]], 8],
    ["none without a common one", [[1], [2]], null],
    ["none of nothing", [], null],
  ])("is %s", (_, levels, expected) => {
    expect(chosenLevel(levels)).toBe(expected);
  });
});

describe("shownRuns", () => {
  it("takes the repeat of the median duration at the level that all targets have", () => {
    const { runs } = dataOf(
      { levels: [1, 2, 8], repeats: 3 },
      {
        models: ["a", "b"],
        runs: (plan) =>
          plan.runs
            .filter(({ target, concurrency }) => target === "a" || concurrency < 8)
            .map((run) => runOf(run, { tpotMs: [30, 10, 20][run.repeat - 1] ?? 0 })),
      },
    );
    expect(shownRuns(runs).map(({ target, concurrency, repeat }) => [target, concurrency, repeat])).toEqual([
      ["a", 2, 3],
      ["b", 2, 3],
    ]);
  });

  it("takes each target's own level where there is none in common", () => {
    const { runs } = dataOf(
      { levels: [1, 2], repeats: 1 },
      {
        models: ["a", "b"],
        runs: (plan) =>
          plan.runs
            .filter(({ target, concurrency }) => (target === "a") === (concurrency === 1))
            .map((run) => runOf(run)),
      },
    );
    expect(shownRuns(runs).map(({ target, concurrency }) => [target, concurrency])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });
});
