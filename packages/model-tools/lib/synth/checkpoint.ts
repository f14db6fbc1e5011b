import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  cacheDir,
  makeHeldEntry,
  packageVersion,
  type GgufTokenizer,
  type HeldEntry,
} from "openvino-llm/internal";
import type { CacheHolder } from "openvino-llm/models";
import { checkDisk } from "../prepare/needs.js";
import { checkpointTensors, parameterCountOf } from "./checkpoint-tensors.js";
import { shortId, type Geometry } from "./geometries.js";
import { STANDARD_DEVIATION } from "./random-weights.js";
import { checkpointBytes, writeShards, type ShardProgress } from "./shards.js";
import { specialTokenIds, writeTokenizer } from "./tokenizer-files.js";

/** What a checkpoint of random weights is made from. */
export interface CheckpointPlan {
  readonly geometry: Geometry;
  /** Layers of the real model that are made. */
  readonly layers: number;
  readonly seed: number;
}

/** Options of {@link makeCheckpoint}. */
export interface MakeCheckpointOptions {
  /** Asked when the checkpoint is not there yet. */
  readonly tokenizer: () => Promise<GgufTokenizer>;
  /** Writes where the disk seems too small. Default false. */
  readonly force?: boolean;
  readonly onProgress?: (progress: ShardProgress) => void;
  readonly signal?: AbortSignal | undefined;
  /** Called when another process is writing the same checkpoint. */
  readonly onWait?: (holder: CacheHolder) => void;
}

/** A checkpoint that stays until it is released. */
export interface HeldCheckpoint extends HeldEntry {
  /** Its folder. */
  readonly dir: string;
  /** The folder above that, which is the entry in the cache. */
  readonly entry: string;
}

/** The name of what is built: it says that the weights are random, and which part of the real model it is. */
export function planName({ geometry, layers, seed }: CheckpointPlan): string {
  const total = geometry.sizes.layers;
  const part = layers === total ? "" : `-${layers}-of-${total}-layers`;
  return `${geometry.name}-random${part}${seed === 0 ? "" : `-seed-${seed}`}`;
}

/**
 * The checkpoint of a plan, in the cache: made whole or not at all, and found again by the same plan. Its folder has
 * the real model's name, because Optimum chooses its recipe by that. Several runs may hold one checkpoint.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the disk has no room for it; AbortError
 */
export async function makeCheckpoint(
  plan: CheckpointPlan,
  options: MakeCheckpointOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<HeldCheckpoint> {
  const entry = join(cacheDir(env), "checkpoints", planName(plan));
  const folder = shortId(plan.geometry);
  const make = async (tmp: string): Promise<void> => {
    await mkdir(join(tmp, folder));
    await writeCheckpoint(join(tmp, folder), plan, options);
  };
  const { signal, onWait } = options;
  const held = await makeHeldEntry(entry, make, {
    purpose: "make the random checkpoint",
    signal,
    onWait,
  });
  return { dir: join(entry, folder), entry, ...held };
}

/** Writes the checkpoint of a plan into an empty folder. */
export async function writeCheckpoint(
  dir: string,
  plan: CheckpointPlan,
  { tokenizer, force = false, onProgress, signal }: MakeCheckpointOptions,
): Promise<void> {
  const { geometry, layers, seed } = plan;
  const tensors = checkpointTensors(geometry, layers);
  if (!force) await checkDisk(dir, checkpointBytes(tensors), "the checkpoint");
  const words = await tokenizer();
  await writeTokenizer(dir, words);
  const { bos, eos, pad } = specialTokenIds(words);
  const ids = { bos_token_id: bos, eos_token_id: eos, pad_token_id: pad };
  await writeJson(join(dir, "config.json"), { ...configOf(geometry, layers), ...ids });
  await writeJson(join(dir, "generation_config.json"), ids);
  await writeJson(join(dir, "manifest.json"), manifestOf(plan, words, parameterCountOf(tensors)));
  await writeShards(dir, tensors, { seed, ...(onProgress === undefined ? {} : { onProgress }), signal });
}

/** `config.json` as Transformers reads it. */
function configOf({ config, sizes, family }: Geometry, layers: number): Readonly<Record<string, unknown>> {
  return {
    ...config,
    hidden_size: sizes.hiddenSize,
    intermediate_size: sizes.intermediateSize,
    num_hidden_layers: layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.kvHeads,
    ...(sizes.headSize * sizes.heads === sizes.hiddenSize ? {} : { head_dim: sizes.headSize }),
    ...(sizes.experts === 0 ? {} : { num_local_experts: sizes.experts }),
    ...(family === "gpt_oss" ? { layer_types: alternatingLayers(layers) } : {}),
    vocab_size: sizes.vocabSize,
    tie_word_embeddings: sizes.isTied,
    initializer_range: STANDARD_DEVIATION,
    torch_dtype: "bfloat16",
    use_cache: true,
  };
}

/** What the manifests of the checkpoint and of the model made from it say of the weights. */
export function standInFacts({ geometry, layers, seed }: CheckpointPlan) {
  const total = geometry.sizes.layers;
  return {
    weights: "random" as const,
    seed,
    layers: layers === total ? null : layers,
    layersShare: layers / total,
    geometry: { of: geometry.hubId, source: geometry.source },
  };
}

/** Says what it is to whoever finds the folder, and to what is made of it. */
function manifestOf({ geometry, layers, seed }: CheckpointPlan, words: GgufTokenizer, parameters: number) {
  const contextLength = geometry.config["max_position_embeddings"];
  return {
    format: "openvino-llm-checkpoint",
    formatVersion: 1,
    name: planName({ geometry, layers, seed }),
    ...standInFacts({ geometry, layers, seed }),
    architecture: geometry.family,
    parameters,
    contextLength: typeof contextLength === "number" ? contextLength : null,
    vocabSize: geometry.sizes.vocabSize,
    bosTokenId: words.bosTokenId,
    eosTokenId: words.eosTokenId,
    tools: { "openvino-llm": packageVersion() },
    created: new Date().toISOString(),
  };
}

/** The first layer of gpt-oss looks back for 128 tokens, the second one at all, and so on. */
function alternatingLayers(layers: number): string[] {
  return Array.from({ length: layers }, (_, i) => (i % 2 === 0 ? "sliding_attention" : "full_attention"));
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
