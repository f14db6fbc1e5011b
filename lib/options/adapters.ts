/** LoRA adapters: what `load()` and a call may say of them. Whether one fits the model is judged when it is opened. */
import { resolve } from "node:path";

import { invalidArgType, outOfRange } from "../errors/errors.js";
import { checkWellFormed, plainObjectEntries, unknownOption } from "./option-checks.js";

/** A LoRA adapter and how strong it is. */
export interface AdapterOption {
  /** A `.safetensors` file with the names that PEFT gives, or the folder that PEFT's `save_pretrained` wrote. */
  readonly path: string;
  /**
   * The factor of `B·A`: any finite number. 0 switches the adapter off. Default in `load()`: what it was trained with,
   * `lora_alpha / r` of the `adapter_config.json` beside the file, or 1 where there is none (GenAI's default is 1
   * always). Default in a call: that of the load.
   */
  readonly alpha?: number | undefined;
}

/** An adapter of a loaded pipeline. */
export interface LoadedAdapter {
  /** Absolute path, as `load()` was given it. */
  readonly path: string;
  /** The factor that holds where a call says nothing. */
  readonly alpha: number;
}

/** An adapter that is asked for: the path is absolute. */
export interface CheckedAdapter {
  readonly path: string;
  readonly alpha: number | undefined;
}

const KNOWN = { path: 1, alpha: 1 } as const;

/**
 * Checks a list of adapters.
 *
 * @throws TypeError for a wrong type or an unknown key; RangeError for an alpha that is not finite, an empty path, and a
 * path that occurs twice
 */
export function checkAdapters(name: string, value: unknown): CheckedAdapter[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalidArgType(name, "an array of { path, alpha }", value);
  const paths = new Set<string>();
  // Array.from visits the holes of a sparse array too.
  return Array.from<unknown, CheckedAdapter>(value, (item, index) => {
    const adapter = checkAdapter(`${name}[${index}]`, item);
    if (paths.has(adapter.path)) {
      throw outOfRange(`${name}[${index}].path`, "an adapter that is not in the list yet", adapter.path);
    }
    paths.add(adapter.path);
    return adapter;
  });
}

function checkAdapter(name: string, value: unknown): CheckedAdapter {
  if (value === undefined) throw invalidArgType(name, "{ path, alpha }", value);
  const entries = plainObjectEntries(name, value);
  for (const [key, entry] of entries) {
    if (!Object.hasOwn(KNOWN, key)) throw unknownOption(`${name}.${key}`, key, entry, KNOWN);
  }
  const { path, alpha } = Object.fromEntries(entries);
  if (typeof path !== "string") throw invalidArgType(`${name}.path`, "the path of a LoRA adapter", path);
  if (path === "" || path.includes("\0"))
    throw outOfRange(`${name}.path`, "the path of a LoRA adapter", path);
  checkWellFormed(`${name}.path`, path);
  if (alpha === undefined) return { path: resolve(path), alpha };
  if (typeof alpha !== "number") throw invalidArgType(`${name}.alpha`, "a number", alpha);
  // GenAI keeps a float.
  if (!Number.isFinite(Math.fround(alpha))) throw outOfRange(`${name}.alpha`, "a finite number", alpha);
  return { path: resolve(path), alpha };
}

/**
 * The alpha of each loaded adapter in one call: as loaded where the call says nothing, 0 for those that it leaves out.
 *
 * @throws TypeError as {@link checkAdapters}; RangeError also for an adapter that was not loaded, which GenAI would
 * ignore
 */
export function alphasOf(name: string, value: unknown, loaded: readonly LoadedAdapter[]): number[] {
  if (value === undefined) return loaded.map(({ alpha }) => alpha);
  const chosen = new Map<string, number>();
  for (const [index, { path, alpha }] of checkAdapters(name, value).entries()) {
    const adapter = loaded.find((candidate) => candidate.path === path);
    if (adapter === undefined) {
      const known = loaded.map((candidate) => candidate.path).join(", ") || "none";
      throw outOfRange(`${name}[${index}].path`, `an adapter that load() was given (${known})`, path);
    }
    chosen.set(path, alpha ?? adapter.alpha);
  }
  return loaded.map(({ path }) => chosen.get(path) ?? 0);
}

/**
 * For a pipeline whose adapters are part of the model.
 *
 * @throws TypeError where a call names adapters
 */
export function refuseAdapters(name: string, value: unknown): void {
  if (value === undefined) return;
  const advice = "load() fixes them there; only an LLMPipeline changes them with each call.";
  throw invalidArgType(name, "no value in a ContinuousBatchingPipeline", value, advice);
}
