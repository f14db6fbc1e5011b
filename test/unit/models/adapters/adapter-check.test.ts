import { describe, expect, test } from "vitest";
import { checkPairs, loraPairsOf, type LoraPair } from "../../../../lib/models/adapters/adapter-check.js";
import type { MatMul } from "../../../../lib/models/ir/ir-matmuls.js";
import type { SafetensorsTensor } from "../../../../lib/models/files/safetensors.js";

const PREFIX = "base_model.model.";
const Q = `${PREFIX}model.layers.0.self_attn.q_proj`;

const tensor = (name: string, shape: number[] = [4, 288], dtype = "F32"): SafetensorsTensor => ({
  name,
  dtype,
  shape,
});
const pair = (module: string): SafetensorsTensor[] => [
  tensor(`${module}.lora_A.weight`, [4, 288]),
  tensor(`${module}.lora_B.weight`, [32, 4]),
];
const pairsOf = (tensors: SafetensorsTensor[]) => loraPairsOf({ path: "/a.safetensors", tensors });

describe("the pairs of an adapter", () => {
  test("have the path of their module and its sizes, in the order of GenAI", () => {
    const mlp = `${PREFIX}model.layers.10.mlp.down_proj`;
    expect(pairsOf([...pair(Q), ...pair(mlp).toReversed()])).toEqual([
      { module: "model.layers.0.self_attn.q_proj", inputSize: 288, outputSize: 32 },
      { module: "model.layers.10.mlp.down_proj", inputSize: 288, outputSize: 32 },
    ]);
  });

  test.each([
    [`${Q}.lora_A.weight`, `${Q}.lora_B.weight`],
    [`${Q}.lora.A.weight`, `${Q}.lora.B.weight`],
    [`${Q}_lora_A.weight`, `${Q}_lora_B.weight`],
    [`${Q}.lora_down.weight`, `${Q}.lora_up.weight`],
    [`${Q}.lora.down.weight`, `${Q}.lora.up.weight`],
  ])("may be called %s and %s", (a, b) => {
    const tensors = [tensor(a, [4, 288]), tensor(b, [32, 4])];
    expect(pairsOf(tensors)).toMatchObject([{ module: "model.layers.0.self_attn.q_proj" }]);
  });

  test("may be called lora1 of a module, which then is the module", () => {
    const tensors = [tensor(`${Q}.lora1.down.weight`, [4, 288]), tensor(`${Q}.lora1.up.weight`, [32, 4])];
    expect(pairsOf(tensors)).toMatchObject([{ module: "model.layers.0.self_attn.q_proj.lora1" }]);
  });

  test.each(["F32", "F16", "BF16"])("may be %s", (dtype) => {
    const tensors = pair(Q).map((half) => ({ ...half, dtype }));
    expect(pairsOf(tensors)).toHaveLength(1);
  });
});

describe("an adapter is refused", () => {
  test.each<[string, SafetensorsTensor[], string]>([
    ["without a tensor", [], "the file is empty"],
    ["with half a pair", pair(Q).slice(0, 1), `"${Q}" has lora_A but not lora_B`],
    ["with the other half", pair(Q).slice(1), `"${Q}" has lora_B but not lora_A`],
    [
      "with a pair in two spellings",
      [...pair(Q), tensor(`${Q}.lora_down.weight`)],
      "is there twice, in two spellings",
    ],
    [
      "without PEFT's prefix",
      pair("model.layers.0.self_attn.q_proj"),
      'names that begin with "base_model.model."',
    ],
    ["of diffusers", pair("unet.q_proj"), 'names that begin with "base_model.model."'],
    ["of another type", pair(Q).map((half) => ({ ...half, dtype: "F64" })), "F32, F16, BF16 for"],
    [
      "of two types",
      [tensor(`${Q}.lora_A.weight`), tensor(`${Q}.lora_B.weight`, [32, 4], "F16")],
      "received F32 [4, 288] and F16 [32, 4]",
    ],
    [
      "of two ranks",
      [tensor(`${Q}.lora_A.weight`), tensor(`${Q}.lora_B.weight`, [32, 8])],
      "received F32 [4, 288] and F32 [32, 8]",
    ],
    [
      "of no rank",
      [tensor(`${Q}.lora_A.weight`, [0, 288]), tensor(`${Q}.lora_B.weight`, [32, 0])],
      "received F32 [0, 288] and F32 [32, 0]",
    ],
    [
      "of kernels",
      [tensor(`${Q}.lora_A.weight`, [4, 288, 3, 3]), tensor(`${Q}.lora_B.weight`, [32, 4, 1, 1])],
      "lora_A [rank, inputs] and lora_B [outputs, rank]",
    ],
  ])("%s", (_, tensors, message) => {
    expect(() => pairsOf(tensors)).toThrow(message);
    expect(() => pairsOf(tensors)).toThrow(
      expect.objectContaining({
        code: "ERR_MODEL_LOAD",
        message: expect.stringMatching(/^\/a\.safetensors: /),
      }),
    );
  });

  test.each([
    [`${Q}.lora_A.default.weight`, "save_pretrained"],
    [`${Q}.lora_magnitude_vector`, "DoRA is not supported"],
    [`${Q}.lora_magnitude_vector.default.weight`, "DoRA is not supported"],
    [`${PREFIX}model.embed_tokens.lora_embedding_A`, "embeddings are not supported"],
    [`${Q}.alpha`, "divided by the rank"],
    [`${Q}.lora_B.bias`, "biases are not supported"],
    [`${PREFIX}lm_head.weight`, "modules_to_save"],
    [`${PREFIX}model.embed_tokens.weight`, "modules_to_save"],
    [`${Q}.lora_a.weight`, "modules_to_save"],
    [`${"x".repeat(600)}.lora_A.weight`, "modules_to_save"],
    [`${Q}é.lora_A.weight`, "modules_to_save"],
    [`${Q}\n.lora_A.weight`, "modules_to_save"],
  ])("with %j beside its pairs, which GenAI would ignore", (name, cure) => {
    const tensors = [...pair(Q), tensor(name)];
    expect(() => pairsOf(tensors)).toThrow("which GenAI would ignore");
    expect(() => pairsOf(tensors)).toThrow(cure);
  });
});

