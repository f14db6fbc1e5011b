import type { RunRecord } from "../../measure/records.js";
import { chosenLevel } from "./chosen-level.js";

/**
 * The one run of each target that is shown token by token: at the same level where there is one in common, and of its
 * repeats the one with the median duration. Pure.
 */
export function shownRuns(runs: readonly RunRecord[]): RunRecord[] {
  const labels = [...new Set(runs.map(({ target }) => target))];
  const levelsOf = (label: string) => [
    ...new Set(runs.filter(({ target }) => target === label).map(({ concurrency }) => concurrency)),
  ];
  const common = chosenLevel(labels.map(levelsOf));
  return labels.flatMap((label) => {
    const level = common ?? chosenLevel([levelsOf(label)]);
    const repeats = runs
      .filter(({ target, concurrency }) => target === label && concurrency === level)
      .sort((a, b) => a.durationMs - b.durationMs);
    return repeats[Math.floor((repeats.length - 1) / 2)] ?? [];
  });
}
