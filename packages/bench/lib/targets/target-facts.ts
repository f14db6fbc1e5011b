import type {
  AppliedProfile,
  ChosenProperty,
  Properties,
  ResolvedGenerationConfig,
  ResolvedSchedulerConfig,
} from "openvino-llm";
import type { InferenceFacts, NoInferenceFacts } from "openvino-llm/internal";
import type { ServerFacts } from "./server-facts.js";
import type { MachineLimits, NoMachineLimits } from "./machine-limits.js";
import type { ModelFacts } from "./model-facts.js";

/** A precision that was asked for. */
export interface PrecisionHint {
  /** As OpenVINO names it: "f32", "bf16", "u8". */
  readonly value: string;
  /** By properties, the caller's or those chosen beside them, or by the model's own IR. */
  readonly from: "property" | "model";
}

/** What is known of a target when it has been loaded: everything that a report says of it. */
export interface TargetFacts {
  /** The label in the plan. */
  readonly label: string;
  /** What it was asked for by. */
  readonly model: string;
  /** "batching" and "pipeline" in this process, "http" for a server. */
  readonly engine: "batching" | "pipeline" | "http";
  /** Where tokens are stamped. */
  readonly stamps: "engine" | "client";
  /** Whether prompts that begin alike share their cache; null where it is not known. */
  readonly prefixCaching: boolean | null;
  /** How long the load took; null for what was not loaded here. */
  readonly loadMs: number | null;
  /** OpenVINO device that it was loaded for; null for a server's. */
  readonly device: string | null;
  /** OpenVINO properties that it was loaded with, chosen ones among them; empty for none and for a server's. */
  readonly properties: Properties;
  /** Those of them that came with a profile or a hint, or are defaults of the library; absent where it is not known. */
  readonly chosenProperties?: readonly ChosenProperty[];
  /** The profile that was taken; absent without one. */
  readonly profile?: AppliedProfile;
  /** Precisions that were asked for; null leaves one to the plugin, whose choice is in `inference`. */
  readonly precisions: {
    /** What inference was asked to compute in. */
    readonly inference: PrecisionHint | null;
    /** What keys and values were asked to be kept in. */
    readonly kvCache: PrecisionHint | null;
  };
  /** The scheduler options that hold; null where there are none or they are not known. */
  readonly scheduler: ResolvedSchedulerConfig | null;
  /** The generation config that the requests run with; null where it is not known. */
  readonly generationConfig: ResolvedGenerationConfig | null;
  /** What is known by the model's files; null for a server's. */
  readonly files: ModelFacts | null;
  /** Resident memory of the process that runs it; null for what was not loaded here. */
  readonly rssBytes: {
    /** Bytes before the load. */
    readonly before: number;
    /** Bytes after the load. */
    readonly after: number;
  } | null;
  /** The server that answers; null for what runs in this process, absent in the folders of earlier versions. */
  readonly server: ServerFacts | null;
  /**
   * Which kernels ran it, or why that is not known. Null where nobody looked: not yet, not at all, or at a server. Absent in
   * the folders of earlier versions.
   */
  readonly inference: InferenceFacts | NoInferenceFacts | null;
  /**
   * What the machine can do at most, measured after its runs. Absent where nobody looked: not yet, not at all, at a server, or
   * in the folders of earlier versions.
   */
  readonly limits?: MachineLimits | NoMachineLimits;
}
