import { dirname, join } from "node:path";
import { findAddon, requireAddon } from "./find-addon.js";
import type { NativeGatedMlp, NativePluginSettings } from "./native-plugin.js";
import type { NativeLogits, NativeLogitsOptions } from "./native-logits.js";
import type { NativeProfile, NativeProfileOptions } from "./native-profile.js";
import type { NativeMultiplyRate, NativeMultiplyRateOptions } from "./native-multiply-rates.js";
import type { NativeReadBandwidth, NativeReadBandwidthOptions } from "./native-read-bandwidth.js";
import type { NativeRequest } from "./native-request.js";
import { codeOf, OpenVinoLlmError } from "../errors/errors.js";
import type { NativeTokenizerHandle } from "./native-tokenizer.js";
import type { NativeTextModelHandle, NativeTextModelOptions } from "./native-text-model.js";
import { shortageError } from "../errors/shortage.js";
import { locateRuntime, type RuntimeLocation } from "../runtime/locate.js";
import { assertPlatform } from "../runtime/platform.js";
import { EXPECTED_BUILDS } from "../runtime/pins.js";

/** GenAI's own account of one generation, milliseconds unless the name says otherwise; -1 where it has none. */
export interface NativePerf {
  /** Load of the pipeline. */
  loadMs: number;
  /** Start of its `generate()` → first token. */
  ttftMs: number;
  /** Mean time of a token after the first. */
  tpotMs: number;
  /** Mean inference time of a token. */
  inferencePerTokenMs: number;
  /** 1000 / `tpotMs`: the first token's wait is not in it. */
  tokensPerSecond: number;
  /** All of its `generate()`. */
  generateMs: number;
  /** Inference alone. */
  inferenceMs: number;
  /** Tokens of the prompt. */
  promptTokens: number;
  /** Tokens generated, those behind a stop string included. */
  completionTokens: number;
}

export type NativeFinishReason = "stop" | "length" | "abort";

export interface NativeChoice {
  text: string;
  tokenIds: number[];
  finishReason: NativeFinishReason;
  stopString: string | null;
  /** Cumulative log-probability, as GenAI ranks by it. */
  score: number;
  /** One for each token where they were asked for, else none. */
  logprobs: number[];
}

export interface NativeLoaded {
  loadMs: number;
  /** Text is made from the vocabulary's bytes, proved equal to the tokenizer's decoding; else by decoding. */
  textFromVocabulary: boolean;
}

/** GenAI's count of a draft model's tokens in one generation. */
export interface NativeSpeculative {
  draftTokens: number;
  acceptedTokens: number;
}

export interface NativeFinished {
  finishedMs: number;
  finishReason: NativeFinishReason;
  stopString: string | null;
  perf: NativePerf | null;
  /** Default null. */
  speculative?: NativeSpeculative | null;
  /** Time to check and to compile the grammar; in batching the check alone. Only with a grammar. */
  grammarMs?: number;
  choices: NativeChoice[];
}

/**
 * What a worker says, as the arguments of one call. Stamps (`*Ms`) are milliseconds of {@link NativeCore.nowMs};
 * `id` is the request's.
 */
export type NativeEvent =
  | [type: "loaded", id: 0, loaded: NativeLoaded]
  | [type: "loadFailed", id: 0, message: string]
  /** The end of the prompt's text where the request has delimiters. */
  | [type: "taken", id: number, takenMs: number, promptTokens: number, promptEnd?: string]
  | [type: "tokens", id: number, producedMs: number, text: string, ...tokenIds: number[]]
  /** As many log-probabilities behind the ids as there are ids. */
  | [type: "tokensWithLogprobs", id: number, producedMs: number, text: string, ...idsAndLogprobs: number[]]
  | [type: "finished", id: number, finished: NativeFinished]
  | [type: "failed", id: number, code: string, message: string];

export interface NativeLoadOptions {
  path: string;
  device: string;
  properties: Array<[string, string]>;
  /** Requests that may wait for a place; null for no limit. */
  maxQueue: number | null;
  /** A whole scheduler config makes a ContinuousBatchingPipeline; null makes an LLMPipeline. */
  scheduler: object | null;
  /** The draft model. Default none. */
  draft?: { path: string; device: string; properties: Array<[string, string]> } | null;
  /** Draft tokens by prompt lookup. Default false. */
  promptLookup?: boolean;
  /** LoRA adapters; a path is that of a file. Default none. */
  adapters?: Array<{ path: string; alpha: number }>;
}

/** An engine's metrics as of its last step. An LLMPipeline has `waiting` alone. */
export interface NativeMetrics {
  running: number;
  waiting: number;
  cacheUsagePercent: number;
  maxCacheUsagePercent: number;
  cacheSizeBytes: number;
  lastStep: { sequences: number; durationMs: number };
  totals: {
    steps: number;
    finished: number;
    aborted: number;
    failed: number;
    promptTokens: number;
    completionTokens: number;
  };
  healthy: boolean;
}

export interface NativePipelineHandle {
  /** False where the queue is full. */
  submit(request: NativeRequest): boolean;
  gathered(): void;
  /** Calls `onEvent` at once for every event that waits. */
  deliver(onEvent: (...event: NativeEvent) => void): void;
  cancel(id: number): void;
  close(): Promise<void>;
  metrics(): NativeMetrics;
  /** The scheduler config that GenAI was given; null without one. */
  schedulerConfig(): object | null;
  producedTokens(): number;
}

