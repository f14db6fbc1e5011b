import { throwIfLoadAborted, untilLoadAborted } from "../abort/abort-load.js";
import { AbortError } from "../errors/errors.js";
import type { CheckedLoadOptions } from "../generation/call-options.js";
import { guardProperties, warnOfCorrections, type PropertiesReport } from "../engine-guard/guard.js";
import { openAdapters, type OpenedAdapter } from "../models/adapters/adapters.js";
import { openModel, type ModelInfo } from "../models/open.js";
import { openBinding, type NativeLoaded } from "../native/binding.js";
import { NativePipeline } from "../native/native-pipeline.js";
import { checkSameVocabulary, type CheckedDraftModel } from "../options/speculation.js";
import { deviceForOpenVino } from "../runtime/devices.js";
import type { TextGenerator } from "./text-generator.js";
import { Tokenizer } from "../tokenizer/tokenizer.js";

/** A loaded native pipeline, and what is known of it. */
export interface LoadedNative {
  readonly native: NativePipeline;
  readonly loaded: NativeLoaded;
  readonly tokenizer: Tokenizer;
  readonly info: ModelInfo;
  readonly adapters: readonly OpenedAdapter[];
  readonly options: CheckedLoadOptions;
  readonly properties: PropertiesReport;
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
  const { signal } = options;
  throwIfLoadAborted(signal);
  const { runtime } = openBinding();
  const device = deviceForOpenVino(options.device ?? "CPU", options.nativeProperties, runtime);
  const { kind, draft } = options.speculation;
  const draftProperties = draft?.nativeProperties ?? options.nativeProperties;
  const draftDevice = deviceForOpenVino(draft?.device ?? options.device ?? "CPU", draftProperties, runtime);
  const info = await untilLoadAborted(openModel(model), signal);
  const adapters = await untilLoadAborted(openAdapters(info.dir, options.checkedAdapters), signal);
  const guard = async (
    { dir, runtimeOptions }: ModelInfo,
    on: string,
    properties: Array<[string, string]>,
  ) => {
    const request = { dir, device: on, properties, runtimeOptions, kind: "generator" } as const;
    const found = await untilLoadAborted(guardProperties(request), signal);
    warnOfCorrections(found.report);
    return found;
  };
  const guarded = await guard(info, device, options.nativeProperties);
  const draftInfo = draft && (await untilLoadAborted(openDraftModel(draft, info), signal));
  const guardedDraft = draftInfo && (await guard(draftInfo, draftDevice, draftProperties));
  const native = new NativePipeline({
    path: info.dir,
    device,
    properties: guarded.native,
    maxQueue: options.maxQueue ?? null,
    scheduler,
    adapters: adapters.map(({ file, alpha }) => ({ path: file, alpha })),
    promptLookup: kind === "prompt-lookup",
    draft: draftInfo && {
      path: draftInfo.dir,
      device: draftDevice,
      properties: guardedDraft?.native ?? draftProperties,
    },
  });
  try {
    const loaded = await untilLoadAborted(native.loaded, signal);
    const tokenizer = await untilLoadAborted(Tokenizer.of(native, info, options.chatTemplate), signal);
    const pipeline = create({
      native,
      loaded,
      tokenizer,
      info,
      adapters,
      options,
      properties: guarded.report,
    });
    if (options.warmup === true) await untilLoadAborted(warmUp(pipeline), signal);
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
