/** How long a decoding step and a prompt take at least on a machine: by what is read, and by what is multiplied. Pure. */
import { cacheBytesPerToken, isUnder, type InferenceFacts, type MultiplyRate } from "openvino-llm/internal";
import type { StepNeeds } from "openvino-llm/models";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import type { PlanTarget } from "../plan/plan.js";
import type { MachineLimits } from "../targets/machine-limits.js";
import type { TargetFacts } from "../targets/target-facts.js";

/** What is read and computed, and how long that takes at least. */
export interface WorkLimit {
  /** Bytes that are read at least: weights once, keys and values of what is looked back at. */
  readonly bytes: number;
  /** Multiply-adds. */
  readonly multiplyAdds: number;
  /** Milliseconds to read the bytes at the measured bandwidth. */
  readonly memoryMs: number;
  /** Milliseconds to multiply at the measured peak rate. */
  readonly computeMs: number;
  /** The longer one. */
  readonly limitMs: number;
  /** Which one that is. */
  readonly bound: "memory" | "compute";
}

/** What the limits of a target are worked out from. */
export interface LimitModel {
  readonly step: StepNeeds;
  readonly activeExpertShare: number;
  readonly attentionMultiplyAdds: number;
  readonly cacheBytes: number;
  readonly bandwidth: MachineLimits["readBandwidth"][number];
  readonly peak: MultiplyRate;
  readonly inference: InferenceFacts;
  /** Sequences that decode at the same time at most. */
  readonly mostSequences: number;
  /** Tokens of a prompt in one inference at most. */
  readonly mostTokens: number;
  readonly isPrefillWhole: boolean;
}

/** What the limits are made of, or why there are none. */
export function limitModel(
  facts: TargetFacts,
  options: ResolvedBenchOptions,
  planned: PlanTarget | undefined,
): LimitModel | string {
  const { files, inference, limits, scheduler, engine } = facts;
  if (engine === "http")
    return "Not known: what a server's machine can do and which graph it runs is not seen from here.";
  if (facts.device !== "CPU")
    return `Not known: only the CPU is measured, and this ran on ${facts.device ?? "another device"}.`;
  if (options.requestRate !== "inf")
    return "Not known: at a rate of requests the number that decodes at once is not fixed.";
  if (options.promptLookup !== null && options.promptLookup !== undefined) {
    return "Not known: with prompt lookup a step gives more tokens than one.";
  }
  if (limits === undefined || limits === null)
    return "Not known: the machine's limits were not measured (--no-kernels, or an earlier version).";
  if ("message" in limits) return `Not known: ${limits.message}`;
  if (inference === null)
    return "Not known: which precision is multiplied in was not looked at (--no-kernels).";
  if (!inference.ok) return `Not known, because the kernels are not: ${inference.message}`;
  const step = files?.step ?? null;
  if (step === null) return "Not known: the graph has weights in a format that is not known, or none.";
  const { activeExpertShare, attentionMultiplyAdds, cacheElements, headSize } = step;
  if (activeExpertShare === null || (files?.isMoe === true && step.expertBytes === 0)) {
    return "Not known: no file says how many experts are active for a token.";
  }
  const cachePrecision = inference.inForce.kvCachePrecision;
  if (
    attentionMultiplyAdds === null ||
    cacheElements === null ||
    headSize === null ||
    cachePrecision === null
  ) {
    return "Not known: the graph does not show the sizes of its key-value cache.";
  }
  const cacheBytes = cacheBytesPerToken(cacheElements, headSize, cachePrecision);
  if (cacheBytes === null) return `Not known: the cache is in ${cachePrecision}, whose size is not known.`;
  const precision = arithmeticOf(inference);
  const isa = planned?.isa ?? null;
  const peak = limits.multiplyRates
    .filter((rate) => rate.precision === precision && (isa === null || isUnder(rate.instructions, isa)))
    .reduce<MultiplyRate | null>(
      (best, rate) =>
        best === null || rate.multiplyAddsPerSecond > best.multiplyAddsPerSecond ? rate : best,
      null,
    );
  const bandwidth = limits.readBandwidth.reduce<LimitModel["bandwidth"] | null>(
    (best, one) => (best === null || one.bytesPerSecond > best.bytesPerSecond ? one : best),
    null,
  );
  if (peak === null)
    return `Not known: no rate of multiplication was measured in ${precision ?? "the precision that ran"}.`;
  if (bandwidth === null) return "Not known: no read bandwidth was measured.";
  return {
    step,
    activeExpertShare,
    attentionMultiplyAdds,
    cacheBytes,
    bandwidth,
    peak,
    inference,
    mostSequences: engine === "pipeline" ? 1 : (scheduler?.maxNumSeqs ?? Infinity),
    mostTokens: scheduler?.maxNumBatchedTokens ?? Infinity,
    isPrefillWhole: options.dataset === "random" || facts.prefixCaching === false,
  };
}

/** In what the weight layers multiply; null for what no kernel of ours measures. */
function arithmeticOf({
  activationTypes,
  isDynamicallyQuantized,
  inForce,
}: InferenceFacts): MultiplyRate["precision"] | null {
  if (isDynamicallyQuantized || activationTypes.some((type) => /^[su]8$/.test(type))) return "int8";
  const precision = inForce.inferencePrecision;
  return precision === "f32" || precision === "bf16" ? precision : null;
}

/** A decoding step: a token of each sequence. */
export function stepLimit(model: LimitModel, sequences: number, contextTokens: number): WorkLimit {
  const { step, activeExpertShare, attentionMultiplyAdds, cacheBytes } = model;
  const seen = Math.min(contextTokens, step.slidingWindow ?? Infinity);
  const bytes = weightBytes(model, sequences) + sequences * seen * cacheBytes;
  const perToken =
    step.denseMultiplyAdds + activeExpertShare * step.expertMultiplyAdds + attentionMultiplyAdds * seen;
  return limitOf(model, bytes, sequences * perToken);
}

/** A prompt, in as many inferences as the scheduler lets it be. */
export function promptLimit(model: LimitModel, tokens: number): WorkLimit {
  const { step, activeExpertShare, attentionMultiplyAdds, mostTokens } = model;
  const inferences = Math.max(1, Math.ceil(tokens / mostTokens));
  const output = step.outputMultiplyAdds ?? 0;
  const window = Math.min(tokens, step.slidingWindow ?? Infinity);
  // Each token looks back at those before it: half of the prompt on average, of a window all but its beginning.
  const pairs = window * (tokens - window / 2);
  const multiplyAdds =
    tokens * (step.denseMultiplyAdds - output + activeExpertShare * step.expertMultiplyAdds) +
    output +
    attentionMultiplyAdds * pairs;
  return limitOf(model, inferences * weightBytes(model, tokens / inferences), multiplyAdds);
}

/** Of experts those that some token is sent to, where each is as likely as the others. */
function weightBytes({ step, activeExpertShare }: LimitModel, tokens: number): number {
  return step.denseBytes + step.expertBytes * (1 - (1 - activeExpertShare) ** tokens);
}

function limitOf({ bandwidth, peak }: LimitModel, bytes: number, multiplyAdds: number): WorkLimit {
  const memoryMs = (1000 * bytes) / bandwidth.bytesPerSecond;
  const computeMs = (1000 * multiplyAdds) / peak.multiplyAddsPerSecond;
  const bound = computeMs > memoryMs ? "compute" : "memory";
  return { bytes, multiplyAdds, memoryMs, computeMs, limitMs: Math.max(memoryMs, computeMs), bound };
}
