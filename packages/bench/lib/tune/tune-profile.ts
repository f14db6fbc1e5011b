/** What a search found as a profile that `load()` takes. Pure. */
import { PROFILE_HOLDS, profileOf } from "openvino-llm/internal";
import type { Profile, ProfileCpu, ProfileModel, ProfileVersions } from "openvino-llm";
import type { TuneEvidence } from "./search/comparison.js";
import type { RatioEstimate } from "./search/sequential.js";
import type { SearchResult } from "./search/search.js";
import type { AnswerQuality } from "./search/tune-engine.js";
import type { ResolvedTuneOptions } from "./tune-options.js";

/** What was measured. */
export interface Measured {
  /** The model. */
  readonly model: ProfileModel;
  /** The processor. */
  readonly cpu: ProfileCpu;
  /** The software. */
  readonly versions: ProfileVersions;
}

/** The profile of the chosen settings; null where they are the defaults, which need none. */
export function profileOfSearch(
  { chosen, evidence, candidates }: Pick<SearchResult, "chosen" | "evidence" | "candidates">,
  { inputLength, outputLength, levels, serviceLevels, objective }: ResolvedTuneOptions,
  measured: Measured,
  created: string,
): Profile | null {
  if (evidence === null) return null;
  const { engine, properties, scheduler, promptLookup } = chosen.settings;
  const { ttftMs, tpotMs } = serviceLevels;
  const quality = candidates.find(({ id }) => id === chosen.id)?.quality ?? null;
  return profileOf(
    {
      version: 1,
      ...measured,
      load: {
        inputLen: inputLength,
        outputLen: outputLength,
        levels,
        slo: { ...(ttftMs === undefined ? {} : { ttftMs }), ...(tpotMs === undefined ? {} : { tpotMs }) },
      },
      objective,
      settings: {
        pipeline: engine === "pipeline" ? "LLMPipeline" : "ContinuousBatchingPipeline",
        properties,
        ...(Object.keys(scheduler).length === 0 ? {} : { scheduler }),
        ...(promptLookup ? { promptLookup } : {}),
      },
      evidence: {
        against: "the defaults",
        ratio: ratioOf(evidence),
        levels: levelsOf(evidence, outputLength),
        quality: quality === null ? null : qualityOf(quality),
      },
      created,
      holds: PROFILE_HOLDS,
    },
    "The profile of this tuning",
  );
}

function levelsOf({ levels }: TuneEvidence, outputLength: number) {
  return levels.map(({ concurrency, tokensPerSecond, ttft, tpot }) => ({
    concurrency,
    tokensPerSecond: ratioOf(tokensPerSecond),
    ttft: ratioOf(ttft),
    tpot: outputLength === 1 ? null : ratioOf(tpot),
  }));
}

function ratioOf({ ratio, low, high }: RatioEstimate) {
  return { value: ratio, low, high: high ?? Number.MAX_VALUE };
}

function qualityOf({ perplexity, referencePerplexity, greedyAgreement, tokens }: AnswerQuality) {
  return {
    reference: "f32 without dynamic quantisation",
    perplexity,
    referencePerplexity,
    greedyAgreementPercent: 100 * greedyAgreement,
    tokensCompared: tokens,
  };
}
