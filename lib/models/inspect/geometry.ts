import { isJsonObject, type JsonObject } from "../files/json-file.js";

/** The sizes of a language model; null where they are not known. */
export interface ModelGeometry {
  /** Layers of attention and feed-forward. */
  readonly layers: number | null;
  /** Numbers that stand for a token between layers. */
  readonly hiddenSize: number | null;
  /** Of the feed-forward part, or of one expert. */
  readonly intermediateSize: number | null;
  /** Attention heads of a layer. */
  readonly heads: number | null;
  /** Heads of keys and values: fewer than {@link heads} where several share them. */
  readonly kvHeads: number | null;
  /** Numbers of a key or value of one head. */
  readonly headSize: number | null;
  /** Rows of the embedding: token ids are below it. */
  readonly vocabSize: number | null;
  /** Tokens that prompt and answer can have together. */
  readonly contextLength: number | null;
  /** Tokens that some or all layers look back at most. */
  readonly slidingWindow: number | null;
}

/** The expert part of a mixture of experts. */
export interface ExpertGeometry {
  /** Experts of a layer. */
  readonly experts: number;
  /** Active experts per token; null where it is not known. */
  readonly activeExperts: number | null;
}

/** Sizes that nobody knows yet. */
export const UNKNOWN_GEOMETRY: ModelGeometry = {
  layers: null,
  hiddenSize: null,
  intermediateSize: null,
  heads: null,
  kvHeads: null,
  headSize: null,
  vocabSize: null,
  contextLength: null,
  slidingWindow: null,
};

/** Under which keys models of different families keep their sizes, in order of preference. */
const CONFIG_KEYS = {
  layers: ["num_hidden_layers", "n_layer", "n_layers", "num_layers"],
  hiddenSize: ["hidden_size", "n_embd", "d_model"],
  intermediateSize: ["moe_intermediate_size", "intermediate_size", "n_inner", "ffn_dim"],
  heads: ["num_attention_heads", "n_head", "n_heads"],
  kvHeads: ["num_key_value_heads", "num_kv_heads"],
  headSize: ["head_dim"],
  vocabSize: ["vocab_size"],
  contextLength: ["max_position_embeddings", "n_positions", "seq_length"],
  slidingWindow: ["sliding_window"],
} as const satisfies Record<keyof ModelGeometry, readonly string[]>;

const EXPERT_KEYS = ["num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"] as const;
const ACTIVE_EXPERT_KEYS = [
  "num_experts_per_tok",
  "experts_per_token",
  "num_experts_per_token",
  "moe_topk",
] as const;

/** The sizes in a `config.json`. Those that follow from others by the rules of Hugging Face are filled in. */
export function configGeometry(config: JsonObject): ModelGeometry {
  const of = (name: keyof ModelGeometry) => sizeIn(config, CONFIG_KEYS[name]);
  const [hiddenSize, heads, contextLength] = [of("hiddenSize"), of("heads"), of("contextLength")];
  const window = of("slidingWindow");
  const slices = hiddenSize !== null && heads !== null ? hiddenSize / heads : null;
  return {
    layers: of("layers"),
    hiddenSize,
    intermediateSize: of("intermediateSize"),
    heads,
    kvHeads: of("kvHeads") ?? heads,
    headSize: of("headSize") ?? (Number.isInteger(slices) ? slices : null),
    vocabSize: of("vocabSize"),
    contextLength,
    // Some families write a window that is longer than the context, or one that is switched off.
    slidingWindow:
      window === null || partsOf(config).some((part) => part["use_sliding_window"] === false)
        ? null
        : contextLength !== null && window >= contextLength
          ? null
          : window,
  };
}

/** The experts in a `config.json`; null for a model that has none. */
export function configExperts(config: JsonObject): ExpertGeometry | null {
  const experts = sizeIn(config, EXPERT_KEYS);
  if (experts === null || experts < 2) return null;
  return { experts, activeExperts: sizeIn(config, ACTIVE_EXPERT_KEYS) };
}

/** The family of a `config.json` and the class of Transformers that runs it. */
export function configNames(config: JsonObject): { architecture: string | null; modelClass: string | null } {
  const [name, classes] = [config["model_type"], config["architectures"]];
  const [first]: unknown[] = Array.isArray(classes) ? classes : [];
  return {
    architecture: typeof name === "string" ? name : null,
    modelClass: typeof first === "string" ? first : null,
  };
}

/** A model with several parts keeps the figures of its language model under `text_config`. */
function partsOf(config: JsonObject): JsonObject[] {
  const nested = config["text_config"];
  return isJsonObject(nested) ? [config, nested] : [config];
}

function sizeIn(config: JsonObject, keys: readonly string[]): number | null {
  for (const part of partsOf(config)) {
    for (const key of keys) {
      const value = part[key];
      if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    }
  }
  return null;
}
