import { dirname, join } from "node:path";

import { describe, errorAbout, type OpenVinoLlmError } from "../../errors/errors.js";
import { isJsonObject, readJsonObject, type JsonObject } from "../files/json-file.js";

/** The file that PEFT writes beside the tensors of an adapter. */
const CONFIG_FILE = "adapter_config.json";

/**
 * The factor that an adapter was trained with, which GenAI does not look up: `lora_alpha / r`, or `lora_alpha / √r` for
 * rank-stabilised LoRA, by the `adapter_config.json` beside the file. 1 where there is none.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when that file is broken, or gives different layers different factors.
 */
export async function trainedAlpha(path: string): Promise<number> {
  const file = join(dirname(path), CONFIG_FILE);
  const config = await readJsonObject(file);
  if (config === null || config["lora_alpha"] === undefined) return 1;
  for (const key of ["rank_pattern", "alpha_pattern"]) {
    const pattern = config[key];
    if (isJsonObject(pattern) && Object.keys(pattern).length > 0) {
      throw failure(file, `${key} gives the layers different factors, and GenAI applies one to all of them.`);
    }
  }
  const [rank, alpha] = [positive(config, "r", file), positive(config, "lora_alpha", file)];
  return config["use_rslora"] === true ? alpha / Math.sqrt(rank) : alpha / rank;
}

function positive(config: JsonObject, key: string, file: string): number {
  const value = config[key];
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw failure(file, `Expected a number above 0 for ${key} but received ${describe(value)}.`);
}

function failure(file: string, problem: string): OpenVinoLlmError {
  return errorAbout("ERR_MODEL_LOAD", file, problem, "Pass the adapter's alpha in the option.");
}
