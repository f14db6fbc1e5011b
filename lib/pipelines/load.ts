import { throwIfLoadAborted, untilLoadAborted } from "../abort/abort-load.js";
import { AbortError } from "../errors/errors.js";
import type { CheckedLoadOptions } from "../generation/load-options.js";
import { warnOfCorrections, type PropertiesReport } from "../engine-guard/guard.js";
import { openAdapters, type OpenedAdapter } from "../models/adapters/adapters.js";
import { openModel, type ModelInfo } from "../models/open.js";
import { openBinding, type NativeLoaded } from "../native/binding.js";
import { NativePipeline } from "../native/native-pipeline.js";
import type { ResolvedSchedulerConfig } from "../options/scheduler-options.js";
import { checkSameVocabulary, type CheckedDraftModel } from "../options/speculation.js";
import type { AppliedProfile, ProfilePipeline } from "../profiles/profile.js";
import { settleProperties, type PropertiesRequest } from "../profiles/settle-properties.js";
import { deviceForOpenVino } from "../runtime/devices.js";
import { appliedProfile, settleLoad, warnOfLeftOut } from "./load-settings.js";
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
  /** The whole config for batching, else null. */
  readonly scheduler: ResolvedSchedulerConfig | null;
  readonly profile: AppliedProfile | null;
}

/** Which class loads, and its scheduler options as they were given. */
export interface LoadedClass {
  readonly name: ProfilePipeline;
  readonly scheduler?: unknown;
}

/** Opens a model and loads it, off the JavaScript thread; `create` makes the pipeline of what was loaded. */
export async function loadPipeline<Pipeline extends TextGenerator>(
  model: string,
  asked: CheckedLoadOptions,
  { name, scheduler: schedulerOptions }: LoadedClass,
  create: (native: LoadedNative) => Pipeline,
): Promise<Pipeline> {
  const { signal } = asked;
  throwIfLoadAborted(signal);
  const { runtime } = openBinding();
  const device = deviceForOpenVino(asked.device ?? "CPU", asked.nativeProperties, runtime);
  const { draft } = asked.speculation;
  const draftProperties = draft?.nativeProperties ?? asked.nativeProperties;
  const draftDevice = deviceForOpenVino(draft?.device ?? asked.device ?? "CPU", draftProperties, runtime);
  const info = await untilLoadAborted(openModel(model), signal);
  const settled = settleLoad(info, device, asked, name, schedulerOptions);
  const { options, scheduler, profile } = await untilLoadAborted(settled, signal);
  const adapters = await untilLoadAborted(openAdapters(info.dir, options.checkedAdapters), signal);
  const guard = async (request: PropertiesRequest) => {
    const { performanceHint } = options;
    const found = await untilLoadAborted(settleProperties({ ...request, performanceHint }), signal);
    warnOfCorrections(found.report);
    warnOfLeftOut(found);
    return found;
  };
  const { dir, runtimeOptions } = info;
  const properties = options.nativeProperties;
  const guarded = await guard({ dir, device, properties, runtimeOptions, profile: profile?.choice });
  const draftInfo = draft && (await untilLoadAborted(openDraftModel(draft, info), signal));
  const guardedDraft =
    draftInfo && (await guard({ ...draftInfo, device: draftDevice, properties: draftProperties }));
  const native = new NativePipeline({
    path: info.dir,
    device,
    properties: guarded.native,
    maxQueue: options.maxQueue ?? null,
    scheduler,
    adapters: adapters.map(({ file, alpha }) => ({ path: file, alpha })),
    promptLookup: options.speculation.kind === "prompt-lookup",
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
      scheduler,
      profile: profile && appliedProfile(profile, guarded.report),
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
