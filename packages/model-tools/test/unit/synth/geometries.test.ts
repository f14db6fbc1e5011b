import { expect, test } from "vitest";
import { checkpointTensors, parameterCountOf } from "../../../lib/synth/checkpoint-tensors.js";
import { GEOMETRIES, type Geometry } from "../../../lib/synth/geometries.js";

function geometry(name: "phi-4-mini" | "gpt-oss-20b" | "llama-3.2-1b"): Geometry {
  const found = GEOMETRIES.get(name);
  if (found === undefined) throw new Error(name);
  return found;
}

test("each geometry has as many parameters as its publisher says", () => {
  const counts = [...GEOMETRIES.values()].map((one) => [
    one.name,
    parameterCountOf(checkpointTensors(one, one.sizes.layers)),
    one.publishedParameters,
  ]);
  expect(counts).toEqual([
    ["phi-4-mini", 3_836_021_760, "3.8B"],
    ["gpt-oss-20b", 20_914_757_184, "20.9B"],
    ["llama-3.2-1b", 1_235_814_400, "1.24B"],
  ]);
});

test("fewer layers are that many layers less and nothing else", () => {
  const one = geometry("gpt-oss-20b");
  const names = (layers: number) => checkpointTensors(one, layers).map(({ name }) => name);
  const lost = names(3).filter((name) => !names(2).includes(name));
  expect(lost.length).toBeGreaterThan(10);
  expect(lost.every((name) => name.startsWith("model.layers.2."))).toBe(true);
  expect(names(2).every((name) => names(3).includes(name))).toBe(true);
});

test("tensors have the shapes that Transformers reads", () => {
  const shapes = (name: Parameters<typeof geometry>[0]) =>
    Object.fromEntries(checkpointTensors(geometry(name), 1).map((tensor) => [tensor.name, tensor.shape]));
  expect(shapes("phi-4-mini")).toMatchObject({
    "model.embed_tokens.weight": [200_064, 3072],
    "model.layers.0.self_attn.qkv_proj.weight": [5120, 3072],
    "model.layers.0.mlp.gate_up_proj.weight": [16_384, 3072],
  });
  expect(shapes("phi-4-mini")).not.toHaveProperty("lm_head.weight");
  expect(shapes("gpt-oss-20b")).toMatchObject({
    "model.layers.0.mlp.experts.gate_up_proj": [32, 2880, 5760],
    "model.layers.0.mlp.experts.down_proj_bias": [32, 2880],
    "model.layers.0.self_attn.sinks": [64],
    "model.layers.0.mlp.router.bias": [32],
    "lm_head.weight": [201_088, 2880],
  });
});

test("the frequencies of Phi-4-mini's long contexts fit its heads", () => {
  const { config, sizes } = geometry("phi-4-mini");
  const scaling = config["rope_scaling"] as { long_factor: number[]; short_factor: number[] };
  const rotating = sizes.headSize * Number(config["partial_rotary_factor"]);
  expect(scaling.long_factor).toHaveLength(rotating / 2);
  expect(scaling.short_factor).toHaveLength(rotating / 2);
});