/** What the CPU has and the operating system enables; `amxPermitted`: the kernel lets this process use AMX tiles. */
export interface CpuFeatures {
  avx2: boolean;
  fma: boolean;
  f16c: boolean;
  avxVnni: boolean;
  avx512f: boolean;
  avx512bw: boolean;
  avx512vnni: boolean;
  avx512bf16: boolean;
  avx512fp16: boolean;
  amxTile: boolean;
  amxInt8: boolean;
  amxBf16: boolean;
  amxFp16: boolean;
  amxPermitted: boolean;
}

/**
 * CPU time in nanoseconds, of this process since the first call, which turns the counting on: what the library itself
 * spends beside GenAI on GenAI's streamer threads and, outside `generate()`, on the workers' threads; and the time of the
 * calling thread since it began.
 */
export interface CpuAccount {
  streamersNs: number;
  workersNs: number;
  thisThreadNs: number;
}

export interface NativeDevice {
  name: string;
  fullName: string;
  capabilities: string[];
}

export interface NativeCore {
  Pipeline: new (
    options: NativeLoadOptions,
    onEvent: (...event: NativeEvent) => void,
  ) => NativePipelineHandle;
  /** A path loads with the first call; a pipeline that is loaded shares its own. */
  Tokenizer: new (
    source: string | NativePipelineHandle,
    properties?: Array<[string, string]>,
  ) => NativeTokenizerHandle;
  /** Loads with its first call. */
  TextModel: new (options: NativeTextModelOptions) => NativeTextModelHandle;
  /** Ends every worker of this thread's pipelines and waits for it, synchronously. */
  closeAll(): void;
  /** How many native objects of each kind are alive in this process. */
  liveObjects(): Record<string, number>;
  /**
   * The clock of all stamps, in milliseconds (C++ `steady_clock`). Nothing of JavaScript's is compared with a stamp: what
   * `process.hrtime()` and `performance.now()` count from is the runtime's own matter. Needs no `this`.
   */
  nowMs(this: void): number;
  cpuAccount(): CpuAccount;
  cpuFeatures(): CpuFeatures;
  /** Those that the plugins of these names see. */
  listDevices(plugins: readonly string[]): Promise<NativeDevice[]>;
  /** Asks the CPU plugin. `runtimeOptions`: those of the model's IR, which hold where no property says otherwise. */
  pluginSettings(
    properties: Array<[string, string]>,
    runtimeOptions: Array<[string, string]>,
  ): Promise<NativePluginSettings>;
  /** Reads the graph of a folder with IR. Reports only networks of which the CPU plugin may make one kernel. */
  gatedMlps(path: string): Promise<NativeGatedMlp[]>;
  /** Loads a model, feeds it token ids and gives the logits, off this thread. */
  modelLogits(options: NativeLogitsOptions): Promise<NativeLogits>;
  /** Multiplies in each way that the CPU has, off this thread. */
  measureMultiplyRates(options: NativeMultiplyRateOptions): Promise<NativeMultiplyRate[]>;
  /** Reads new memory for about a second, off this thread. */
  measureReadBandwidth(options: NativeReadBandwidthOptions): Promise<NativeReadBandwidth>;
  /** Loads a model with OpenVINO's profiler on, and runs it, off this thread. */
  profileModel(options: NativeProfileOptions): Promise<NativeProfile>;
}

interface NativeLoader {
  open(
    libraries: string[],
    core: string,
    tokenizersLibrary: string,
    expected: typeof EXPECTED_BUILDS,
  ): NativeCore;
  /** Real paths of the runtime's libraries in this process. */
  where(): string[];
}

export interface Binding {
  core: NativeCore;
  loader: NativeLoader;
  /** The `.node` file that was loaded. */
  addonPath: string;
  runtime: RuntimeLocation;
}

let binding: Binding | undefined;

/**
 * Finds and opens the runtime and the addon, once per thread.
 *
 * @throws {OpenVinoLlmError} ERR_PLATFORM, ERR_RUNTIME_NOT_FOUND, ERR_RUNTIME_VERSION, ERR_ADDON_NOT_FOUND
 */
export function openBinding(): Binding {
  if (binding !== undefined) return binding;
  assertPlatform();
  // First: in a bundle the runtime's package may be out of sight too, and installing it would cure nothing.
  const addonPath = findAddon();
  const runtime = locateRuntime();
  try {
    const loader = requireAddon(addonPath) as NativeLoader;
    const core = loader.open(
      runtime.libraries,
      join(dirname(addonPath), "libopenvino_llm_core.so"),
      runtime.tokenizersLibrary,
      EXPECTED_BUILDS,
    );
    binding = { core, loader, addonPath, runtime };
    // Inference must have ended when the libraries' static destructors run. process.exit() and an uncaught exception
    // come here; they run no native cleanup hook on the main thread.
    process.once("exit", () => core.closeAll());
    return binding;
  } catch (error) {
    throw openFailure(error);
  }
}

function openFailure(error: unknown): OpenVinoLlmError {
  const { message } = error as Error;
  const shortage = shortageError("OpenVINO could not be opened", message);
  if (shortage !== null) return shortage;
  const code = codeOf(error);
  const isOurs = code === "ERR_RUNTIME_VERSION" || code === "ERR_RUNTIME_NOT_FOUND";
  const cure = /failed to map segment.*Operation not permitted/.test(message)
    ? ". Its file system does not let programs run (noexec): choose another with OPENVINO_LLM_CACHE."
    : "";
  return new OpenVinoLlmError(isOurs ? code : "ERR_ADDON_NOT_FOUND", `${message}${cure}`, { cause: error });
}
