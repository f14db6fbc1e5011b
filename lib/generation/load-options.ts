import { invalidArgType, readingFrom } from "../errors/errors.js";
import { checkAdapters, type AdapterOption, type CheckedAdapter } from "../options/adapters.js";
import type { GenerationOptions } from "../options/generation-options.js";
import {
  checkDevice,
  checkOptionValue,
  checkSignal,
  checkTemplate,
  plainObjectEntries,
  unknownOption,
} from "../options/option-checks.js";
import { normalizeProperties, type Properties } from "../options/properties.js";
import type { SchedulerOptions } from "../options/scheduler-options.js";
import {
  checkSpeculation,
  type CheckedSpeculation,
  type SpeculationOptions,
} from "../options/speculation.js";
import { checkProfileOptions } from "../profiles/profile-options.js";
import type { PerformanceHint } from "../profiles/performance-hints.js";

const MAX_QUEUE = { kind: "size", range: { min: 0, max: 2 ** 31 - 1 } } as const;

/** Options of `load()` of both pipelines. */
export interface LoadOptions extends SpeculationOptions {
  /** OpenVINO device whose plugins are in the runtime: "CPU", "AUTO", "HETERO:CPU". Default "CPU". */
  readonly device?: string | undefined;
  /** OpenVINO plugin properties, e.g. `{ INFERENCE_NUM_THREADS: 2 }`. Default none. */
  readonly properties?: Properties | undefined;
  /**
   * Settings that `openvino-llm-bench tune` found: the file of a `Profile`, or "auto" for one that lies beside the
   * model or in the cache and holds on this processor, for these builds of OpenVINO and this model's graph. The load's
   * own options come first, property by property. Where none holds, a warning of the process (`OPENVINO_LLM_PROFILE`)
   * says why and nothing is taken; `llm.profile` reports what was. Default none.
   */
  readonly profile?: string | undefined;
  /**
   * Properties for answers of one request as soon as possible ("latency") or for the most tokens of all ("throughput"),
   * out of a small table by processor and format of the weights. Not OpenVINO's property PERFORMANCE_HINT, which is
   * about streams. `properties` and `profile` come first; `llm.properties.chosen` reports what it set, which may be
   * nothing. Default: OpenVINO's defaults.
   */
  readonly performanceHint?: PerformanceHint | undefined;
  /**
   * Generate two tokens before the load resolves, so that the kernels of the first request are made already. Default
   * false: then the first request pays for it.
   */
  readonly warmup?: boolean | undefined;
  /** Defaults of this pipeline's calls, above the model's own. Default none. */
  readonly generationConfig?: GenerationOptions | undefined;
  /**
   * Requests that may wait at most, beside those that run: an integer from 0. One more fails at once with
   * ERR_QUEUE_FULL. Default: no limit.
   */
  readonly maxQueue?: number | undefined;
  /**
   * LoRA adapters. In an `LLMPipeline` each call may change their alphas; prefix caching is then off, and every adapter
   * takes its time in every call. In a `ContinuousBatchingPipeline` they are part of the model for all requests. An
   * adapter of which GenAI would ignore a part is refused with ERR_MODEL_LOAD. Default none.
   */
  readonly adapters?: readonly AdapterOption[] | undefined;
  /**
   * A Jinja template in place of the model's own; "" for none, so that every prompt is raw. One that cannot be read, or
   * renders not even a question, fails the load with ERR_CHAT_TEMPLATE, as the model's own does. Default the model's.
   */
  readonly chatTemplate?: string | undefined;
  /** Ends the wait for the load. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `ContinuousBatchingPipeline.load()`. */
export interface BatchingLoadOptions extends LoadOptions {
  /** GenAI's scheduler and key-value cache. Default: GenAI's own defaults. */
  readonly scheduler?: SchedulerOptions | undefined;
}

/** Load options after their checks. */
export interface CheckedLoadOptions extends LoadOptions {
  readonly nativeProperties: Array<[string, string]>;
  readonly checkedAdapters: readonly CheckedAdapter[];
  readonly speculation: CheckedSpeculation;
}

const LOAD_OPTIONS = {
  device: 1,
  properties: 1,
  profile: 1,
  performanceHint: 1,
  warmup: 1,
  generationConfig: 1,
  maxQueue: 1,
  adapters: 1,
  promptLookup: 1,
  draftModel: 1,
  chatTemplate: 1,
  signal: 1,
} as const;

/**
 * Checks what both pipelines take; `others` names what this one takes beside it.
 *
 * @throws TypeError, RangeError for an unknown option or a wrong value
 */
export function validateLoadOptions(
  options: LoadOptions,
  others: Readonly<Record<string, unknown>> = {},
): CheckedLoadOptions {
  return readingFrom("options", () => readLoadOptions(options, others));
}

function readLoadOptions(
  options: LoadOptions,
  others: Readonly<Record<string, unknown>>,
): CheckedLoadOptions {
  const known = { ...LOAD_OPTIONS, ...others };
  for (const [name, value] of plainObjectEntries("options", options)) {
    if (!Object.hasOwn(known, name)) throw unknownOption(`options.${name}`, name, value, known);
  }
  const {
    device,
    properties,
    profile,
    performanceHint,
    warmup,
    generationConfig,
    maxQueue,
    adapters,
    chatTemplate,
    signal,
  } = options;
  checkDevice(device);
  checkProfileOptions({ profile, performanceHint });
  if (warmup !== undefined && typeof warmup !== "boolean") {
    throw invalidArgType("options.warmup", "a boolean", warmup);
  }
  if (generationConfig !== undefined) plainObjectEntries("options.generationConfig", generationConfig);
  if (chatTemplate !== undefined) checkTemplate("options.chatTemplate", chatTemplate);
  if (maxQueue !== undefined) checkOptionValue("options.maxQueue", MAX_QUEUE, maxQueue, null);
  checkSignal(signal);
  const checkedAdapters = checkAdapters("options.adapters", adapters);
  const speculation = checkSpeculation(options);
  return {
    ...options,
    nativeProperties: normalizeProperties(properties ?? {}),
    checkedAdapters,
    speculation,
  };
}
