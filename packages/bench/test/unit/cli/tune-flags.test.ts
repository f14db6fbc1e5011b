import { Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { addTuneFlags, tuneOptionsOf, type TuneFlags } from "../../../lib/cli/tune-flags.js";
import { resolveTuneOptions } from "../../../lib/tune/tune-options.js";

function parse(...args: string[]): TuneFlags {
  const command = addTuneFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: "user" }).opts<TuneFlags>();
}

describe("the flags of tune", () => {
  test("leave everything to the library where none is given", () => {
    expect(parse()).toEqual({});
    expect(resolveTuneOptions(tuneOptionsOf(parse()))).toEqual({
      levels: [1, 8],
      inputLength: 128,
      outputLength: 128,
      serviceLevels: { ttftMs: 3000, tpotMs: 100 },
      dataset: "random",
      objective: "latency",
      budgetMs: 600_000,
      seed: 0,
      qualityLimits: { maxPerplexityRatio: 1.02, minGreedyAgreement: 0.95 },
    });
  });

  test("become the library's options", () => {
    const line =
      "model --levels 8,1 --input-len 64 --output-len 32 --slo ttft=500 --objective goodput --budget 1.5h --seed 7 " +
      "--dataset prompts.jsonl --max-perplexity-ratio 1.1 --min-agreement 90";
    expect(resolveTuneOptions(tuneOptionsOf(parse(...line.split(" "))))).toEqual({
      levels: [1, 8],
      inputLength: 64,
      outputLength: 32,
      serviceLevels: { ttftMs: 500 },
      dataset: "prompts.jsonl",
      objective: "goodput",
      budgetMs: 5_400_000,
      seed: 7,
      qualityLimits: { maxPerplexityRatio: 1.1, minGreedyAgreement: 0.9 },
    });
  });

  test.each([
    ["90s", 90_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
  ])("take %s for a budget of %d ms", (text, ms) => {
    expect(parse("--budget", text).budget).toBe(ms);
  });

  test.each(["10", "0m", "-1m", "m", "1d"])("refuse %j as a budget", (text) => {
    expect(() => parse(`--budget=${text}`)).toThrow(CommanderError);
  });

  test.each([
    [["--levels", "0"], /--levels\[0\]/],
    [["--max-perplexity-ratio", "0.5"], /--max-perplexity-ratio/],
    [["--min-agreement", "101"], /--min-agreement/],
  ])("name themselves where a value is refused: %j", (args, message) => {
    expect(() => tuneOptionsOf(parse(...args))).toThrow(message);
  });

  test("keep every file of a report", () => {
    expect(parse("--report", "a.md", "--report", "b.json").report).toEqual(["a.md", "b.json"]);
  });
});
