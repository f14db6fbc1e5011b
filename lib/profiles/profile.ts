/** What a profile is: settings that were found by measuring, what they were measured on, and what they brought. */

/** What settings are chosen for: answers of one request, tokens of all of them, or requests within service levels. */
export type ProfileObjective = "latency" | "throughput" | "goodput";

/** The classes whose `load()` takes a profile. */
export type ProfilePipeline = "LLMPipeline" | "ContinuousBatchingPipeline";

/** Properties that a profile may set; it sets none of a device, a folder or anything outside inference. */
export interface ProfileProperties {
  /** Arithmetic. */
  readonly INFERENCE_PRECISION_HINT?: "f32" | "bf16" | "f16";
  /** Values per scale of dynamically quantised activations: 0 (off) to 2^31 - 1. */
  readonly DYNAMIC_QUANTIZATION_GROUP_SIZE?: number;
  /** Element type of the key-value cache. */
  readonly KV_CACHE_PRECISION?: "u8" | "f16" | "bf16" | "f32";
  /** Threads of inference: 1 to `cpu.cpus`. */
  readonly INFERENCE_NUM_THREADS?: number;
  /** Bind threads to cores. */
  readonly ENABLE_CPU_PINNING?: boolean;
  /** Also use the second hardware thread of each core. */
  readonly ENABLE_HYPER_THREADING?: boolean;
  /** Cores to run on, on processors that have two kinds. */
  readonly SCHEDULING_CORE_TYPE?: "ANY_CORE" | "PCORE_ONLY" | "ECORE_ONLY";
}

/** Scheduler options that a profile may set, see `SchedulerOptions`: those that change neither text nor memory. */
export interface ProfileScheduler {
  /** Tokens that one step processes at most. */
  readonly maxNumBatchedTokens?: number;
  /** Requests that run at once at most. */
  readonly maxNumSeqs?: number;
  /** Process prompts in parts, together with the tokens of running requests. */
  readonly dynamicSplitFuse?: boolean;
}

/** The load options that a profile stands for. */
export interface ProfileSettings {
  /** The class that they were measured with. */
  readonly pipeline: ProfilePipeline;
  /** OpenVINO plugin properties; empty for the defaults. */
  readonly properties: ProfileProperties;
  /** `ContinuousBatchingPipeline` only. Absent: the defaults. */
  readonly scheduler?: ProfileScheduler;
  /** Absent: false. */
  readonly promptLookup?: boolean;
}

/** The model that was measured. */
export interface ProfileModel {
  /** What it was called. */
  readonly name: string;
  /** SHA-256 of its `openvino_model.xml`: operations and formats of the weights decide its speed, their values do not. */
  readonly graphSha256: string;
  /** Size of its `openvino_model.bin`. */
  readonly weightsBytes: number;
  /** How most weights are stored: "int4 in groups of 128, symmetric". */
  readonly weightFormat: string;
}

/** The processor that was measured, as one process sees it. */
export interface ProfileCpu {
  /** As Linux names it; null where it does not. */
  readonly modelName: string | null;
  /** The number of its family; null where Linux does not report it. */
  readonly family: number | null;
  /** The number of its model within the family; null where Linux does not report it. */
  readonly model: number | null;
  /** Those that matter to inference and that oneDNN may use, as Linux names them: "avx512_vnni", "amx_int8". */
  readonly instructionSets: readonly string[];
  /** CPUs that the process may use, by its affinity and the quota of its control group. */
  readonly cpus: number;
}

/** What was measured with. */
export interface ProfileVersions {
  /** Of this package. */
  readonly openvinoLlm: string;
  /** The build of OpenVINO. */
  readonly openvino: string;
  /** The build of OpenVINO GenAI. */
  readonly openvinoGenai: string;
}

