/** From flags and a config file to the options of a server. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { BatchingLoadOptions, Properties, SchedulerOptions } from "openvino-llm";
import { codeOf, DEFAULT_MODEL, isJsonObject, outOfRange, unknownOption } from "openvino-llm/internal";
import { resolveModel } from "openvino-llm/models";
import { given } from "../schema/given.js";
import type { ModelToServe, ServerOptions, TextModelToServe } from "../server/server-options.js";
import type { ServeFlags } from "./serve-flags.js";

type AnyModelToServe = ModelToServe | TextModelToServe;

/** What a config file may say: the options of a server but for what is no JSON, and the file of its keys. */
type ServeConfig = Omit<ServerOptions, "models" | "log" | "apiKeys"> & {
  readonly models?: readonly AnyModelToServe[];
  readonly apiKeyFile?: string;
};

const CONFIG_KEYS = {
  models: 1,
  host: 1,
  port: 1,
  socketPath: 1,
  apiKeyFile: 1,
  allowedOrigins: 1,
  ui: 1,
  logRequests: 1,
  maxBodyBytes: 1,
  hangSeconds: 1,
  headersTimeoutMs: 1,
  requestTimeoutMs: 1,
  idleTimeoutMs: 1,
  maxUnreadBytes: 1,
  drainDelayMs: 1,
  drainTimeoutMs: 1,
} as const satisfies Record<keyof ServeConfig, 1>;

const MODEL_KEYS = {
  model: 1,
  name: 1,
  task: 1,
  load: 1,
  maxQueue: 1,
  toolCallParser: 1,
  reasoningParser: 1,
} as const satisfies Record<keyof ModelToServe, 1>;

/** Downloads a model; false where a signal ended it. */
export type PullSource = (name: string) => Promise<boolean>;

/**
 * @param models - the arguments of the command line
 * @param pull - downloads a `--source-model` that is not here
 * @returns null where that was interrupted
 * @throws TypeError, RangeError for what does not go together; a system error for a file that cannot be read
 */
export async function serverOptions(
  models: readonly string[],
  flags: ServeFlags,
  env: NodeJS.ProcessEnv,
  pull: PullSource,
): Promise<Omit<ServerOptions, "log"> | null> {
  const { models: configured = [], apiKeyFile, ...config } = await readConfig(flags.config);
  const source = flags.sourceModel === undefined ? undefined : await sourceOf(flags, flags.sourceModel, pull);
  if (source === null) return null;
  const sources = [...models, ...(source === undefined ? [] : [source])];
  const named = sources.length > 0 ? sources.map((model) => ({ model })) : configured;
  const toServe: readonly AnyModelToServe[] = named.length > 0 ? named : [{ model: DEFAULT_MODEL }];
  if (flags.modelName !== undefined && toServe.length !== 1) {
    throw outOfRange("--model-name", "one model", toServe.length, "Name several in a config file.");
  }
  return {
    ...config,
    ...given("host", flags.host),
    ...given("port", flags.port),
    ...given("socketPath", flags.instanceSocket),
    ...given("allowedOrigins", flags.allowedOrigin),
    ...given("ui", flags.ui),
    ...given("logRequests", flags.logRequests),
    ...given("drainDelayMs", milliseconds(flags.drainDelay)),
    ...given("drainTimeoutMs", milliseconds(flags.drainTimeout)),
    apiKeys: await apiKeys(flags.apiKeyFile ?? apiKeyFile, env),
    models: toServe.map((entry) => modelOf(entry, flags)),
  };
}

/** Where a model lies that is named as OpenVINO Model Server is given it: in its repository, where `load()` looks, or now here. */
async function sourceOf(
  { modelRepositoryPath }: ServeFlags,
  source: string,
  pull: PullSource,
): Promise<string | null> {
  const places = modelRepositoryPath === undefined ? [source] : [join(modelRepositoryPath, source), source];
  for (const place of places) if (await isThere(place)) return place;
  return (await pull(source)) ? source : null;
}

async function isThere(model: string): Promise<boolean> {
  try {
    await resolveModel(model);
    return true;
  } catch (error) {
    if (codeOf(error) === "ERR_MODEL_NOT_FOUND") return false;
    throw error;
  }
}

