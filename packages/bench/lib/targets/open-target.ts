/** Loads the models of a plan and makes targets of them. */
import {
  ContinuousBatchingPipeline,
  LLMPipeline,
  type TextGenerator,
  type LoadedModel,
  type Properties,
} from "openvino-llm";
import {
  freeMemory,
  outOfRange,
  type InferenceFacts,
  type NoInferenceFacts,
  isaLimitIn,
  loadedProperties,
  propertiesUnder,
  type IsaLimit,
  profileModel,
} from "openvino-llm/internal";
import { ChildTarget } from "./child/child-target.js";
import { readModelFacts, type ModelFacts } from "./model-facts.js";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import type { PlanTarget } from "../plan/plan.js";
import type { PromptSource } from "../prompts/prompts.js";
import { runLevel, type LevelEvent, type LevelOptions, type LevelWorkload } from "../measure/run-level.js";
import type { PrecisionHint, TargetFacts } from "./target-facts.js";
import { promptsFor } from "./target-prompts.js";
import { generatorTarget, type BenchTarget } from "../measure/target.js";

/** A target that is ready, with what is known of it and what it is sent. */
export interface OpenedTarget {
  /** What requests are sent to. */
  readonly target: BenchTarget;
  /** What a report says of it. */
  readonly facts: TargetFacts;
  /** Prompts in the form that it takes. */
  readonly prompts: PromptSource;
  /** Runs a level. Default: `runLevel` in this process. */
  runLevel?(workload: LevelWorkload, options?: LevelOptions): AsyncGenerator<LevelEvent, void, undefined>;
  /** Finds out which kernels run it, when it has been closed. Absent where that cannot be found out. */
  profile?(signal: AbortSignal | undefined): Promise<InferenceFacts | NoInferenceFacts>;
  /** Frees it. */
  close(): Promise<void>;
}

/** Runs a level of a target where the target runs. */
export function levelOf(
  opened: OpenedTarget,
  workload: LevelWorkload,
  options: LevelOptions,
): AsyncGenerator<LevelEvent, void, undefined> {
  return opened.runLevel?.(workload, options) ?? runLevel(opened.target, workload, options);
}

/** Makes a target ready. */
export type OpenTarget = (
  target: PlanTarget,
  options: ResolvedBenchOptions,
  signal: AbortSignal | undefined,
) => Promise<OpenedTarget>;

/** A target that runs in this process. */
export interface GeneratorTarget extends OpenedTarget {
  /** What was loaded: folder, device, context length. */
  readonly model: LoadedModel;
}

/** What is known of a generator that this library did not load. */
export type KnownFacts = Pick<
  TargetFacts,
  "engine" | "prefixCaching" | "properties" | "chosenProperties" | "profile" | "scheduler" | "rssBytes"
>;

const NOTHING_KNOWN: KnownFacts = {
  engine: "pipeline",
  prefixCaching: null,
  properties: {},
  scheduler: null,
  rssBytes: null,
};

/**
 * Loads a model of the cache or of a path: in this process, or in one of its own where its instruction set is limited.
 *
 * @throws as the pipelines' `load()` does
 * @throws RangeError where the requests do not fit into the model's context, or its vocabulary is not known
 */
export const openLocalTarget: OpenTarget = async (target, options, signal) => {
  const isa = target.isa ?? null;
  const opened = await (isa === null
    ? openInProcess(target, options, signal)
    : openInChild(target, isa, options, signal));
  return { ...opened, profile: (ending) => profileOf(opened, isa, options, ending) };
};

/** Loads a model in this process, as `openLocalTarget` does. */
export async function openInProcess(
  target: PlanTarget,
  options: ResolvedBenchOptions,
  signal: AbortSignal | undefined,
): Promise<GeneratorTarget> {
  const { engine, device, profile, performanceHint, promptLookup } = options;
  const properties = propertiesUnder(target.isa ?? null, options.properties);
  const before = process.memoryUsage.rss();
  const load = { device, properties, profile, performanceHint, promptLookup, signal };
  const generator =
    engine === "pipeline"
      ? await LLMPipeline.load(target.model, load)
      : await ContinuousBatchingPipeline.load(target.model, {
          ...load,
          scheduler: schedulerOf(target, options),
        });
  const scheduler = generator instanceof ContinuousBatchingPipeline ? generator.schedulerConfig() : null;
  try {
    return await openGenerator(generator, target, options, {
      engine,
      // LLMPipeline always keeps prefixes.
      prefixCaching: scheduler?.enablePrefixCaching ?? true,
      properties: loadedProperties(generator.properties),
      chosenProperties: generator.properties.chosen,
      ...(generator.profile === null ? {} : { profile: generator.profile }),
      scheduler,
      rssBytes: { before, after: process.memoryUsage.rss() },
    });
  } catch (error) {
    await generator.close();
    throw error;
  }
}

