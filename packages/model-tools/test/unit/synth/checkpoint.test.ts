import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { AbortError } from "../../../../../lib/errors/errors.js";
import { inspectModel } from "../../../../../lib/models/inspect/inspect-model.js";
import { readSafetensorsHeader } from "../../../../../lib/models/files/safetensors.js";
import { makeCheckpoint, planName, type CheckpointPlan } from "../../../lib/synth/checkpoint.js";
import { checkpointTensors, parameterCountOf } from "../../../lib/synth/checkpoint-tensors.js";
import { readGgufTokenizer } from "../../../../../lib/models/gguf/gguf-tokenizer.js";
import { writeShards } from "../../../lib/synth/shards.js";
import { writeTokenizer } from "../../../lib/synth/tokenizer-files.js";
import { chainModel, temporaryFolder } from "../../../../../test/helpers/chain.js";
import { tinyGeometry } from "../../../../../test/helpers/tiny-geometry.js";

let cache: string;
beforeEach(() => {
  cache = temporaryFolder();
  vi.stubEnv("OPENVINO_LLM_CACHE", cache);
});

const tokenizer = async () => readGgufTokenizer(await chainModel());
const PLAN: CheckpointPlan = { geometry: tinyGeometry("gpt-oss-20b"), layers: 3, seed: 7 };

test("a checkpoint has the tensors of its plan, which our own reader reads, and says what it is", async () => {
  const { dir } = await makeCheckpoint(PLAN, { tokenizer });
  expect(dir).toBe(join(cache, "checkpoints", "gpt-oss-20b-random-3-of-4-layers-seed-7", "gpt-oss-20b"));
  const wanted = checkpointTensors(PLAN.geometry, 3);
  const { tensors } = await readSafetensorsHeader(join(dir, "model-00001-of-00001.safetensors"));
  expect(tensors).toEqual(wanted.map(({ name, shape }) => ({ name, dtype: "BF16", shape })));
  const { notes, ...model } = await inspectModel(dir);
  expect(model).toMatchObject({
    name: "gpt-oss-20b-random-3-of-4-layers-seed-7",
    format: "safetensors",
    architecture: "gpt_oss",
    modelClass: "GptOssForCausalLM",
    precision: "BF16",
    parameters: parameterCountOf(wanted),
    geometry: {
      layers: 3,
      hiddenSize: 64,
      heads: 4,
      kvHeads: 2,
      headSize: 32,
      contextLength: 131_072,
      slidingWindow: 128,
    },
    mixture: { experts: 4, activeExperts: 4 },
    randomWeights: { seed: 7, layers: 3, layersShare: 0.75 },
    tokenizer: { kind: "BPE", vocabSize: 288, eosTokenId: 287 },
  });
  expect(notes).toEqual(["A checkpoint has to be prepared before it runs; it has no graph."]);
});

test("the layers of gpt-oss look back in turns", async () => {
  const { dir } = await makeCheckpoint(PLAN, { tokenizer });
  const config = JSON.parse(await readFile(join(dir, "config.json"), "utf8")) as Record<string, unknown>;
  expect(config["layer_types"]).toEqual(["sliding_attention", "full_attention", "sliding_attention"]);
  expect(config["num_hidden_layers"]).toBe(3);
});

test("numbers do not depend on how a checkpoint is cut into shards", async () => {
  const tensors = checkpointTensors(tinyGeometry("llama-3.2-1b"), 2);
  const [one, many] = [temporaryFolder(), temporaryFolder()];
  await writeShards(one, tensors, { seed: 3 });
  await writeShards(many, tensors, { seed: 3, maxShardBytes: 20_000 });
  const names = (await readdir(many)).filter((name) => name.endsWith(".safetensors"));
  expect(names.length).toBeGreaterThan(5);
  expect(await dataOf(many, names.sort())).toEqual(await dataOf(one, ["model-00001-of-00001.safetensors"]));
  const index = JSON.parse(await readFile(join(many, "model.safetensors.index.json"), "utf8")) as {
    weight_map: Record<string, string>;
    metadata: { total_size: number };
  };
  expect(Object.keys(index.weight_map)).toEqual(tensors.map(({ name }) => name));
  expect(index.metadata.total_size).toBe(parameterCountOf(tensors) * 2);
});