/** The requests that were measured. */
export interface ProfileLoad {
  /** Tokens of a prompt. */
  readonly inputLen: number;
  /** Tokens of an answer. */
  readonly outputLen: number;
  /** Requests at once. */
  readonly levels: readonly number[];
  /** Service levels; absent where there were none. */
  readonly slo?: {
    /** Time to first token, milliseconds. */
    readonly ttftMs?: number;
    /** Time per output token, milliseconds. */
    readonly tpotMs?: number;
  };
}

/** A ratio, these settings over what they were compared with, and its 95 % interval. */
export interface ProfileRatio {
  /** The estimate. */
  readonly value: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/** What was seen at one level. */
export interface ProfileLevel {
  /** Requests at once. */
  readonly concurrency: number;
  /** Output tokens per second; above 1 is better. */
  readonly tokensPerSecond: ProfileRatio;
  /** Mean time to first token; below 1 is better. */
  readonly ttft: ProfileRatio;
  /** Mean time per output token; below 1 is better. Null for answers of one token. */
  readonly tpot: ProfileRatio | null;
}

/** How the answers compare with those of a reference. */
export interface ProfileQuality {
  /** What they are compared with: "f32 without dynamic quantisation". */
  readonly reference: string;
  /** Of a fixed text, with these settings. */
  readonly perplexity: number;
  /** Of the same text, with the reference. */
  readonly referencePerplexity: number;
  /** Greedy tokens that are the same, 0 to 100. */
  readonly greedyAgreementPercent: number;
  /** How many were compared. */
  readonly tokensCompared: number;
}

/** Why these settings were chosen. */
export interface ProfileEvidence {
  /** What they were compared with: "the engine's defaults". */
  readonly against: string;
  /** Of the objective's figure, over all levels; above 1 is better. */
  readonly ratio: ProfileRatio;
  /** By level. */
  readonly levels: readonly ProfileLevel[];
  /** Null where nobody looked. */
  readonly quality: ProfileQuality | null;
}

/** The fields that must be the same where a profile is used; it does not hold where one of them is another. */
export const PROFILE_HOLDS = [
  "model.graphSha256",
  "cpu",
  "versions.openvino",
  "versions.openvinoGenai",
] as const;

/** The `$schema` of a profile, and the `$id` of `openvino-llm/profile.schema.json`. */
export const PROFILE_SCHEMA = "urn:openvino-llm:profile:1";

/**
 * Load options that `openvino-llm-bench tune` found for a model on a processor, with what they were measured on and what
 * they brought. A file of JSON, for `load(model, { profile })`; its schema is `openvino-llm/profile.schema.json`.
 */
export interface Profile {
  /** Names the schema, for editors. */
  readonly $schema?: string;
  /** Of this format. */
  readonly version: 1;
  /** The model. */
  readonly model: ProfileModel;
  /** The processor. */
  readonly cpu: ProfileCpu;
  /** Versions of the software. */
  readonly versions: ProfileVersions;
  /** The requests. */
  readonly load: ProfileLoad;
  /** What the settings were chosen for. */
  readonly objective: ProfileObjective;
  /** The settings. */
  readonly settings: ProfileSettings;
  /** Why these. */
  readonly evidence: ProfileEvidence;
  /** When it was measured: ISO 8601, UTC. */
  readonly created: string;
  /** The fields that must be the same where it is used. */
  readonly holds: typeof PROFILE_HOLDS;
}

/** The profile that a model was loaded with, and what of its settings was taken: the load's own options come first. */
export interface AppliedProfile {
  /** Its file, absolute. */
  readonly file: string;
  /** What it was made for. */
  readonly objective: ProfileObjective;
  /** When it was measured: ISO 8601, UTC. */
  readonly created: string;
  /** What was taken. */
  readonly settings: {
    /** Properties, as OpenVINO gets them. */
    readonly properties: Readonly<Record<string, string>>;
    /** Scheduler options; none in an `LLMPipeline`. */
    readonly scheduler: ProfileScheduler;
    /** Whether it switched prompt lookup on. */
    readonly promptLookup: boolean;
  };
}
