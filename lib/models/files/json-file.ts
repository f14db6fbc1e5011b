import { readFile } from "node:fs/promises";

import { codeOf, describe, errorAbout, type OpenVinoLlmError } from "../../errors/errors.js";

/** A JSON object as it came from a file: nothing about its fields is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The object in a JSON file, or null when there is no such file.
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the file cannot be read or holds something else.
 */
export async function readJsonObject(path: string): Promise<JsonObject | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return null;
    throw readFailure(path, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fileError(path, `Expected JSON but parsing it failed: ${messageOf(cause)}.`, cause);
  }
  if (!isJsonObject(value)) throw fileError(path, `Expected a JSON object but received ${describe(value)}.`);
  return value;
}

/** Whether a value is an object in JSON's sense. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The positive integer under a key, or null when the key is absent or null.
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` naming the file when something else is there.
 */
export function positiveInteger(object: JsonObject, key: string, path: string): number | null {
  const value = object[key] ?? null;
  if (value === null) return null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw fileError(path, `Expected a positive integer for ${key} but received ${describe(value)}.`);
}

/** An `ERR_MODEL_LOAD` about one file of a model folder. The problem is a whole sentence. */
export function fileError(path: string, problem: string, cause?: unknown): OpenVinoLlmError {
  return errorAbout("ERR_MODEL_LOAD", path, problem, "Export or fetch the model again.", cause);
}

/** An `ERR_MODEL_LOAD` about a file of a model folder that the system did not let us read. */
export function readFailure(path: string, cause: unknown): OpenVinoLlmError {
  return fileError(path, `Expected a readable file but reading it failed: ${messageOf(cause)}.`, cause);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