const matMul = (name: string, input = 288, output = 32): MatMul => ({ name, sizes: { input, output } });
const LAYERS = [0, 1, 11].map((layer) =>
  matMul(`__module.model.layers.${layer}.self_attn.q_proj/ov_ext::linear/MatMul`),
);
const wanted = (module: string, inputSize = 288, outputSize = 32): LoraPair => ({
  module,
  inputSize,
  outputSize,
});
const check = (pairs: LoraPair[], layers: readonly MatMul[] = LAYERS) =>
  checkPairs("/a.safetensors", pairs, "/model", layers);

describe("pairs and layers", () => {
  test("fit where each pair has a layer of its sizes", () => {
    expect(() => check([wanted("model.layers.1.self_attn.q_proj")])).not.toThrow();
    expect(() => check([wanted("model.layers.11.self_attn.q_proj"), wanted("q_proj")])).not.toThrow();
  });

  test("fit by names with underscores in place of dots", () => {
    expect(() => check([wanted("model_layers_1_self_attn_q_proj")])).not.toThrow();
  });

  test.each([
    [wanted("model.layers.1.self_attn.q_proj", 576), "is made for 576 inputs and 32 outputs"],
    [wanted("model.layers.1.self_attn.q_proj", 288, 64), "has 288 and 32"],
    [wanted("model.layers.1.self_attn.q_proj", 32, 288), "of /model has 288 and 32"],
  ])("do not fit where sizes differ: %j", (pair, message) => {
    expect(() => check([pair])).toThrow(message);
  });

  test("do not fit a layer without a matrix of its own", () => {
    const layers = [{ name: "model.layers.0.mlp.experts", sizes: null }];
    expect(() => check([wanted("model.layers.0.mlp.experts")], layers)).toThrow("no matrix of a fixed size");
  });

  test("do not fit where GenAI would ignore a pair, which names it and what the model has", () => {
    const pairs = [wanted("model.layers.1.self_attn.q_proj"), wanted("model.layers.2.self_attn.q_proj")];
    expect(() => check(pairs)).toThrow(
      '/a.safetensors: /model has no layers for "model.layers.2.self_attn.q_proj", which GenAI would ignore; ' +
        'its layers are "__module.model.layers.0.self_attn.q_proj/ov_ext::linear/M..." and 2 more',
    );
    expect(() => check([wanted("a"), wanted("b"), wanted("c")], [matMul("x")])).toThrow('"a" and 2 more');
  });

  test("do not fit where an earlier pair takes all layers of a later one, as GenAI takes the first", () => {
    const pairs = [wanted("model.layers.0.self_attn.q_proj"), wanted("q_proj"), wanted("self_attn.q_proj")];
    expect(() => check(pairs)).toThrow('no layers for "self_attn.q_proj"');
  });

  test("say so of a model that has no names for its layers", () => {
    const layers = [matMul("MatMul_57"), { name: "rope", sizes: null }];
    expect(() => check([wanted("q_proj")], layers)).toThrow("Load the GGUF file itself");
  });
});
