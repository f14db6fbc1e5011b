/** Loads the models of a plan and makes targets of them. */
import { ContinuousBatchingPipeline } from "../continuous-batching-pipeline.js";
import { outOfRange } from "../errors.js";
import { LLMPipeline } from "../llm-pipeline.js";
import type { TextGenerator } from "../text-generator.js";
import { readDataset } from "./dataset.js";
import type { Properties } from "../options/properties.js";
import { readModelFacts, readSpecialIds, type ModelFacts } from "./model-facts.js";
import type { ResolvedBenchOptions } from "./options.js";
import { longestRequest, type PlanTarget } from "./plan.js";
import { givenPrompts, randomPrompts, type PromptSource } from "./prompts.js";
import type { PrecisionHint, TargetFacts } from "./target-facts.js";
import { generatorTarget, type BenchTarget } from "./target.js";

/** A target that is ready, with what is known of it and what it is sent. */
export interface OpenedTarget {
  readonly target: BenchTarget;
  readonly facts: TargetFacts;
  readonly prompts: PromptSource;
  /** Frees it. */
  close(): Promise<void>;
}

/** Makes a target ready. */
export type OpenTarget = (
  target: PlanTarget,
  options: ResolvedBenchOptions,
  signal: AbortSignal | undefined,
) => Promise<OpenedTarget>;

/** What is known of a generator that this library did not load. */
type KnownFacts = Pick<TargetFacts, "engine" | "prefixCaching" | "properties" | "scheduler" | "rssBytes">;

const NOTHING_KNOWN: KnownFacts = {
  engine: "pipeline",
  prefixCaching: null,
  properties: {},
  scheduler: null,
  rssBytes: null,
};

/**
 * Loads a model of the cache or of a path.
 *
 * @throws as the pipelines' `load()` does
 * @throws RangeError where the requests do not fit into the model's context, or its vocabulary is not known
 */
export const openLocalTarget: OpenTarget = async (target, options, signal) => {
  const { engine, device, properties } = options;
  const before = process.memoryUsage.rss();
  const load = { device, properties, signal };
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
      properties,
      scheduler,
      rssBytes: { before, after: process.memoryUsage.rss() },
    });
  } catch (error) {
    await generator.close();
    throw error;
  }
};

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
): Promise<OpenedTarget> {
  const prompts = await promptsFor(generator, options);
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
    ...known,
  };
  return { target, facts, prompts, close: () => generator.close() };
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

async function promptsFor({ model }: TextGenerator, options: ResolvedBenchOptions): Promise<PromptSource> {
  if (options.dataset !== "random") return givenPrompts(await readDataset(options.dataset), options.seed);
  const { contextLength, vocabSize } = model;
  const longest = longestRequest(options);
  if (contextLength !== null && longest > contextLength) {
    throw outOfRange(
      "inputLength and outputLength",
      `at most the ${contextLength} tokens of ${model.name}'s context together`,
      longest,
    );
  }
  if (vocabSize === null) {
    throw outOfRange(
      "dataset",
      `a file of prompts (the size of ${model.name}'s vocabulary is not known)`,
      "random",
    );
  }
  return randomPrompts({ size: vocabSize, specialIds: await readSpecialIds(model.path) }, options.seed);
}

function schedulerOf({ maxNumBatchedTokens }: PlanTarget, { scheduler }: ResolvedBenchOptions) {
  return maxNumBatchedTokens === null ? scheduler : { ...scheduler, maxNumBatchedTokens };
}
