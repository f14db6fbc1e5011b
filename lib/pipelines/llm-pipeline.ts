import { validateLoadOptions, type LoadOptions } from "../generation/load-options.js";
import { GenerationPipeline } from "./generation-pipeline.js";
import { loadPipeline, type LoadedNative } from "./load.js";

/**
 * A language model in this process, one request at a time: `ov::genai::LLMPipeline` on a thread of its own. Calls made
 * while one runs wait in the order they came. Prefix caching is on: a prompt that begins like an earlier one is
 * answered sooner. It is off with LoRA adapters, a draft model or prompt lookup.
 *
 * A prefill that has begun cannot be interrupted: an abort frees the caller at once, the engine after it.
 */
export class LLMPipeline extends GenerationPipeline {
  private constructor(native: LoadedNative) {
    super(native, { engine: "pipeline", maxSequences: Infinity });
  }

  /**
   * Loads a model, off the JavaScript thread. Never downloads.
   *
   * @param model a folder with OpenVINO IR, a `.gguf` file (converted once, kept in the cache), or the name of a model
   *   in the cache
   * @throws TypeError, RangeError for options
   * @throws {@link OpenVinoLlmError} ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD, ERR_DEVICE, ERR_PROFILE, and what finding the runtime gives
   * @throws {@link AbortError} when `options.signal` is aborted; a load that has begun is finished and freed unseen
   */
  static async load(model: string, options: LoadOptions = {}): Promise<LLMPipeline> {
    const checked = validateLoadOptions(options);
    return loadPipeline(model, checked, { name: "LLMPipeline" }, (native) => new LLMPipeline(native));
  }
}
