import type { Geometry, GeometrySizes } from "./geometries.js";

/** What a tensor is filled with. */
export interface TensorSpec {
  readonly name: string;
  /** Rows first. */
  readonly shape: readonly number[];
  /** The mean of its numbers: 1 for the weights of a normalisation. */
  readonly mean: 0 | 1;
}

/**
 * The tensors of a checkpoint with that many of a model's layers, in the names and layouts that Transformers reads.
 * Experts are in one tensor for all of a layer, [experts, inputs, outputs].
 */
export function checkpointTensors({ family, sizes }: Geometry, layers: number): TensorSpec[] {
  const { hiddenSize, vocabSize, isTied } = sizes;
  const perLayer = { phi3: phi3Layer, gpt_oss: gptOssLayer, llama: llamaLayer }[family];
  const all = Array.from({ length: layers }, (_, layer) =>
    perLayer(sizes).map((tensor) => ({ ...tensor, name: `model.layers.${layer}.${tensor.name}` })),
  );
  return [
    matrix("model.embed_tokens.weight", vocabSize, hiddenSize),
    ...all.flat(),
    norm("model.norm.weight", hiddenSize),
    ...(isTied ? [] : [matrix("lm_head.weight", vocabSize, hiddenSize)]),
  ];
}

/** Numbers in all tensors together. */
export function parameterCountOf(tensors: readonly TensorSpec[]): number {
  return tensors.reduce((total, { shape }) => total + shape.reduce((product, size) => product * size, 1), 0);
}

function phi3Layer({ hiddenSize, intermediateSize, heads, kvHeads, headSize }: GeometrySizes): TensorSpec[] {
  return [
    norm("input_layernorm.weight", hiddenSize),
    matrix("self_attn.qkv_proj.weight", (heads + 2 * kvHeads) * headSize, hiddenSize),
    matrix("self_attn.o_proj.weight", hiddenSize, heads * headSize),
    norm("post_attention_layernorm.weight", hiddenSize),
    matrix("mlp.gate_up_proj.weight", 2 * intermediateSize, hiddenSize),
    matrix("mlp.down_proj.weight", hiddenSize, intermediateSize),
  ];
}

function llamaLayer({ hiddenSize, intermediateSize, heads, kvHeads, headSize }: GeometrySizes): TensorSpec[] {
  return [
    norm("input_layernorm.weight", hiddenSize),
    matrix("self_attn.q_proj.weight", heads * headSize, hiddenSize),
    matrix("self_attn.k_proj.weight", kvHeads * headSize, hiddenSize),
    matrix("self_attn.v_proj.weight", kvHeads * headSize, hiddenSize),
    matrix("self_attn.o_proj.weight", hiddenSize, heads * headSize),
    norm("post_attention_layernorm.weight", hiddenSize),
    matrix("mlp.gate_proj.weight", intermediateSize, hiddenSize),
    matrix("mlp.up_proj.weight", intermediateSize, hiddenSize),
    matrix("mlp.down_proj.weight", hiddenSize, intermediateSize),
  ];
}

function gptOssLayer(sizes: GeometrySizes): TensorSpec[] {
  const { hiddenSize, intermediateSize, heads, kvHeads, headSize, experts } = sizes;
  const linear = (name: string, rows: number, columns: number) => [
    matrix(`${name}.weight`, rows, columns),
    vector(`${name}.bias`, rows),
  ];
  return [
    norm("input_layernorm.weight", hiddenSize),
    ...linear("self_attn.q_proj", heads * headSize, hiddenSize),
    ...linear("self_attn.k_proj", kvHeads * headSize, hiddenSize),
    ...linear("self_attn.v_proj", kvHeads * headSize, hiddenSize),
    ...linear("self_attn.o_proj", hiddenSize, heads * headSize),
    vector("self_attn.sinks", heads),
    norm("post_attention_layernorm.weight", hiddenSize),
    ...linear("mlp.router", experts, hiddenSize),
    { name: "mlp.experts.gate_up_proj", shape: [experts, hiddenSize, 2 * intermediateSize], mean: 0 },
    matrix("mlp.experts.gate_up_proj_bias", experts, 2 * intermediateSize),
    { name: "mlp.experts.down_proj", shape: [experts, intermediateSize, hiddenSize], mean: 0 },
    matrix("mlp.experts.down_proj_bias", experts, hiddenSize),
  ];
}

function matrix(name: string, rows: number, columns: number): TensorSpec {
  return { name, shape: [rows, columns], mean: 0 };
}

function vector(name: string, size: number): TensorSpec {
  return { name, shape: [size], mean: 0 };
}

function norm(name: string, size: number): TensorSpec {
  return { name, shape: [size], mean: 1 };
}
