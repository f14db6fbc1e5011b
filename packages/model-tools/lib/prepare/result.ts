/** From what the exporter wrote to a model of ours: its files, their hashes, the manifest. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { OpenVinoLlmError } from "openvino-llm";
import {
  hashFiles,
  missingIrFiles,
  readJsonObject,
  writeManifest,
  type StandIn,
} from "openvino-llm/internal";
import type {
  ModelFile,
  ModelManifest,
  ModelPreparation,
  ModelSource,
  JsonObject,
} from "openvino-llm/models";

/** What is known when the exporter has ended. */
export interface PreparedParts {
  readonly name: string;
  readonly source: ModelSource;
  /** That the weights are random, where they are. */
  readonly standIn: StandIn;
  readonly tools: Readonly<Record<string, string>>;
  readonly weightFormat: string | null;
  readonly preparation: ModelPreparation;
}

/**
 * Writes the manifest into the folder that the exporter filled.
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the exporter left files out
 */
export async function finishResult(dir: string, parts: PreparedParts, log: string): Promise<void> {
  const missing = await missingIrFiles(dir);
  if (missing.length > 0) {
    throw new OpenVinoLlmError(
      "ERR_MODEL_LOAD",
      `Expected Optimum Intel's exporter to write OpenVINO IR but it did not write ${missing.join(", ")}. Where it is the ` +
        `tokenizer, OpenVINO Tokenizers has no form of it.\nWhat the tools said: ${log}`,
    );
  }
  const config = (await readJsonObject(join(dir, "config.json"))) ?? {};
  const manifest: ModelManifest = {
    name: parts.name,
    source: parts.source,
    architecture: typeof config["model_type"] === "string" ? config["model_type"] : null,
    contextLength: integerOf(config, "max_position_embeddings"),
    vocabSize: integerOf(config, "vocab_size"),
    bosTokenId: integerOf(config, "bos_token_id"),
    eosTokenId: integerOf(config, "eos_token_id"),
    tools: parts.tools,
    created: new Date().toISOString(),
    weightFormat: parts.weightFormat,
    preparation: parts.preparation,
    files: await hashFiles(dir),
    ...parts.standIn,
    quality: null,
  };
  await writeManifest(dir, manifest);
}

/** One hash for a whole folder. */
export function hashOfFiles(files: readonly ModelFile[]): string {
  const list = files.map(({ name, sizeBytes, sha256 }) => `${sha256} ${sizeBytes} ${name}\n`).join("");
  return createHash("sha256").update(list).digest("hex");
}

/** A model may name several ids that end its answers: the first. */
function integerOf(config: JsonObject, key: string): number | null {
  const value: unknown = Array.isArray(config[key]) ? config[key][0] : config[key];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
