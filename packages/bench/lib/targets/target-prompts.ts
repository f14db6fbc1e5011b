import { outOfRange } from "openvino-llm/internal";
import type { LoadedModel } from "openvino-llm";
import { readDataset } from "../prompts/dataset.js";
import { readSpecialIds } from "./model-facts.js";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import { longestRequest } from "../plan/plan.js";
import { givenPrompts, randomPrompts, type PromptSource } from "../prompts/prompts.js";

/**
 * What a model is sent.
 *
 * @throws (by rejection) RangeError where the requests do not fit into its context, or its vocabulary is not known
 */
export async function promptsFor(model: LoadedModel, options: ResolvedBenchOptions): Promise<PromptSource> {
  if (options.dataset !== "random") return givenPrompts(await readDataset(options.dataset), options.seed);
  const { contextLength, vocabSize } = model;
  const longest = longestRequest(options);
  if (contextLength !== null && longest > contextLength) {
    throw outOfRange(
      "inputLength and outputLength",
      `at most ${contextLength} tokens together (the context of ${model.name})`,
      longest,
    );
  }
  if (vocabSize === null) {
    throw outOfRange(
      "dataset",
      "a file of prompts",
      "random",
      `The vocabulary size of ${model.name} is not known.`,
    );
  }
  return randomPrompts({ size: vocabSize, specialIds: await readSpecialIds(model.path) }, options.seed);
}
