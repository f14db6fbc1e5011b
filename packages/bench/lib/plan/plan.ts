/** What a benchmark will do, run by run. Pure: the same options give the same plan, which is what makes it resumable. */
import { basename, extname } from "node:path";

import { invalidArgType, outOfRange, isaLimitName, type IsaLimit } from "openvino-llm/internal";
import { arrivalTimesMs } from "./arrivals.js";
import { resolveBenchOptions } from "./resolve-bench-options.js";
import type { BenchOptions, ResolvedBenchOptions } from "./bench-options.js";
import { randomLength, type PromptSource } from "../prompts/prompts.js";
import { seededRandom } from "../stats/random.js";
import type { RunKey } from "../measure/records.js";
import type { LevelWorkload } from "../measure/run-level.js";
import type { BenchRequest } from "../measure/target.js";

/** A model with the settings that it is loaded with. Everything that is measured carries its label. */
export interface PlanTarget {
  /** Names it in reports; unique. */
  readonly label: string;
  /** A path or the name of a model in the cache; what a server calls it. */
  readonly model: string;
  /** Overrides that of the options' scheduler; null where it is not swept. */
  readonly maxNumBatchedTokens: number | null;
  /** It is asked over HTTP; else it is loaded in this process. Absent in the folders of earlier versions. */
  readonly http: boolean;
  /**
   * oneDNN may not go beyond this instruction set; it then runs in a process of its own. Null for no limit. Absent in the
   * folders of earlier versions.
   */
  readonly isa: IsaLimit | null;
}

/** One level of one target, once. */
export interface PlannedRun extends RunKey {
  /** Requests that are measured: a multiple of the concurrency. */
  readonly numPrompts: number;
  /** Requests of the warm-up before it. */
  readonly numWarmups: number;
  /** The number of its first prompt; those of the warm-up come first. */
  readonly firstPrompt: number;
}

/** Everything that is to be done, as JSON can hold it. */
export interface BenchPlan {
  /** The options that it was made with, defaults filled in. */
  readonly options: ResolvedBenchOptions;
  /** In the order in which their figures are reported. */
  readonly targets: readonly PlanTarget[];
  /**
   * In the order in which they are run: each target's levels one after the other, and all of that again for each repeat;
   * targets that are measured side by side take turns from repeat to repeat.
   */
  readonly runs: readonly PlannedRun[];
  /** The short measurement of each target that estimates how long everything will take. */
  readonly probe: {
    /** The number of its first prompt. */
    readonly firstPrompt: number;
    /** Prompts: one to warm up, one alone, and as many at once as the highest level has. */
    readonly numPrompts: number;
  };
}

/** Fewer prompts than this make means that say little, at whatever concurrency. */
const MIN_PROMPTS = 32;
const PROMPTS_PER_REQUEST = 4;

/**
 * Plans a benchmark. Repeats of a level are as far apart as they can be, so that a machine that drifts shows in their
 * spread; and no two prompts of a target are the same, over all levels, repeats and warm-ups.
 *
 * @param models - at least one
 * @throws TypeError, RangeError for models and options
 */
export function planBench(models: readonly string[], options: BenchOptions = {}): BenchPlan {
  const resolved = resolveBenchOptions(options);
  const targets = targetsOf(models, resolved);
  const highest = Math.max(...resolved.levels);
  // One request to be warm, one alone, and as many at once as there will be.
  const probe = { firstPrompt: 0, numPrompts: 2 + highest };
  const runs = targetGroups(targets).flatMap((group) => {
    const byTarget = group.map(({ label }) => repeatsOf(label, probe.numPrompts, resolved));
    return Array.from({ length: resolved.repeats }, (_, index) => {
      // Whichever came second in one repeat comes first in the next: a machine that drifts favours neither.
      const order = index % 2 === 0 ? byTarget : byTarget.toReversed();
      return order.flatMap((repeats) => repeats[index] ?? []);
    }).flat();
  });
  return { options: resolved, targets, runs, probe };
}

/** The runs of a target, repeat by repeat. */
function repeatsOf(target: string, firstOfAll: number, options: ResolvedBenchOptions): PlannedRun[][] {
  let firstPrompt = firstOfAll;
  return Array.from({ length: options.repeats }, (_, index) =>
    options.levels.map((concurrency) => {
      const numPrompts = promptCount(concurrency, options);
      const run = {
        target,
        concurrency,
        repeat: index + 1,
        numPrompts,
        numWarmups: concurrency,
        firstPrompt,
      };
      firstPrompt += concurrency + numPrompts;
      return run;
    }),
  );
}