/** Loads a model in a process of its own, whose instruction set may be limited. */
export async function openInChild(
  target: PlanTarget,
  isa: IsaLimit | null,
  options: ResolvedBenchOptions,
  signal: AbortSignal | undefined,
): Promise<GeneratorTarget> {
  const limit = isaLimitIn(process.env);
  if (isa !== null && limit !== null) {
    throw outOfRange(
      "ONEDNN_MAX_CPU_ISA",
      "no value with isaCompare",
      limit,
      "It would limit the run without a limit.",
    );
  }
  const child = new ChildTarget(target.label, isa);
  try {
    const { facts, model } = await child.open(target, options, signal);
    return {
      target: child,
      facts,
      model,
      prompts: await promptsFor(model, options),
      runLevel: (workload, levelOptions) => child.runLevel(workload, levelOptions),
      close: () => child.close(),
    };
  } catch (error) {
    await child.close();
    throw error;
  }
}

async function profileOf(
  { facts, model }: GeneratorTarget,
  isa: IsaLimit | null,
  { inputLength, levels }: ResolvedBenchOptions,
  signal: AbortSignal | undefined,
): Promise<InferenceFacts | NoInferenceFacts> {
  const { scheduler, properties, rssBytes, files } = facts;
  const weights = Object.values(files?.weightBytes ?? {}).reduce((sum, bytes) => sum + bytes, 0);
  const grown = rssBytes === null ? 0 : rssBytes.after - rssBytes.before;
  return profileModel({
    path: model.path,
    device: model.device,
    properties,
    promptTokens: Math.min(inputLength, scheduler?.maxNumBatchedTokens ?? Infinity),
    // Without a scheduler one request runs at a time.
    sequences: scheduler === null ? 1 : Math.min(Math.max(...levels), scheduler.maxNumSeqs),
    vocabSize: model.vocabSize,
    modelBytes: Math.max(weights, grown),
    availableBytes: freeMemory(),
    isa,
    signal,
  });
}

/**
 * A target of anything that generates text in this process; closing the target closes it.
 *
 * @throws RangeError where the requests do not fit into the model's context, or its vocabulary is not known
 */
export async function openGenerator(
  generator: TextGenerator,
  { label, model }: Pick<PlanTarget, "label" | "model">,
  options: ResolvedBenchOptions,
  known: KnownFacts = NOTHING_KNOWN,
): Promise<GeneratorTarget> {
  const { model: loaded } = generator;
  const prompts = await promptsFor(loaded, options);
  const target = generatorTarget(generator);
  const files = await readModelFacts(generator.model.path);
  const facts: TargetFacts = {
    label,
    model,
    stamps: target.stamps,
    loadMs: generator.loadMs,
    device: generator.model.device,
    generationConfig: generator.generationConfig({
      temperature: 0,
      ignoreEos: true,
      maxNewTokens: options.outputLength,
    }),
    files,
    precisions: {
      inference: precisionHint("INFERENCE_PRECISION_HINT", known.properties, files),
      kvCache: precisionHint("KV_CACHE_PRECISION", known.properties, files),
    },
    server: null,
    inference: null,
    ...known,
  };
  return { target, facts, model: loaded, prompts, close: () => generator.close() };
}

/** A property wins over what the IR asks for. */
function precisionHint(
  name: string,
  properties: Properties,
  { runtimeOptions }: ModelFacts,
): PrecisionHint | null {
  const asked = properties[name];
  if (asked !== undefined) return { value: String(asked), from: "property" };
  const own = runtimeOptions[name];
  return own === undefined ? null : { value: own, from: "model" };
}

function schedulerOf({ maxNumBatchedTokens }: PlanTarget, { scheduler }: ResolvedBenchOptions) {
  return maxNumBatchedTokens === null ? scheduler : { ...scheduler, maxNumBatchedTokens };
}
