/** What a reader wants to know of a model before all else. Pure. */
import type { BenchSummary, LevelSummary } from "../summary/summary.js";

/** One model's. */
export interface Headline {
  /** Label of the target. */
  readonly target: string;
  /** The highest level below which no service level is missed; null where the lowest one misses. */
  readonly keptUpTo: number | null;
  /** The lowest level that was measured: one request alone, where that was. */
  readonly lowest: LevelSummary;
  /** The level with the most output tokens per second. */
  readonly fastest: LevelSummary;
}

/** Those of the targets of which something completed, in the order of the plan. */
export function headlines({ planned, levels }: Pick<BenchSummary, "planned" | "levels">): Headline[] {
  return planned.flatMap(({ label }) => {
    const own = levels.filter(({ target, completed }) => target === label && completed > 0);
    const [lowest] = own;
    if (lowest === undefined) return [];
    const fastest = own.reduce((best, level) =>
      level.outputThroughput.mean > best.outputThroughput.mean ? level : best,
    );
    return [
      { target: label, keptUpTo: keptUpTo(levels.filter(({ target }) => target === label)), lowest, fastest },
    ];
  });
}

function keptUpTo(levels: readonly LevelSummary[]): number | null {
  const firstMissed = levels.findIndex(({ serviceLevels }) => !serviceLevels.met);
  return (firstMissed === -1 ? levels.at(-1) : levels[firstMissed - 1])?.concurrency ?? null;
}
