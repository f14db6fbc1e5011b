/** The flags of `serve`: ours, and OpenVINO Model Server's names of those that it has. */
import { InvalidArgumentError, Option, type Command } from "commander";

import type { PerformanceHint } from "openvino-llm";
import { integer, outOfRange, pair, repeated } from "openvino-llm/internal";

/** The flags as the command line parser gives them. */
export interface ServeFlags {
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly modelName?: string;
  readonly task?: "text_generation" | "embeddings" | "rerank";
  readonly sourceModel?: string;
  readonly modelRepositoryPath?: string;
  readonly device?: string;
  readonly cacheSizeGb?: number;
  readonly numKvBlocks?: number;
  readonly maxNumSeqs?: number;
  readonly maxNumBatchedTokens?: number;
  readonly dynamicSplitFuse?: boolean;
  readonly prefixCaching?: boolean;
  readonly kvCachePrecision?: string;
  readonly threads?: number;
  readonly property?: readonly (readonly [string, string])[];
  readonly profile?: string;
  readonly performanceHint?: PerformanceHint;
  readonly toolParser?: string;
  readonly reasoningParser?: string;
  readonly maxQueue?: number;
  readonly apiKeyFile?: string;
  readonly allowedOrigin?: readonly string[];
  readonly ui?: boolean;
  readonly drainDelay?: number;
  readonly drainTimeout?: number;
  readonly logLevel: string;
  readonly logRequests?: boolean;
  readonly instances?: number;
  /** Of an instance, from the process that started it. */
  readonly instanceSocket?: string;
}

/** A flag of OpenVINO Model Server, and ours that it stands for. */
interface OtherName {
  readonly flag: string;
  readonly value: string;
  readonly ours: keyof ServeFlags;
  readonly parse?: (text: string) => unknown;
}

const OTHER_NAMES: readonly OtherName[] = [
  { flag: "rest_port", value: "n", ours: "port", parse: integer },
  { flag: "rest_bind_address", value: "address", ours: "host" },
  { flag: "model_name", value: "name", ours: "modelName" },
  { flag: "source_model", value: "model", ours: "sourceModel" },
  { flag: "model_repository_path", value: "folder", ours: "modelRepositoryPath" },
  { flag: "target_device", value: "name", ours: "device" },
  { flag: "cache_size", value: "n", ours: "cacheSizeGb", parse: integer },
  { flag: "max_num_seqs", value: "n", ours: "maxNumSeqs", parse: integer },
  { flag: "max_num_batched_tokens", value: "n", ours: "maxNumBatchedTokens", parse: integer },
  { flag: "dynamic_split_fuse", value: "bool", ours: "dynamicSplitFuse", parse: booleanOf },
  { flag: "enable_prefix_caching", value: "bool", ours: "prefixCaching", parse: booleanOf },
  { flag: "kv_cache_precision", value: "type", ours: "kvCachePrecision" },
  { flag: "tool_parser", value: "name", ours: "toolParser" },
  { flag: "reasoning_parser", value: "name", ours: "reasoningParser" },
  { flag: "api_key_file", value: "file", ours: "apiKeyFile" },
];

/** Of them, those that say which models are loaded and how. */
const OF_MODELS: ReadonlySet<keyof ServeFlags> = new Set([
  "modelName",
  "sourceModel",
  "modelRepositoryPath",
  "device",
  "cacheSizeGb",
  "maxNumSeqs",
  "maxNumBatchedTokens",
  "dynamicSplitFuse",
  "prefixCaching",
  "kvCachePrecision",
  "toolParser",
  "reasoningParser",
]);

