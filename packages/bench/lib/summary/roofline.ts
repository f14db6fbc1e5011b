/**
 * The roofline: how long a decoding step and a prompt take at least, by the bytes that memory has to give and by the products
 * that have to be made, and how near the measured times are. Pure.
 */
import type { MultiplyRate } from "openvino-llm/internal";
import type { Estimate } from "../stats/statistics.js";
import { isCompleted, type LatencyMetrics } from "../measure/metrics.js";
import type { RunRecord } from "../measure/records.js";
import type { BenchData } from "../results/bench-data.js";
import type { MachineLimits } from "../targets/machine-limits.js";
import type { TargetFacts } from "../targets/target-facts.js";
import { limitModel, promptLimit, stepLimit, type LimitModel, type WorkLimit } from "./limit-model.js";

/** Such work as it was measured. */
export interface MeasuredWork extends WorkLimit {
  /** Milliseconds that it took; null where no figure is of it alone. */
  readonly measuredMs: number | null;
  /** The limit over what was measured: 1 is as fast as can be, more says that the caches held what memory would have given. */
  readonly share: number | null;
}

/** A level of a target beside its limits. */
export interface LevelRoofline {
  /** Requests in flight at most. */
  readonly concurrency: number;
  /** Sequences in a decoding step. */
  readonly sequences: number;
  /** Tokens that a decoding step looks back at in each sequence, the mean. */
  readonly contextTokens: number;
  /** A decoding step of that many sequences; measured is the median gap between two tokens. */
  readonly decode: MeasuredWork;
  /**
   * The prompt of one request; measured is the mean time to first token of single requests, because at more it has waiting
   * in it. Null where prompts may come out of a cache.
   */
  readonly prefill: MeasuredWork | null;
  /** Where a share is below 60 %: the kernels that take the time, by the profile. */
  readonly slow: readonly string[];
}

/** The roofline of a target. */
export interface TargetRoofline {
  /** Label of the target in the plan. */
  readonly target: string;
  /** Why nothing is known, in a sentence; null where it is. */
  readonly unknown: string | null;
  /** Bytes per second that memory gives at most, and on how many threads; null where it is not known. */
  readonly bandwidth: MachineLimits["readBandwidth"][number] | null;
  /** The fastest multiplication in the precision that ran; null where it is not known. */
  readonly peak: MultiplyRate | null;
  /** In the order of the plan. */
  readonly levels: readonly LevelRoofline[];
  /** From how many sequences on a decoding step is bound by compute; null: not below 4,096. */
  readonly computeBoundFrom: number | null;
}

/** What is taken of a level's figures. */
interface MeasuredLevel {
  readonly target: string;
  readonly concurrency: number;
  readonly latencies: LatencyMetrics;
  readonly meanTtftMs: Estimate;
}

/** Below this part of the limit a report names the kernels that take the time. */
export const SLOW_SHARE = 0.6;
const MAX_SEQUENCES = 4096;
const NAMED_KERNELS = 3;

/** The rooflines of all targets that were loaded. */
export function rooflines(
  { plan, targets, runs }: BenchData,
  levels: readonly MeasuredLevel[],
): TargetRoofline[] {
  return targets.map((facts) => {
    const model = limitModel(
      facts,
      plan.options,
      plan.targets.find(({ label }) => label === facts.label),
    );
    if (typeof model === "string") {
      return {
        target: facts.label,
        unknown: model,
        bandwidth: null,
        peak: null,
        levels: [],
        computeBoundFrom: null,
      };
    }
    const own = levels
      .filter(({ target }) => target === facts.label)
      .flatMap((level) => levelRoofline(level, model, runs, facts) ?? []);
    const contextTokens = own.at(-1)?.contextTokens;
    return {
      target: facts.label,
      unknown: null,
      bandwidth: model.bandwidth,
      peak: model.peak,
      levels: own,
      computeBoundFrom: contextTokens === undefined ? null : computeBoundFrom(model, contextTokens),
    };
  });
}

function levelRoofline(
  level: MeasuredLevel,
  model: LimitModel,
  runs: readonly RunRecord[],
  { label }: TargetFacts,
): LevelRoofline | null {
  const { concurrency, latencies } = level;
  const requests = runs
    .filter((run) => run.target === label && run.concurrency === concurrency)
    .flatMap((run) => run.requests.filter(isCompleted));
  if (requests.length === 0) return null;
  const sequences = Math.min(concurrency, model.mostSequences);
  const prompt = mean(requests.map(({ promptTokens }) => promptTokens));
  // From the step behind the prompt's to the last one: the middle of them.
  const contextTokens = prompt + mean(requests.map(({ producedMs }) => producedMs.length)) / 2;
  const gap = latencies.itlMs.n > 0 ? latencies.itlMs.median : null;
  const decode = measured(stepLimit(model, sequences, contextTokens), gap);
  const prefill = model.isPrefillWhole
    ? measured(promptLimit(model, prompt), concurrency === 1 ? level.meanTtftMs.mean : null)
    : null;
  return {
    concurrency,
    sequences,
    contextTokens,
    decode,
    prefill,
    slow: slowKernels(decode, prefill, sequences, model),
  };
}

function measured(limit: WorkLimit, measuredMs: number | null): MeasuredWork {
  const isThere = measuredMs !== null && measuredMs > 0;
  return {
    ...limit,
    measuredMs: isThere ? measuredMs : null,
    share: isThere ? limit.limitMs / measuredMs : null,
  };
}

function computeBoundFrom(model: LimitModel, contextTokens: number): number | null {
  for (let sequences = 1; sequences <= MAX_SEQUENCES; sequences++) {
    if (stepLimit(model, sequences, contextTokens).bound === "compute") return sequences;
  }
  return null;
}

/** "decode, 31 % of the limit: FullyConnected brgemm_avx512_bf16 80.0 %, …". */
function slowKernels(
  decode: MeasuredWork,
  prefill: MeasuredWork | null,
  sequences: number,
  { inference: { phases } }: LimitModel,
): string[] {
  const many = phases.batchDecode;
  // The profiled step that is nearer, by ratio.
  const step = many !== null && sequences ** 2 > many.tokens ? many : phases.decode;
  return [["decode", decode, step] as const, ["prefill", prefill, phases.prefill] as const].flatMap(
    ([name, work, { tokens, kernels }]) => {
      const share = work?.share ?? null;
      if (share === null || share >= SLOW_SHARE || kernels.length === 0) return [];
      const most = kernels
        .slice(0, NAMED_KERNELS)
        .map(({ nodeType, kernel, timeShare }) => `${nodeType} ${kernel} ${(100 * timeShare).toFixed(1)} %`);
      const profiled = `profiled with ${tokens} ${tokens === 1 ? "token" : "tokens"}`;
      return [`${name}, ${(100 * share).toFixed(0)} % of the limit; ${profiled}: ${most.join(", ")}`];
    },
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