/** Everything behind the headers, joined. */
async function dataOf(dir: string, names: readonly string[]): Promise<Buffer> {
  const files = await Promise.all(names.map((name) => readFile(join(dir, name))));
  return Buffer.concat(files.map((file) => file.subarray(8 + Number(file.readBigUInt64LE()))));
}

test("the same plan finds its checkpoint again and writes nothing", async () => {
  const { dir } = await makeCheckpoint(PLAN, { tokenizer });
  const refused = () => Promise.reject(new Error("asked for a tokenizer"));
  expect((await makeCheckpoint(PLAN, { tokenizer: refused })).dir).toBe(dir);
});

test("an aborted checkpoint leaves nothing, and what a killed process left is not picked up", async () => {
  const abort = new AbortController();
  const onProgress = () => abort.abort();
  await expect(makeCheckpoint(PLAN, { tokenizer, onProgress, signal: abort.signal })).rejects.toThrow(
    AbortError,
  );
  expect(await readdir(join(cache, "checkpoints"))).toEqual([]);

  const left = join(cache, "checkpoints", `${planName(PLAN)}.4194305-0a1b2c3d.tmp`);
  await mkdir(left, { recursive: true });
  await writeFile(join(left, "model-00001-of-00001.safetensors"), "half");
  const { entry } = await makeCheckpoint(PLAN, { tokenizer });
  expect(await readdir(join(cache, "checkpoints"))).toEqual([planName(PLAN)]);
  expect(entry).toBe(join(cache, "checkpoints", planName(PLAN)));
});

test("a checkpoint stays until the last one that holds it has released it", async () => {
  const first = await makeCheckpoint(PLAN, { tokenizer });
  const second = await makeCheckpoint(PLAN, { tokenizer });
  expect(await first.release("remove")).toBe(false);
  expect(await readdir(second.dir)).toContain("model-00001-of-00001.safetensors");
  expect(await second.release("remove")).toBe(false);
  expect(await readdir(join(cache, "checkpoints"))).toEqual([]);
});

test("a checkpoint that the disk has no room for is refused before a byte of it is written", async () => {
  const sizes = { ...PLAN.geometry.sizes, vocabSize: 2 ** 46 };
  const plan = { ...PLAN, geometry: { ...PLAN.geometry, sizes } };
  await expect(makeCheckpoint(plan, { tokenizer })).rejects.toMatchObject({ code: "ERR_DISK_FULL" });
  await expect(makeCheckpoint(plan, { tokenizer })).rejects.toThrow(/GB of free disk/);
  expect(await readdir(join(cache, "checkpoints"))).toEqual([]);
});

test("the tokenizer is written as it stands in the GGUF file", async () => {
  const dir = temporaryFolder();
  const words = await tokenizer();
  await writeTokenizer(dir, words);
  const json = JSON.parse(await readFile(join(dir, "tokenizer.json"), "utf8")) as {
    model: { vocab: Record<string, number>; merges: string[][] };
    added_tokens: { id: number; content: string }[];
  };
  expect(
    Object.entries(json.model.vocab)
      .sort(([, a], [, b]) => a - b)
      .map(([piece]) => piece),
  ).toEqual(words.tokens);
  expect(json.model.merges[0]).toEqual(["t", "h"]);
  expect(json.added_tokens.map(({ id, content }) => [id, content])).toEqual([
    [284, "<|endoftext|>"],
    [285, "<|im_start|>"],
    [286, "<|im_sep|>"],
    [287, "<|im_end|>"],
  ]);
  await expect(writeTokenizer(dir, { ...words, pre: "qwen2" })).rejects.toThrow('"qwen2"');
});
