import type { JsonObject } from "openvino-llm/models";

/** The models whose geometry is known, by the name that {@link synthModel} takes. */
export type GeometryName = "phi-4-mini" | "gpt-oss-20b" | "llama-3.2-1b";

/** How the layers of a family are made of tensors. */
export type Family = "phi3" | "gpt_oss" | "llama";

/** The sizes that shape a model's tensors. */
export interface GeometrySizes {
  /** Layers of the whole model. */
  readonly layers: number;
  /** Numbers that stand for a token between layers. */
  readonly hiddenSize: number;
  /** Of the feed-forward part, or of one expert. */
  readonly intermediateSize: number;
  /** Attention heads of a layer. */
  readonly heads: number;
  /** Heads of keys and values. */
  readonly kvHeads: number;
  /** Numbers of a key or value of one head. */
  readonly headSize: number;
  /** Rows of the embedding: token ids are below it. */
  readonly vocabSize: number;
  /** Experts of a layer; 0 for a model without. */
  readonly experts: number;
  /** Whether the output uses the table of embeddings. */
  readonly isTied: boolean;
}

/** A published model's geometry: all that is needed to build one like it from random numbers. */
export interface Geometry {
  /** What the command line calls it. */
  readonly name: GeometryName;
  /** Where the real one is: the id on the Hugging Face hub. */
  readonly hubId: string;
  /** What its publisher says it has: `3.8B`. */
  readonly publishedParameters: string;
  /** How its layers are made of tensors. */
  readonly family: Family;
  /** The sizes of the real model. */
  readonly sizes: GeometrySizes;
  /** Layers that are made where no number is given: fewer than all where the export of all needs much memory. */
  readonly defaultLayers: number;
  /** `config.json`, without what follows from the sizes or names code and tokens. */
  readonly config: JsonObject;
  /** Where these values stand in public. */
  readonly source: string;
}

/** The rotary frequencies of Phi-4-mini are divided by these beyond 4,096 tokens. */
const PHI_LONG_FACTORS: readonly number[] = [
  1, 1.118320672, 1.250641126, 1.398617824, 1.564103225, 1.74916897, 1.956131817, 2.187582649, 2.446418898,
  2.735880826, 3.059592084, 3.421605075, 3.826451687, 4.279200023, 4.785517845, 5.351743533, 5.984965424,
  6.693110555, 7.485043894, 8.370679318, 9.36110372, 10.4687158, 11.70738129, 13.09260651, 14.64173252,
  16.37415215, 18.31155283, 20.47818807, 22.90118105, 25.61086418, 28.64115884, 32.03, 32.1, 32.13, 32.23,
  32.6, 32.61, 32.64, 32.66, 32.7, 32.71, 32.93, 32.97, 33.28, 33.49, 33.5, 44.16, 47.77,
];

/** The known geometries, by name. */
export const GEOMETRIES: ReadonlyMap<GeometryName, Geometry> = new Map(
  (
    [
      {
        name: "phi-4-mini",
        hubId: "microsoft/Phi-4-mini-instruct",
        publishedParameters: "3.8B",
        family: "phi3",
        sizes: {
          layers: 32,
          hiddenSize: 3072,
          intermediateSize: 8192,
          heads: 24,
          kvHeads: 8,
          headSize: 128,
          vocabSize: 200_064,
          experts: 0,
          isTied: true,
        },
        defaultLayers: 32,
        config: {
          architectures: ["Phi3ForCausalLM"],
          model_type: "phi3",
          attention_bias: false,
          attention_dropout: 0,
          embd_pdrop: 0,
          resid_pdrop: 0,
          hidden_act: "silu",
          max_position_embeddings: 131_072,
          original_max_position_embeddings: 4096,
          partial_rotary_factor: 0.75,
          rms_norm_eps: 1e-5,
          rope_theta: 10_000,
          rope_scaling: {
            type: "longrope",
            long_factor: PHI_LONG_FACTORS,
            short_factor: PHI_LONG_FACTORS.map(() => 1),
          },
          sliding_window: 262_144,
        },
        source:
          "config.json of microsoft/Phi-4-mini-instruct, revision cfbefacb99257ffa30c83adab238a50856ac3083",
      },
      {
        name: "gpt-oss-20b",
        hubId: "openai/gpt-oss-20b",
        publishedParameters: "20.9B",
        family: "gpt_oss",
        sizes: {
          layers: 24,
          hiddenSize: 2880,
          intermediateSize: 2880,
          heads: 64,
          kvHeads: 8,
          headSize: 64,
          vocabSize: 201_088,
          experts: 32,
          isTied: false,
        },
        defaultLayers: 3,
        config: {
          architectures: ["GptOssForCausalLM"],
          model_type: "gpt_oss",
          attention_bias: true,
          attention_dropout: 0,
          experts_per_token: 4,
          num_experts_per_tok: 4,
          hidden_act: "silu",
          initial_context_length: 4096,
          max_position_embeddings: 131_072,
          output_router_logits: false,
          router_aux_loss_coef: 0.9,
          rms_norm_eps: 1e-5,
          rope_theta: 150_000,
          rope_scaling: {
            rope_type: "yarn",
            beta_fast: 32,
            beta_slow: 1,
            factor: 32,
            original_max_position_embeddings: 4096,
            truncate: false,
          },
          sliding_window: 128,
          swiglu_limit: 7,
        },
        source:
          "config.json of openai/gpt-oss-20b; parameters and active parameters in its model card (arXiv 2508.10925)",
      },
      {
        name: "llama-3.2-1b",
        hubId: "meta-llama/Llama-3.2-1B-Instruct",
        publishedParameters: "1.24B",
        family: "llama",
        sizes: {
          layers: 16,
          hiddenSize: 2048,
          intermediateSize: 8192,
          heads: 32,
          kvHeads: 8,
          headSize: 64,
          vocabSize: 128_256,
          experts: 0,
          isTied: true,
        },
        defaultLayers: 16,
        config: {
          architectures: ["LlamaForCausalLM"],
          model_type: "llama",
          attention_bias: false,
          attention_dropout: 0,
          mlp_bias: false,
          pretraining_tp: 1,
          hidden_act: "silu",
          max_position_embeddings: 131_072,
          rms_norm_eps: 1e-5,
          rope_theta: 500_000,
          rope_scaling: {
            rope_type: "llama3",
            factor: 32,
            high_freq_factor: 4,
            low_freq_factor: 1,
            original_max_position_embeddings: 8192,
          },
        },
        source: "config.json of meta-llama/Llama-3.2-1B-Instruct",
      },
    ] satisfies Geometry[]
  ).map((geometry) => [geometry.name, geometry]),
);

/** The name of a model on the hub without its owner: Optimum has recipes of its own for folders of some names. */
export function shortId({ hubId }: Geometry): string {
  return hubId.slice(hubId.indexOf("/") + 1);
}
