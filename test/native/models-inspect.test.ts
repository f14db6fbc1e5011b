import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ContinuousBatchingPipeline } from "../../lib/index.js";
import { convertGguf } from "../../lib/models/store/convert.js";
import { inspectModel } from "../../lib/models/inspect/inspect-model.js";
import { kvCacheNeeds } from "../../lib/models/inspect/memory.js";
import { readIrGraph } from "../../lib/models/inspect/ir-graph.js";
import { listModels } from "../../lib/models/list.js";
import { checkpointTensors } from "../../packages/model-tools/lib/synth/checkpoint-tensors.js";
import { writeShards } from "../../packages/model-tools/lib/synth/shards.js";
import { convertGgufNative } from "../../lib/native/native-convert.js";
import { chainModel, temporaryFolder } from "../helpers/chain.js";
import { findOracle, oracleNeed } from "../helpers/oracle.js";
import { tinyGeometry } from "../helpers/tiny-geometry.js";
import { given } from "../helpers/needs.js";

const oracle = await findOracle();

async function ask(...args: string[]): Promise<unknown> {
  if ("reason" in oracle) throw new Error(oracle.reason);
  const program = await readFile(new URL("models-oracle.py", import.meta.url), "utf8");
  return JSON.parse(await oracle.run(program, args));
}

/** A block of the paged cache on CPU. */
const TOKENS_PER_BLOCK = 32;

const chain = async () => convertGguf(await chainModel(), convertGgufNative);
/** The architectures of the fixtures, and whatever this machine has. */
const models = [
  ...["tiny-phi3", "tiny-gpt-oss"].map((name) =>
    fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)),
  ),
  ...(await listModels()).flatMap(({ dir }) => (dir === null ? [] : [dir])),
];

/** Of types that the files of an IR call otherwise than OpenVINO does. */
const NAMES_IN_FILES: Readonly<Record<string, string>> = {
  Constant: "Const",
  Softmax: "SoftMax",
  Relu: "ReLU",
};

interface OracleGraph {
  readonly operations: Record<string, number>;
  readonly constants: Record<string, [count: number, bytes: number]>;
  readonly stored: [places: number, bytes: number];
}

test.each(["the chain model", ...models])(
  "operations, constants and bytes of %s are those that OpenVINO reads",
  given(oracleNeed(oracle)),
  async (model) => {
    const dir = model === "the chain model" ? await chain() : model;
    const xml = join(dir, "openvino_model.xml");
    const [{ graph, weights }, { main }, read] = await Promise.all([
      inspectModel(dir),
      readIrGraph(xml),
      ask("graph", xml) as Promise<OracleGraph>,
    ]);
    const operations = Object.entries(read.operations).map(([type, count]) => [
      NAMES_IN_FILES[type] ?? type,
      count,
    ]);
    expect(graph?.operations).toEqual(Object.fromEntries(operations));

    const constants: Record<string, [number, number]> = {};
    for (const { constant } of main.values()) {
      if (constant === null) continue;
      const [count, bytes] = constants[constant.elementType] ?? [0, 0];
      constants[constant.elementType] = [count + 1, bytes + constant.sizeBytes];
    }
    expect(constants).toEqual(read.constants);

    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    const stored = [
      sum(weights.map(({ tensors }) => tensors)),
      sum(weights.map(({ sizeBytes }) => sizeBytes)),
    ];
    expect(stored).toEqual(read.stored);
  },
);

test("a model that GenAI converted has the sizes, the tokenizer and the template of its GGUF file", async () => {
  const gguf = await chainModel();
  const [from, to] = await Promise.all([
    inspectModel(gguf),
    convertGguf(gguf, convertGgufNative).then(inspectModel),
  ]);
  const { intermediateSize, ...sizes } = from.geometry;
  expect(intermediateSize).toBe(128);
  expect(to.geometry).toEqual({ ...sizes, intermediateSize: null });
  expect(to).toMatchObject({
    format: "openvino",
    architecture: "llama",
    precision: "FP16",
    graph: { cacheKind: "stateful", variables: 2, runtimeOptions: { KV_CACHE_PRECISION: "f16" } },
    tokenizer: {
      kind: "BPE",
      file: "openvino_tokenizer.xml",
      vocabSize: 288,
      bosTokenId: 284,
      eosTokenId: 287,
    },
    notes: [],
  });
  expect(to.chatTemplate?.text).toBe(from.chatTemplate?.text);
  expect(to.memory.kvCache).toEqual(from.memory.kvCache);
});

test("the fixtures of other architectures are recognised by their graphs and configs", async () => {
  const [phi3, gptOss] = await Promise.all(models.slice(0, 2).map((dir) => inspectModel(dir)));
  expect(phi3).toMatchObject({
    architecture: "phi3",
    mixture: null,
    graph: { cacheKind: "stateful" },
    notes: [],
  });
  expect(gptOss).toMatchObject({ architecture: "gpt_oss", graph: { cacheKind: "stateful" }, notes: [] });
  expect(gptOss?.mixture?.activeParameters).toBeLessThan(gptOss?.parameters ?? 0);
  for (const model of [phi3, gptOss]) {
    expect(model?.parameters).toBeGreaterThan(1000);
    expect(model?.tokenizer?.kind).toBe("BPE");
  }
});

test("the cache needs the bytes that the batching pipeline takes for it", async () => {
  const dir = await chain();
  const blocks = 8;
  for (const precision of ["f16", "u8"]) {
    const llm = await ContinuousBatchingPipeline.load(dir, {
      scheduler: { numKvBlocks: blocks, cacheSizeGb: 0 },
      properties: { KV_CACHE_PRECISION: precision },
    });
    try {
      await llm.generate("a", { maxNewTokens: 2 });
      const taken = llm.metrics().cacheSizeBytes / blocks / TOKENS_PER_BLOCK;
      const { geometry } = await inspectModel(dir);
      expect(kvCacheNeeds(geometry, precision)?.bytesPerToken).toBe(taken);
    } finally {
      await llm.close();
    }
  }
});

test("Python reads the numbers of a random checkpoint", given(oracleNeed(oracle)), async () => {
  const dir = temporaryFolder();
  await writeShards(dir, checkpointTensors(tinyGeometry("phi-4-mini"), 1), { seed: 1 });
  const read = (await ask("tensors", join(dir, "model-00001-of-00001.safetensors"))) as {
    isAligned: boolean;
    tensors: Record<string, [mean: number, deviation: number, isFinite: boolean]>;
  };
  expect(read.isAligned).toBe(true);
  const [mean, deviation, isFinite] = read.tensors["model.embed_tokens.weight"] ?? [];
  expect(mean).toBeCloseTo(0, 3);
  expect(deviation).toBeCloseTo(0.02, 3);
  expect(isFinite).toBe(true);
  expect(read.tensors["model.norm.weight"]?.[0]).toBeCloseTo(1, 1);
});