/**
 * Targets that take turns: a model in this process, and the same one of a server or with a limited instruction set. Every
 * other target is alone.
 */
export function targetGroups(targets: readonly PlanTarget[]): PlanTarget[][] {
  const groups: PlanTarget[][] = [];
  for (const target of targets) {
    const last = groups.at(-1);
    const [first] = last ?? [];
    const isVariant =
      first?.model === target.model &&
      (target.http ||
        ((target.isa ?? null) !== null && first.maxNumBatchedTokens === target.maxNumBatchedTokens));
    if (isVariant) last?.push(target);
    else groups.push([target]);
  }
  return groups;
}

/** Prompts at a level: a multiple of its concurrency, so that the last wave is as full as the others. */
export function promptCount(
  concurrency: number,
  { numPrompts, promptsPerConcurrency }: Pick<ResolvedBenchOptions, "numPrompts" | "promptsPerConcurrency">,
): number {
  const wanted =
    numPrompts ??
    (promptsPerConcurrency === null
      ? Math.max(PROMPTS_PER_REQUEST * concurrency, MIN_PROMPTS)
      : promptsPerConcurrency * concurrency);
  return Math.ceil(wanted / concurrency) * concurrency;
}

/** The requests of a run, with their arrivals and those of its warm-up. */
export function workloadOf(
  run: PlannedRun,
  options: ResolvedBenchOptions,
  prompts: PromptSource,
): LevelWorkload {
  const { inputLength, outputLength, rangeRatio, warmupOutputLength, burstiness, seed } = options;
  const requestRate = options.requestRate === "inf" ? Infinity : options.requestRate;
  // The target is left out, so that all models get the same load.
  const random = (purpose: string) => seededRandom(seed, purpose, run.concurrency, run.repeat);
  const lengths = random("lengths");
  const requestAt = (index: number, output: number): BenchRequest => ({
    prompt: prompts.prompt(run.firstPrompt + index, randomLength(inputLength, rangeRatio, lengths)),
    outputLength: output,
  });
  const warmup = Array.from({ length: run.numWarmups }, (_, index) => requestAt(index, warmupOutputLength));
  const requests = Array.from({ length: run.numPrompts }, (_, index) =>
    requestAt(run.numWarmups + index, randomLength(outputLength, rangeRatio, lengths)),
  );
  const arrivalsMs = arrivalTimesMs({ count: run.numPrompts, requestRate, burstiness }, random("arrivals"));
  return { concurrency: run.concurrency, requests, arrivalsMs, warmup };
}

/** The longest that prompt and answer can be together, in tokens. */
export function longestRequest({ inputLength, outputLength, rangeRatio }: ResolvedBenchOptions): number {
  return Math.ceil(inputLength * (1 + rangeRatio)) + Math.ceil(outputLength * (1 + rangeRatio));
}

function targetsOf(
  models: readonly string[],
  { maxNumBatchedTokens, http, serve, isaCompare }: ResolvedBenchOptions,
): PlanTarget[] {
  if (models.length === 0) throw outOfRange("models", "at least one model", models);
  for (const [index, model] of models.entries()) {
    if (typeof model !== "string" || model === "") {
      throw invalidArgType(`models[${index}]`, "the path or name of a model", model);
    }
  }
  if (new Set(models).size !== models.length) throw outOfRange("models", "different models", models);
  if (models.length > 1 && (http?.servedModelName ?? null) !== null) {
    throw outOfRange("models", "a single model with http.servedModelName", models);
  }
  const names = models.map(nameOf);
  return models.flatMap((model, index) => {
    const name = names[index] ?? model;
    // Two files of one name in different folders keep their paths.
    const label = names.indexOf(name) === names.lastIndexOf(name) ? name : model;
    const server = { label, model, maxNumBatchedTokens: null, http: true, isa: null };
    if (http !== null && !http.inProcess) return server;
    const values = maxNumBatchedTokens ?? [null];
    const local = values.flatMap((value) => {
      const own = {
        label: value === null || values.length === 1 ? label : `${label} (${value} batched tokens)`,
        model,
        maxNumBatchedTokens: value,
        http: false,
        isa: null,
      };
      const limited = (isaCompare ?? []).map((isa) => ({
        ...own,
        label: `${own.label} · ${isaLimitName(isa)}`,
        isa,
      }));
      return [own, ...limited];
    });
    return http === null && serve === undefined ? local : [...local, { ...server, label: `${label} (http)` }];
  });
}

/** What reports call a model: the last part of its path, without ".gguf". */
export function nameOf(model: string): string {
  const name = basename(model);
  return extname(name).toLowerCase() === ".gguf" ? name.slice(0, -extname(name).length) : name || model;
}
