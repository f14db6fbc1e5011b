import { describe, expect, it } from "vitest";
import { compareBenchmarks } from "../../../lib/compare/compare.js";
import { comparisonMarkdown } from "../../../lib/compare/compare-markdown.js";
import type { BenchData } from "../../../lib/results/bench-data.js";
import { dataOf, ENVIRONMENT, runOf } from "../sample-data.js";

function benchmark(tpotMs: number, repeats = 3, models = ["model"]): BenchData {
  return dataOf({ repeats }, { models, runs: ({ runs }) => runs.map((run) => runOf(run, { tpotMs })) });
}

function textOf(a: BenchData, b: BenchData): string {
  return comparisonMarkdown(compareBenchmarks(a, b, { resamples: 100 }));
}

const rowsOf = (text: string) =>
  text.split("\n").map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe("comparisonMarkdown", () => {
  it("has ratio, interval, test and verdict of each figure, and the verdict of all", () => {
    const text = textOf(benchmark(10), benchmark(12));
    expect(rowsOf(text)).toContainEqual([
      "2",
      "TPOT, ms",
      "10.0 (n 96)",
      "12.0 (n 96)",
      "1.200",
      "1.200 to 1.200",
      "< 0.0001",
      "< 0.0001",
      "slower",
    ]);
    expect(rowsOf(text)).toContainEqual([
      "1",
      "output tokens/s",
      "66.7 (n 3)",
      "59.7 (n 3)",
      "0.896",
      "0.896 to 0.896",
      "0.0469",
      "too few, no overlap",
      "slower",
    ]);
    expect(text).toContain("**slower**: of 10 figures of B 8 slower, 2 same.");
    expect(text).toContain("beyond 1.050 or 0.952 (a threshold of 5 %)");
  });

  it("begins with the settings that differ, then what a reader must know", () => {
    const other: BenchData = {
      ...benchmark(10, 1),
      environments: [
        { ...ENVIRONMENT, cpu: { ...ENVIRONMENT.cpu, model: "A|B", flags: ["avx2", "amx_tile"] } },
      ],
    };
    const text = textOf(benchmark(10), other);
    expect(rowsOf(text)).toContainEqual(["benchmark", "repeats", "3", "1"]);
    expect(rowsOf(text)).toContainEqual(["machine", "cpu.model", "Some CPU", "A\\|B"]);
    expect(rowsOf(text)).toContainEqual(["machine", "cpu.flags", "–", "amx_tile"]);
    const places = ["## Settings that differ", "> Measured once", "## model", "## Verdict"].map((part) =>
      text.indexOf(part),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((x, y) => x - y));
  });

  it("has a section of each model, and no interval of a single value", () => {
    const text = textOf(benchmark(10, 1, ["phi", "gemma"]), benchmark(10, 1, ["phi", "gemma"]));
    expect(text).toContain("\n## phi\n");
    expect(text).toContain("\n## gemma\n");
    const throughput = rowsOf(text).find((cells) => cells[1] === "output tokens/s");
    expect(throughput?.slice(5)).toEqual(["–", "1.0000", "too few", "unclear"]);
    expect(text).toContain("## Settings that differ\n\nNone.\n");
  });
});
