import type { JsonObject } from "../files/json-file.js";
import type { ModelGeometry } from "./geometry.js";
import type { GraphFacts } from "./ir-facts.js";
import type { MemoryNeeds } from "./memory.js";
import type { StepNeeds } from "./step-needs.js";
import type { RandomWeights } from "./random-weights.js";
import type { ChatTemplate, TokenizerFacts } from "./tokenizer-facts.js";
import type { QuantizationGroup, WeightCensusRow } from "./weights.js";

/** What stands in a model's files. */
export type ModelFormat = "openvino" | "gguf" | "safetensors";

/** A file of a model. */
export interface InspectedFile {
  /** In the model's folder. */
  readonly name: string;
  /** As the file system reports it. */
  readonly sizeBytes: number;
}

/** A model of which only some experts work on a token. */
export interface MixtureOfExperts {
  /** Experts of a layer. */
  readonly experts: number;
  /** Active experts per token; null where no file has it. */
  readonly activeExperts: number | null;
  /**
   * Weights that a token is multiplied with: all but those of the experts that it is not sent to, and without the table
   * of embeddings where the output has a matrix of its own. Null where the number of active experts is not known.
   */
  readonly activeParameters: number | null;
}

/** A model as its files describe it, without loading it. */
export interface ModelInspection {
  /** The folder's or file's name, or the one in the manifest; of a model in the hub's cache the one that it was asked for by. */
  readonly name: string;
  /** The folder or file, absolute. */
  readonly path: string;
  /** What its weights are in. */
  readonly format: ModelFormat;
  /** The files that belong to it. */
  readonly files: readonly InspectedFile[];
  /** All files together. */
  readonly sizeBytes: number;
  /** The family, as `model_type` or GGUF name it: `phi3`, `gpt_oss`, `llama`; null where no file has it. */
  readonly architecture: string | null;
  /** The class of Transformers, e.g. `Phi3ForCausalLM`; null where no file has it. */
  readonly modelClass: string | null;
  /** What most weights are: `INT4`, `INT8`, `FP16`; null where there are none. */
  readonly precision: string | null;
  /** Weights; null where the files with them are not there. */
  readonly parameters: number | null;
  /** The graph's sizes where there is one, else those of `config.json` or of the GGUF header. */
  readonly geometry: ModelGeometry;
  /** Null for a model without experts, and where no file names any. */
  readonly mixture: MixtureOfExperts | null;
  /** Stored tensors by what they are for and by type. */
  readonly weights: readonly WeightCensusRow[];
  /** In which ways weights are quantised; empty where none are. */
  readonly quantization: readonly QuantizationGroup[];
  /** Null for anything but OpenVINO IR: only that holds a graph. */
  readonly graph: GraphFacts | null;
  /** Null where no file names one. */
  readonly tokenizer: TokenizerFacts | null;
  /** Null where there is none: messages cannot be given then. */
  readonly chatTemplate: ChatTemplate | null;
  /** `generation_config.json` as it stands; empty where there is none. */
  readonly generationConfig: JsonObject;
  /** What weights and cache take; what is computed with comes on top. */
  readonly memory: MemoryNeeds;
  /** What one inference reads and computes; null where there is no graph, or weights in a format that is not known. */
  readonly step: StepNeeds | null;
  /** Null for a model whose manifest says nothing of random weights. */
  readonly randomWeights: RandomWeights | null;
  /** `manifest.json` as it stands; null where there is none. */
  readonly manifest: JsonObject | null;
  /** What is missing, damaged or contradictory, as sentences. */
  readonly notes: readonly string[];
}
