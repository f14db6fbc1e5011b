/** What two benchmarks were measured with, compared. Pure. */
import { isDeepStrictEqual } from "node:util";

import { isJsonObject } from "openvino-llm/internal";
import type { Environment } from "../results/environment.js";
import type { BenchData } from "../results/bench-data.js";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import type { TargetFacts } from "../targets/target-facts.js";

/** One setting that is not the same in both. */
export interface SettingDifference {
  /** Options of the benchmark, the machine and its software, or how a model was loaded. */
  readonly scope: "options" | "environment" | "target";
  /** Of scope "target": the label, or both where they are not the same ("a → b"); else null. */
  readonly target: string | null;
  /** Its path: "seed", "cpu.model", "properties.KV_CACHE_PRECISION". */
  readonly name: string;
  /** Value in A, as JSON has it; null where there is none. */
  readonly a: unknown;
  /** Value in B, as JSON has it; null where there is none. */
  readonly b: unknown;
}

/** A target of each benchmark, to be compared. */
export interface TargetPair {
  /** Its label in A. */
  readonly a: string;
  /** Its label in B. */
  readonly b: string;
}

/** What makes the load of a level: where it differs, no difference of the figures says anything of speed. */
const LOAD = ["inputLength", "outputLength", "rangeRatio", "dataset", "requestRate", "burstiness"] as const;
/** What decides how figures are reported, and changes none. */
const REPORTING: ReadonlySet<string> = new Set(["percentiles", "serviceLevels"]);
/** What is another one each time. */
const MOMENTARY: ReadonlySet<string> = new Set(["date", "loadAverage", "memory.availableBytes"]);
/** Measured anew each time, or derived from what is reported beside it. */
const OF_ONE_LOAD: ReadonlySet<string> = new Set([
  "label",
  "loadMs",
  "rssBytes",
  "files.path",
  "files.step",
  "limits",
]);
/** Reported as a whole: what is in it says where a model comes from, line by line. */
const WHOLE: ReadonlySet<string> = new Set(["files.manifest"]);

/** All settings that differ: options, machine and software as they were last, and the models' own. */
export function settingDifferences(
  a: BenchData,
  b: BenchData,
  pairs: readonly TargetPair[],
): SettingDifference[] {
  const latest = ({ environments }: BenchData): Environment | undefined => environments.at(-1);
  const factsOf = ({ targets }: BenchData, label: string): TargetFacts | undefined =>
    targets.find((target) => target.label === label);
  return [
    ...differencesOf(a.plan.options, b.plan.options, REPORTING).map((found) => ({
      scope: "options" as const,
      target: null,
      ...found,
    })),
    ...differencesOf(latest(a), latest(b), MOMENTARY).map((found) => ({
      scope: "environment" as const,
      target: null,
      ...found,
    })),
    ...pairs.flatMap((pair) =>
      differencesOf(factsOf(a, pair.a), factsOf(b, pair.b), OF_ONE_LOAD).map((found) => ({
        scope: "target" as const,
        target: pairName(pair),
        ...found,
      })),
    ),
  ];
}

/** "phi", or "phi-int8 → phi-int4". */
export function pairName({ a, b }: TargetPair): string {
  return a === b ? a : `${a} → ${b}`;
}

/** What of the load differs, in sentences without a full stop; none where both can be compared. */
export function loadDifferences(a: ResolvedBenchOptions, b: ResolvedBenchOptions): string[] {
  const isRandom = (options: ResolvedBenchOptions) => options.dataset === "random";
  const isSame = (name: (typeof LOAD)[number]): boolean => {
    // Two paths may lead to one file, on two machines or after it was moved.
    if (name === "dataset") return isRandom(a) === isRandom(b);
    // The prompts of a file have the lengths that they have.
    if (name === "inputLength" && !isRandom(a) && !isRandom(b)) return true;
    // Nothing arrives at random where everything arrives at once.
    if (name === "burstiness" && a.requestRate === "inf" && b.requestRate === "inf") return true;
    return isDeepStrictEqual(a[name], b[name]);
  };
  return LOAD.filter((name) => !isSame(name)).map((name) => `${name} is ${a[name]} in A and ${b[name]} in B`);
}

type Difference = Pick<SettingDifference, "name" | "a" | "b">;

function differencesOf(a: unknown, b: unknown, ignored: ReadonlySet<string>, path = ""): Difference[] {
  // A setting that an older version did not have is none.
  if (ignored.has(path) || isDeepStrictEqual(a ?? null, b ?? null)) return [];
  if (!isJsonObject(a) || !isJsonObject(b) || WHOLE.has(path))
    return [{ name: path, a: a ?? null, b: b ?? null }];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) =>
    differencesOf(a[name], b[name], ignored, path === "" ? name : `${path}.${name}`),
  );
}
