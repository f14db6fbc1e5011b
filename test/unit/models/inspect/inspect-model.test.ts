import { copyFile, mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import { inspectModel } from "../../../../lib/models/inspect/inspect-model.js";
import { writeCheckpoint } from "../../../../packages/model-tools/lib/synth/checkpoint.js";
import {
  checkpointTensors,
  parameterCountOf,
} from "../../../../packages/model-tools/lib/synth/checkpoint-tensors.js";
import { readGgufTokenizer } from "../../../../lib/models/gguf/gguf-tokenizer.js";
import { chainModel, temporaryFolder } from "../../../helpers/chain.js";
import { IrText, irFile } from "../../../helpers/ir-files.js";
import { tinyGeometry } from "../../../helpers/tiny-geometry.js";

async function checkpoint(
  name: "phi-4-mini" | "gpt-oss-20b" | "llama-3.2-1b" = "gpt-oss-20b",
): Promise<string> {
  const dir = join(temporaryFolder(), "checkpoint");
  await mkdir(dir);
  const tokenizer = async () => readGgufTokenizer(await chainModel());
  await writeCheckpoint(dir, { geometry: tinyGeometry(name), layers: 2, seed: 0 }, { tokenizer });
  return dir;
}

/** An IR of one layer: a key and a value of 2 heads of 16, and an output of 40 tokens. */
function smallIr(info = ""): string {
  const ir = new IrText();
  for (const _ of ["key", "value"])
    ir.operation("ReadValue", [], [-1, 2, -1, 16], 'variable_shape="?,2,?,16" variable_id="x"');
  const query = ir.operation("Relu", [], [-1, 4, -1, 16]);
  ir.operation("ScaledDotProductAttention", [query], [-1, 4, -1, 16]);
  const hidden = ir.operation("Relu", [], [-1, -1, 64]);
  const logits = ir.operation("MatMul", [hidden, ir.constant("f16", [40, 64], 16)], [-1, -1, 40]);
  ir.operation("Result", [logits], []);
  return irFile(ir.text(info));
}

test("a GGUF file has sizes, weights, tokenizer and template", async () => {
  const path = await chainModel();
  expect(await inspectModel(path)).toMatchObject({
    name: "chain",
    path,
    format: "gguf",
    architecture: "llama",
    precision: "FP16",
    parameters: 314_208,
    geometry: {
      layers: 1,
      hiddenSize: 288,
      heads: 1,
      kvHeads: 1,
      headSize: 32,
      vocabSize: 288,
      contextLength: 2048,
    },
    graph: null,
    quantization: [],
    tokenizer: { kind: "BPE", vocabSize: 288 },
    chatTemplate: { files: ["chain.gguf"] },
    memory: {
      kvCache: { precision: "f16", precisionFrom: "model", bytesPerToken: 128, bytesPerSequence: 128 * 2048 },
    },
  });
});

test("a GGUF file that GenAI would not load is inspected all the same, with the reason", async () => {
  const path = await chainModel();
  await truncate(path, 300_000);
  const { parameters, notes } = await inspectModel(path);
  expect(parameters).toBe(314_208);
  expect(notes.join(" ")).toMatch(/truncated/);
});

test("a folder with a GGUF file is that file's model", async () => {
  const path = await chainModel();
  expect((await inspectModel(dirname(path))).parameters).toBe(314_208);
});

test("a checkpoint of a mixture of experts has experts and active parameters", async () => {
  const geometry = tinyGeometry("gpt-oss-20b");
  const model = await inspectModel(await checkpoint());
  const tensors = checkpointTensors(geometry, 2);
  const [lookup = 0, experts = 0] = [/embed_tokens/, /experts/].map((name) =>
    parameterCountOf(tensors.filter((tensor) => name.test(tensor.name))),
  );
  expect(model.parameters).toBe(parameterCountOf(tensors));
  // All four experts of the tiny model work on a token.
  expect(model.mixture).toEqual({
    experts: 4,
    activeExperts: 4,
    activeParameters: parameterCountOf(tensors) - lookup,
  });
  expect(experts).toBeGreaterThan(0);
});

test("the published number of active parameters comes out of gpt-oss-20b's geometry", async () => {
  const { GEOMETRIES } = await import("../../../../packages/model-tools/lib/synth/geometries.js");
  const { activeParameterCount } = await import("../../../../lib/models/inspect/weights.js");
  const real = GEOMETRIES.get("gpt-oss-20b");
  if (real === undefined) throw new Error("no geometry");
  const stored = checkpointTensors(real, 24).map(({ name, shape }) => ({
    role: "weight" as const,
    elementType: "BF16",
    precision: "BF16",
    elements: shape.reduce((product, size) => product * size, 1),
    sizeBytes: 0,
    quantization: null,
    isExpert: name.includes(".experts."),
    isLookup: name === "model.embed_tokens.weight",
    isMultiplied: null,
  }));
  expect(activeParameterCount(stored, 4 / 32) / 1e9).toBeCloseTo(3.61, 2);
});

test("what a checkpoint lacks is noted, and the rest is inspected", async () => {
  const dir = await checkpoint("llama-3.2-1b");
  await rm(join(dir, "config.json"));
  await rm(join(dir, "tokenizer.json"));
  const { notes, ...model } = await inspectModel(dir);
  expect(model).toMatchObject({
    parameters: parameterCountOf(checkpointTensors(tinyGeometry("llama-3.2-1b"), 2)),
  });
  expect(notes.join(" ")).toMatch(/config.json is not there.*tokenizer.json is not there/);

  await rm(join(dir, "model-00001-of-00001.safetensors"));
  await writeFile(join(dir, "config.json"), "{");
  const broken = await inspectModel(dir).catch((error: unknown) => error);
  expect(broken).toMatchObject({ parameters: null, format: "safetensors" });
  expect((broken as { notes: string[] }).notes.join(" ")).toMatch(
    /index.json names model-00001-of-00001.safetensors.*config.json: Expected JSON/,
  );
});

test("a shard that is cut off is named, and the config is read", async () => {
  const dir = await checkpoint("phi-4-mini");
  await truncate(join(dir, "model-00001-of-00001.safetensors"), 1000);
  const { notes, geometry } = await inspectModel(dir);
  expect(geometry.layers).toBe(2);
  expect(notes.join(" ")).toMatch(/model-00001-of-00001.safetensors: .*truncated/);
});

test("a lone safetensors file is inspected with the config beside it", async () => {
  const dir = await checkpoint("phi-4-mini");
  const model = await inspectModel(join(dir, "model-00001-of-00001.safetensors"));
  expect(model).toMatchObject({
    format: "safetensors",
    architecture: "phi3",
    files: [{ name: "model-00001-of-00001.safetensors" }],
  });
});

test("an IR without a config is inspected by its graph", async () => {
  const { notes, ...model } = await inspectModel(dirname(smallIr()));
  expect(model).toMatchObject({
    format: "openvino",
    architecture: null,
    precision: "FP16",
    parameters: 2560,
    geometry: {
      layers: 1,
      hiddenSize: 64,
      heads: 4,
      kvHeads: 2,
      headSize: 16,
      vocabSize: 40,
      contextLength: null,
    },
    graph: { cacheKind: "stateful", variables: 2, operations: { ReadValue: 2, MatMul: 1 } },
    tokenizer: null,
    memory: {
      weightsBytes: 5120,
      kvCache: { precision: "u8", precisionFrom: "default", bytesPerSequence: null },
    },
  });
  expect(notes.join(" ")).toMatch(/config.json is not there/);
  expect(notes.join(" ")).toMatch(
    /openvino_model.bin, openvino_tokenizer.xml, .* are not there: the model cannot be loaded/,
  );
});

test("a lone .xml file of another name is inspected without what belongs to a whole model", async () => {
  const path = smallIr();
  const lone = join(temporaryFolder(), "part.xml");
  await copyFile(path, lone);
  const { name, geometry, notes } = await inspectModel(lone);
  expect([name, geometry.vocabSize]).toEqual(["part", 40]);
  expect(notes.join(" ")).toMatch(/part.bin is not there.*this is part.xml alone/);
});

test("the precision of the cache is the one that the model asks for", async () => {
  const path = smallIr('<runtime_options><KV_CACHE_PRECISION value="f16" /></runtime_options>');
  const { memory } = await inspectModel(dirname(path));
  expect(memory.kvCache).toMatchObject({
    precision: "f16",
    precisionFrom: "model",
    bytesPerToken: 2 * 2 * 16 * 2,
  });
});

test("a config that contradicts the graph is noted; the graph holds", async () => {
  const dir = dirname(smallIr());
  await writeFile(
    join(dir, "config.json"),
    JSON.stringify({ num_hidden_layers: 5, vocab_size: 40, model_type: "llama" }),
  );
  const { geometry, notes } = await inspectModel(dir);
  expect(geometry.layers).toBe(1);
  expect(notes.join(" ")).toMatch(/config.json says layers 5 but the graph has 1/);
});

test("generation defaults are reported as they stand, and random weights by the manifest", async () => {
  const dir = dirname(smallIr());
  await writeFile(
    join(dir, "generation_config.json"),
    JSON.stringify({ temperature: 0.6, eos_token_id: [1, 2] }),
  );
  const manifest = { name: "big-random-int4", weights: "random", seed: 3, layers: 3, layersShare: 0.125 };
  await writeFile(join(dir, "manifest.json"), JSON.stringify(manifest));
  expect(await inspectModel(dir)).toMatchObject({
    name: "big-random-int4",
    generationConfig: { temperature: 0.6, eos_token_id: [1, 2] },
    randomWeights: { seed: 3, layers: 3, layersShare: 0.125 },
    manifest,
  });
});

test("a file that is no model, and an IR that is none, are distinguished from a model", async () => {
  const dir = temporaryFolder();
  await expect(inspectModel(dir)).rejects.toThrow(/there is no .xml, .safetensors or .gguf file/);
  await writeFile(join(dir, "readme.txt"), "x");
  await expect(inspectModel(join(dir, "readme.txt"))).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
  await writeFile(join(dir, "openvino_model.xml"), "not XML");
  const { notes, parameters } = await inspectModel(dir);
  expect(parameters).toBeNull();
  expect(notes.join(" ")).toMatch(/has no operations: it is not OpenVINO IR/);
});

test("a name is looked for in the cache; what is not there and what is no text are refused", async () => {
  const cache = temporaryFolder();
  vi.stubEnv("OPENVINO_LLM_CACHE", cache);
  const dir = join(cache, "models", "small");
  await mkdir(dir, { recursive: true });
  await copyFile(smallIr(), join(dir, "openvino_model.xml"));
  expect((await inspectModel("small")).name).toBe("small");
  await expect(inspectModel("nothing-of-the-kind")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
  await expect(inspectModel("../small")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
  await expect(inspectModel("")).rejects.toThrow(TypeError);
  await expect(inspectModel(5 as unknown as string)).rejects.toThrow(TypeError);
});
