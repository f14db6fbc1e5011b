/** What tuning may set: all of it is given to a load, and none of it changes the model. Pure. */
import type { SchedulerOptions } from "openvino-llm";
import type { EngineName } from "../../plan/bench-options.js";

/** Scheduler options that are searched. */
export type TunedScheduler = Readonly<
  Pick<SchedulerOptions, "maxNumBatchedTokens" | "maxNumSeqs" | "dynamicSplitFuse">
>;

/** What a model is loaded with. What is not in it keeps its default. */
export interface TunedSettings {
  /** "batching" is `ContinuousBatchingPipeline`, "pipeline" is `LLMPipeline`. */
  readonly engine: EngineName;
  /** OpenVINO plugin properties. */
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  /** Options of the scheduler; empty for "pipeline", which has none. */
  readonly scheduler: TunedScheduler;
  /** Prompt lookup. */
  readonly promptLookup: boolean;
}

/** Nothing set: what a user has who sets nothing. */
export const DEFAULT_SETTINGS: TunedSettings = {
  engine: "batching",
  properties: {},
  scheduler: {},
  promptLookup: false,
};

/** Settings with more or other ones. A pipeline without a scheduler loses its options. */
export function changed(base: TunedSettings, change: Partial<TunedSettings>): TunedSettings {
  const engine = change.engine ?? base.engine;
  return {
    engine,
    properties: { ...base.properties, ...change.properties },
    scheduler: engine === "pipeline" ? {} : { ...base.scheduler, ...change.scheduler },
    promptLookup: change.promptLookup ?? base.promptLookup,
  };
}

/** How many settings differ from the defaults: of two equally fast candidates the one with fewer is taken. */
export function changeCount(settings: TunedSettings): number {
  return partsOf(settings).length;
}

/** The settings in one line, which is also their identity: "INFERENCE_PRECISION_HINT f32, maxNumSeqs 4". */
export function settingsText(settings: TunedSettings): string {
  return partsOf(settings).join(", ") || "defaults";
}

function partsOf({ engine, properties, scheduler, promptLookup }: TunedSettings): string[] {
  const named = (values: object) =>
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} ${String(value)}`)
      .toSorted();
  return [
    ...(engine === "pipeline" ? ["LLMPipeline"] : []),
    ...named(properties),
    ...named(scheduler),
    ...(promptLookup ? ["promptLookup"] : []),
  ];
}
