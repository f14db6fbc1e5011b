import { AbortError } from "./errors.js";
import type { CheckedLoadOptions } from "./call-options.js";
import { openAdapters, type OpenedAdapter } from "./models/adapters.js";
import { openModel, type ModelInfo } from "./models/open.js";
import type { NativeLoaded } from "./binding.js";
import { NativePipeline } from "./native-pipeline.js";
import { checkSameVocabulary, type CheckedDraftModel } from "./options/speculation.js";
import type { TextGenerator } from "./text-generator.js";
import { Tokenizer } from "./tokenizer.js";

/** A loaded native pipeline, and what is known of it. */
export interface LoadedNative {
  readonly native: NativePipeline;
  readonly loaded: NativeLoaded;
  readonly tokenizer: Tokenizer;
  readonly info: ModelInfo;
  readonly adapters: readonly OpenedAdapter[];
  readonly options: CheckedLoadOptions;
}

/**
 * Opens a model and loads it, off the JavaScript thread. `scheduler` is the whole scheduler config for batching, else
 * null; `create` makes the pipeline of what was loaded.
 */
export async function loadPipeline<Pipeline extends TextGenerator>(
  model: string,
  options: CheckedLoadOptions,
  scheduler: object | null,
  create: (native: LoadedNative) => Pipeline,
): Promise<Pipeline> {
  const { signal, device = "CPU" } = options;
  throwIfAborted(signal);
  const info = await untilAborted(openModel(model), signal);
  const adapters = await untilAborted(openAdapters(info.dir, options.checkedAdapters), signal);
  const { kind, draft } = options.speculation;
  const draftInfo = draft && (await untilAborted(openDraftModel(draft, info), signal));
  const native = new NativePipeline({
    path: info.dir,
    device,
    properties: options.nativeProperties,
    maxQueue: options.maxQueue ?? null,
    scheduler,
    adapters: adapters.map(({ file, alpha }) => ({ path: file, alpha })),
    promptLookup: kind === "prompt-lookup",
    draft: draftInfo && {
      path: draftInfo.dir,
      device: draft?.device ?? device,
      properties: draft?.nativeProperties ?? options.nativeProperties,
    },
  });
  try {
    const loaded = await untilAborted(native.loaded, signal);
    const tokenizer = await untilAborted(Tokenizer.of(native, info.vocabSize), signal);
    const pipeline = create({ native, loaded, tokenizer, info, adapters, options });
    if (options.warmup === true) await untilAborted(warmUp(pipeline), signal);
    return pipeline;
  } catch (error) {
    const closed = native.close();
    if (!(error instanceof AbortError)) await closed;
    throw error;
  }
}

async function openDraftModel(draft: CheckedDraftModel, target: ModelInfo): Promise<ModelInfo> {
  const info = await openModel(draft.model);
  checkSameVocabulary(target, info);
  return info;
}

/** The first generation makes the kernels; two tokens run both the prefill's and the decoding's. */
async function warmUp(pipeline: TextGenerator): Promise<void> {
  await pipeline.generate({ tokenIds: [0] }, { maxNewTokens: 2, ignoreEos: true, temperature: 0 });
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw loadAborted(signal);
}

function loadAborted(signal: AbortSignal): AbortError<undefined> {
  return new AbortError("The load was aborted.", signal.reason, undefined);
}

/** The promise, or AbortError as soon as the signal is aborted. */
async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  throwIfAborted(signal);
  let onAbort!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(loadAborted(signal));
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
