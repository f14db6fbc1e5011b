import { invalidArgType } from "./errors.js";
import type { GenerationOptions } from "./options/generation-options.js";
import { plainObjectEntries, unknownOption } from "./options/option-checks.js";
import { normalizeProperties, type Properties } from "./options/properties.js";

/** Options of `LLMPipeline.load()`. */
export interface LoadOptions {
  /** OpenVINO device. Default "CPU". */
  readonly device?: string | undefined;
  /** OpenVINO plugin properties, e.g. `{ INFERENCE_NUM_THREADS: 2 }`. Default none. */
  readonly properties?: Properties | undefined;
  /**
   * Generate two tokens before the load resolves, so that the kernels of the first request are made already. Default
   * false: then the first request pays for it.
   */
  readonly warmup?: boolean | undefined;
  /** Defaults of this pipeline's calls, above the model's own. Default none. */
  readonly generationConfig?: GenerationOptions | undefined;
  /** Ends the wait for the load. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of one `generate()` or `stream()`. */
export interface CallOptions extends GenerationOptions {
  /**
   * Ends the generation: between two tokens, in the queue, or, for the caller at once, in the prefill, which the engine
   * itself has to finish.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * What an abort by `signal` does: reject with an `AbortError` that has the `partial` result ("throw"), or resolve with
   * the partial result, finishReason 'abort' ("return"). Default "throw".
   */
  readonly onAbort?: "throw" | "return" | undefined;
}

/** Load options after their checks. */
export interface CheckedLoadOptions extends LoadOptions {
  readonly nativeProperties: Array<[string, string]>;
}

const LOAD_OPTIONS = { device: 1, properties: 1, warmup: 1, generationConfig: 1, signal: 1 } as const;

/** @throws TypeError for an unknown option or a value of the wrong type */
export function validateLoadOptions(options: LoadOptions): CheckedLoadOptions {
  for (const [name, value] of plainObjectEntries("options", options)) {
    if (!Object.hasOwn(LOAD_OPTIONS, name)) throw unknownOption(`options.${name}`, name, value, LOAD_OPTIONS);
  }
  const { device, properties, warmup, generationConfig, signal } = options;
  if (device !== undefined && (typeof device !== "string" || device === "")) {
    throw invalidArgType("options.device", 'the name of a device such as "CPU"', device);
  }
  if (warmup !== undefined && typeof warmup !== "boolean") {
    throw invalidArgType("options.warmup", "a boolean", warmup);
  }
  if (generationConfig !== undefined) plainObjectEntries("options.generationConfig", generationConfig);
  checkSignal(signal);
  return { ...options, nativeProperties: normalizeProperties(properties ?? {}) };
}

/** Separates what is about the call from what is about the text. */
export function takeCallOptions(options: CallOptions): {
  signal: AbortSignal | undefined;
  onAbort: "throw" | "return";
  generationOptions: GenerationOptions;
} {
  plainObjectEntries("options", options);
  const { signal, onAbort = "throw", ...generationOptions } = options;
  checkSignal(signal);
  if (onAbort !== "throw" && onAbort !== "return") {
    throw invalidArgType("options.onAbort", '"throw" or "return"', onAbort);
  }
  return { signal, onAbort, generationOptions };
}

function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgType("options.signal", "an AbortSignal", signal);
  }
}