function modelOf(entry: AnyModelToServe, flags: ServeFlags): AnyModelToServe {
  const { model, load } = entry;
  const queue = {
    ...given("maxQueue", flags.maxQueue ?? entry.maxQueue),
    ...given("name", flags.modelName ?? entry.name),
  };
  const task = flags.task ?? entry.task;
  // Of another task it has options of its own.
  if (task === "embeddings" || task === "rerank") {
    const device = given("device", flags.device);
    return { model, task, ...queue, load: { ...(entry.task === task ? load : {}), ...device } };
  }
  const own = entry as ModelToServe;
  return {
    model,
    ...queue,
    ...given("toolCallParser", flags.toolParser ?? own.toolCallParser),
    ...given("reasoningParser", flags.reasoningParser ?? own.reasoningParser),
    load: loadOptions(own.load ?? {}, flags),
  };
}

function loadOptions(configured: BatchingLoadOptions, flags: ServeFlags): BatchingLoadOptions {
  const scheduler: SchedulerOptions = {
    ...(keepsPrefixes(configured, flags) ? { enablePrefixCaching: true } : {}),
    ...configured.scheduler,
    ...given("cacheSizeGb", flags.cacheSizeGb),
    ...given("numKvBlocks", flags.numKvBlocks),
    ...given("maxNumSeqs", flags.maxNumSeqs),
    ...given("maxNumBatchedTokens", flags.maxNumBatchedTokens),
    ...given("dynamicSplitFuse", flags.dynamicSplitFuse),
    ...given("enablePrefixCaching", flags.prefixCaching),
  };
  const properties: Properties = {
    ...configured.properties,
    ...given("INFERENCE_NUM_THREADS", flags.threads),
    ...given("KV_CACHE_PRECISION", flags.kvCachePrecision),
    ...Object.fromEntries(flags.property ?? []),
  };
  return {
    ...configured,
    ...(Object.keys(scheduler).length === 0 ? {} : { scheduler }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...given("device", flags.device),
    ...given("profile", flags.profile),
    ...given("performanceHint", flags.performanceHint),
    // The first client does not pay for the kernels.
    warmup: configured.warmup ?? true,
  };
}

/**
 * Each turn of a chat sends its history again. Speculative decoding does not go with it, which a profile may bring, and
 * no profile knows it.
 */
function keepsPrefixes(
  { draftModel, promptLookup, profile }: BatchingLoadOptions,
  flags: ServeFlags,
): boolean {
  return draftModel === undefined && promptLookup !== true && (flags.profile ?? profile) === undefined;
}

/** One a line, in a file; or one in the environment. */
export async function apiKeys(file: string | undefined, env: NodeJS.ProcessEnv): Promise<string[]> {
  const text = file === undefined ? (env["OPENVINO_LLM_API_KEY"] ?? "") : await readFile(file, "utf8");
  const keys = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  // An empty file shall not open the server to everybody.
  if (file !== undefined && keys.length === 0) throw outOfRange(file, "at least one API key", text);
  return keys;
}

export async function readConfig(file: string | undefined): Promise<ServeConfig> {
  if (file === undefined) return {};
  const text = await readFile(file, "utf8");
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw outOfRange(file, `JSON (${error instanceof Error ? error.message : String(error)})`, text);
  }
  checkKeys(file, config, CONFIG_KEYS);
  const { models = [] } = config as ServeConfig;
  if (!Array.isArray(models)) throw outOfRange(`${file}: models`, "a list", models);
  for (const [index, model] of models.entries()) {
    const name = `${file}: models[${index}]`;
    checkKeys(name, model, MODEL_KEYS);
    if (typeof (model as ModelToServe).model !== "string")
      throw outOfRange(`${name}.model`, "a model", model);
  }
  return config as ServeConfig;
}

function checkKeys(name: string, value: unknown, known: Readonly<Record<string, unknown>>): void {
  if (!isJsonObject(value)) throw outOfRange(name, "an object", value);
  for (const [key, field] of Object.entries(value)) {
    if (!Object.hasOwn(known, key)) throw unknownOption(`${name}: ${key}`, key, field, known);
  }
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
