/** What a reader of a comparison must know before its figures. Pure. */
import type { LevelComparison } from "./comparison.js";
import { pairName, type TargetPair } from "./compare-settings.js";
import type { BenchData } from "../results/bench-data.js";
import { noticesOf } from "../summary/notices.js";
import { selfChecks } from "../summary/self-checks.js";

type Level = Pick<LevelComparison, "target" | "concurrency" | "stamps" | "repeats" | "failed">;

/** Sentences: what was not compared, what failed, and what each benchmark says of itself. */
export function comparisonNotices(
  a: BenchData,
  b: BenchData,
  pairs: readonly TargetPair[],
  levels: readonly Level[],
): string[] {
  return [
    ...notCompared("A", a, levels, (pair) => pair.a),
    ...notCompared("B", b, levels, (pair) => pair.b),
    ...levels.flatMap(failures),
    ...(levels.some(({ repeats }) => Math.min(repeats.a, repeats.b) < 2)
      ? [
          "Measured once: what changes from one run to the next is in no interval. Measure at least three repeats.",
        ]
      : []),
    ...(levels.some(({ stamps }) => stamps === "delivered")
      ? ["Against a server: tokens are stamped where they arrive at the client, on both sides."]
      : []),
    ...ownNotices("A", a),
    ...ownNotices("B", b),
    ...(pairs.some((pair) => pair.a !== pair.b)
      ? [`The models do not have one name: ${pairs.map(pairName).join(", ")}.`]
      : []),
  ];
}

/** What a benchmark has measured: "phi at 1, 2; gemma at 1". */
export function measuredText({ plan, runs }: BenchData): string {
  const texts = plan.targets.flatMap(({ label }) => {
    const levels = levelsOf(runs, label);
    return levels.length === 0 ? [] : [`${label} at ${levels.join(", ")}`];
  });
  return texts.length === 0 ? "no finished run" : texts.join("; ");
}

function levelsOf(runs: BenchData["runs"], label: string): number[] {
  const own = runs.filter(({ target }) => target === label);
  return [...new Set(own.map(({ concurrency }) => concurrency))].sort((x, y) => x - y);
}

function notCompared(
  side: "A" | "B",
  { plan, runs }: BenchData,
  levels: readonly Level[],
  labelIn: (pair: TargetPair) => string,
): string[] {
  return plan.targets.flatMap(({ label }) => {
    const done = levels
      .filter(({ target }) => labelIn(target) === label)
      .map(({ concurrency }) => concurrency);
    const left = levelsOf(runs, label).filter((concurrency) => !done.includes(concurrency));
    return left.length === 0
      ? []
      : [`Not compared, for only ${side} has it: ${label} at ${left.join(", ")}.`];
  });
}

function failures({ target, concurrency, failed }: Level): string[] {
  if (failed.a + failed.b === 0) return [];
  return [
    `Failed requests, which count in no figure: ${failed.a} of A and ${failed.b} of B at ${pairName(target)}, ` +
      `concurrency ${concurrency}.`,
  ];
}

function ownNotices(side: "A" | "B", data: BenchData): string[] {
  const left = data.plan.runs.length - data.runs.length;
  const checks = selfChecks(data).filter(({ status }) => status === "warn" || status === "fail");
  return [
    ...(left === 0
      ? []
      : [`${side} is not finished: ${left} ${left === 1 ? "run" : "runs"} of its plan left.`]),
    ...noticesOf(data).map((notice) => `${side}: ${notice}`),
    ...checks.map(({ name, status, message }) => `${side}, self-check ${name} (${status}): ${message}`),
  ];
}
