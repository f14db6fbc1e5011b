import { existsSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

import { cacheDir, removeEntry } from "../../cache/cache.js";
import { OpenVinoLlmError, describe, invalidArgType, outOfRange } from "../../errors/errors.js";
import { repositoryDir } from "../../hub/layout.js";
import { parseHubName } from "../../hub/model-name.js";
import { hubCacheDir } from "../../hub/settings.js";
import { removeHubModel } from "./remove-hub-model.js";
import { modelsDir } from "./resolve.js";

/**
 * Removes a model from the cache: it is renamed first, so that nobody finds half of it. Only what a cache holds can be
 * removed: a model in `models`, a checkpoint in `checkpoints`, or a model in the hub's cache, with all its revisions. A model
 * that a process has loaded stays in its memory; a model that is being made from the checkpoint fails.
 *
 * @param model - the name of a model, `org/name` of one in the hub's cache, or the path of a folder in the cache; of a
 * checkpoint also the one within that `synthModel` gives
 * @returns the folder that is gone
 * @throws TypeError when the argument is not a string or empty; RangeError for a path outside the cache.
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` when the cache has no such model.
 */
export async function removeModel(model: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (typeof model !== "string" || model === "" || model.includes("\0")) {
    throw invalidArgType("model", "the name of a model", model);
  }
  const checkpoints = join(cacheDir(env), "checkpoints");
  const folders = [modelsDir(env), checkpoints];
  const hubName = model.startsWith(".") || existsSync(model) ? null : parseHubName(model);
  if (hubName?.id.includes("/") === true) {
    const removed = await removeHubModel(hubName.id, env);
    if (removed !== null) return removed;
    throw notThere(model, repositoryDir(hubCacheDir(env), hubName.id));
  }
  const isPath = model.includes(sep) || model.startsWith(".");
  const named = isPath ? resolve(model) : join(modelsDir(env), model);
  const isWithin = dirname(dirname(named)) === checkpoints && existsSync(join(named, "config.json"));
  const dir = isWithin ? dirname(named) : named;
  if (!folders.includes(dirname(dir))) {
    throw outOfRange("model", `the name of a model, or a folder directly in ${folders.join(" or ")}`, model);
  }
  // Locks and unfinished entries belong to the process that makes them.
  const isEntry = !/\.(?:lock|tmp)$/.test(dir);
  if (isEntry && (await removeEntry(dir))) return dir;
  throw notThere(model, dir);
}

function notThere(model: string, dir: string): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_MODEL_NOT_FOUND",
    `Expected a model in the cache but nothing is at ${dir} (received ${describe(model)}). ` +
      "See what is there: npx openvino-llm models list",
  );
}
