import { basename, join } from "node:path";

import { isJsonObject, positiveInteger, readJsonObject, type JsonObject } from "./files/json-file.js";
import { readManifest } from "./files/manifest.js";

/** What is known of a model by its folder, before it is loaded. */
export interface ModelInfo {
  readonly name: string;
  /** Tokens that prompt and answer can have together; null when no file says so. */
  readonly contextLength: number | null;
  /** Token ids are below it; null when no file says so. */
  readonly vocabSize: number | null;
  /** `generation_config.json` as it stands (snake_case keys); a converted GGUF gives `eos_token_id`. Empty when neither is there. */
  readonly generationConfig: Readonly<Record<string, unknown>>;
}

/** Under which keys models of different families keep the context length, in order of preference. */
const CONTEXT_LENGTH_KEYS = ["max_position_embeddings", "n_positions", "seq_length"] as const;

/**
 * Reads what a folder with OpenVINO IR has about its model: `config.json` and `generation_config.json` as Hugging Face
 * and Optimum Intel write them, and the manifest of a model that this library converted.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` naming the file that is broken.
 */
export async function readModelInfo(dir: string): Promise<ModelInfo> {
  const configPath = join(dir, "config.json");
  const [config, generationConfig, manifest] = await Promise.all([
    readJsonObject(configPath),
    readJsonObject(join(dir, "generation_config.json")),
    readManifest(dir),
  ]);
  const fromConfig = (keys: readonly string[]): number | null =>
    config === null ? null : firstInteger(config, keys, configPath);
  const eosTokenId = manifest?.eosTokenId ?? null;
  return {
    name: manifest?.name ?? basename(dir),
    contextLength: fromConfig(CONTEXT_LENGTH_KEYS) ?? manifest?.contextLength ?? null,
    vocabSize: fromConfig(["vocab_size"]) ?? manifest?.vocabSize ?? null,
    generationConfig: generationConfig ?? (eosTokenId === null ? {} : { eos_token_id: eosTokenId }),
  };
}

/** A model with several parts keeps the figures of its language model under `text_config`. */
function firstInteger(config: JsonObject, keys: readonly string[], path: string): number | null {
  const nested = config["text_config"];
  for (const object of isJsonObject(nested) ? [config, nested] : [config]) {
    for (const key of keys) {
      const value = positiveInteger(object, key, path);
      if (value !== null) return value;
    }
  }
  return null;
}