/** Adds the flags of the models that a command loads. */
export function addModelFlags(command: Command): void {
  command
    .option("--config <file>", "options of the server and its models as JSON; flags come first")
    .option("--model-name <name>", "what clients call the model (default: its folder's or file's name)")
    .option("--source-model <model>", "the model; one of the hub that is not here is downloaded first")
    .option("--model-repository-path <folder>", "where --source-model lies")
    .option("--device <name>", "OpenVINO device (default: CPU)")
    .option("--cache-size-gb <n>", "size of the key-value cache; 0: as needed (default: 0)", integer)
    .option("--num-kv-blocks <n>", "the same in blocks of 32 tokens", integer)
    .option("--max-num-seqs <n>", "requests that run at once at most (default: 256)", integer)
    .option("--max-num-batched-tokens <n>", "tokens of one step at most (default: 256)", integer)
    .option("--no-dynamic-split-fuse", "do not process prompts in parts beside running requests")
    .option("--no-prefix-caching", "do not keep what was processed for prompts that begin alike")
    .option("--kv-cache-precision <type>", "OpenVINO's KV_CACHE_PRECISION")
    .option("--threads <n>", "threads of inference (default: OpenVINO's choice)", integer)
    .option("--property <NAME=VALUE>", "an OpenVINO property; can be repeated", repeated(pair))
    .option("--profile <file|auto>", "settings that bench tune found; auto: those for this CPU and model")
    .addOption(
      new Option("--performance-hint <name>", "properties by CPU and format of the weights").choices([
        "latency",
        "throughput",
      ]),
    )
    .option("--tool-parser <name>", "how the model writes tool calls (default: as its template shows)")
    .option("--reasoning-parser <name>", "how it writes what it thinks (default: as its template shows)")
    .addOption(
      new Option("--task <name>", "what the models are for (default: text_generation)").choices([
        "text_generation",
        "embeddings",
        "rerank",
      ]),
    );
  addOtherNames(command, ({ ours }) => OF_MODELS.has(ours));
}

/** Adds the flags of a server to a command. */
export function addServeFlags(command: Command): Command {
  addModelFlags(command);
  command
    .option("--host <address>", "address to listen at (default: 127.0.0.1, this machine alone)")
    .option("-p, --port <n>", "port to listen at; 0 for any that is free (default: 8000)", integer)
    .option("--max-queue <n>", "requests that may wait at most (default: 256)", integer)
    .option("--api-key-file <file>", "API keys, one a line (default: OPENVINO_LLM_API_KEY, else none)")
    .option("--allowed-origin <origin>", "pages that may ask; * for all; can be repeated", repeated(String))
    .option("--no-ui", "no chat page at /")
    .option(
      "--drain-delay <seconds>",
      "how long health says 503 before no more is taken (default: 5)",
      integer,
    )
    .option(
      "--drain-timeout <seconds>",
      "how long running requests are waited for then (default: 30)",
      integer,
    )
    .option(
      "--instances <n>",
      "processes, each on CPUs of its own, behind the one port (default: 1)",
      integer,
    )
    .addOption(new Option("--instance-socket <path>").hideHelp())
    .addOption(logLevelFlag("info"))
    .option("--log-requests", "log what is asked, prompts and all");
  addOtherNames(command, ({ ours }) => !OF_MODELS.has(ours));
  return command.addHelpText(
    "after",
    `\nOpenVINO Model Server's names are taken too: ${OTHER_NAMES.map(({ flag }) => `--${flag}`).join(", ")}`,
  );
}

/** How much a command logs. */
export function logLevelFlag(usual: string): Option {
  return new Option("--log-level <level>", "what is logged to stderr")
    .choices(["silent", "error", "warn", "info"])
    .default(usual);
}

function addOtherNames(command: Command, isWanted: (name: OtherName) => boolean): void {
  for (const { flag, value, ours, parse = String } of OTHER_NAMES.filter(isWanted)) {
    const text = `the same as --${ours.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    command.addOption(new Option(`--${flag} <${value}>`, text).argParser(parse).hideHelp());
  }
}

/**
 * The flags under our names.
 *
 * @throws RangeError where one is given by both names and differs
 */
export function inOurNames(given: ServeFlags & Readonly<Record<string, unknown>>): ServeFlags {
  const flags: Record<string, unknown> = { ...given };
  // A flag with "no" before it is true where it is not given.
  for (const name of ["dynamicSplitFuse", "prefixCaching", "ui"])
    if (flags[name] === true) delete flags[name];
  for (const { flag, ours } of OTHER_NAMES) {
    const value = flags[flag];
    delete flags[flag];
    if (value === undefined) continue;
    if (flags[ours] !== undefined && flags[ours] !== value) {
      const advice = "Give one of the two flags.";
      throw outOfRange(`--${flag}`, "the same value as for the other name of this flag", value, advice);
    }
    flags[ours] = value;
  }
  return flags as unknown as ServeFlags;
}

function booleanOf(text: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new InvalidArgumentError("Expected true or false.");
}
