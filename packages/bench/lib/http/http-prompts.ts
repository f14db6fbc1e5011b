/** What a server is sent as prompts. */
import { outOfRange, readModelInfo, openModel } from "openvino-llm/internal";
import { resolveModel } from "openvino-llm/models";
import { readDataset } from "../prompts/dataset.js";
import { readSpecialIds } from "../targets/model-facts.js";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import { givenPrompts, randomPrompts, type PromptSource, type Vocabulary } from "../prompts/prompts.js";
import type { ResolvedHttpOptions } from "../plan/http-options.js";
import { takesPrompt } from "./request-body.js";
import { wordPrompts } from "../prompts/word-prompts.js";

/** The forms that the prompts can have, the preferred one first. */
export interface PromptForms {
  /** Null where the vocabulary is not known here, or the endpoint takes none. */
  readonly tokenIds: PromptSource | null;
  readonly text: PromptSource;
}

/**
 * Prompts from a file, or random ones: token ids of the vocabulary of the model of that name on this machine, where there is
 * one and the endpoint takes ids, and words.
 *
 * @throws RangeError where the endpoint has no form for a prompt of the file
 */
export async function promptForms(
  model: string,
  { endpoint, inProcess }: ResolvedHttpOptions,
  { dataset, seed }: ResolvedBenchOptions,
): Promise<PromptForms> {
  if (dataset !== "random") {
    const prompts = await readDataset(dataset);
    if (!prompts.every(({ input }) => takesPrompt(endpoint, input))) {
      const forms = endpoint === "chat" ? '"prompt" or "messages"' : '"prompt" or "prompt_token_ids"';
      throw outOfRange("dataset", `a file of prompts with ${forms} (endpoint "${endpoint}")`, dataset);
    }
    return { tokenIds: null, text: givenPrompts(prompts, seed) };
  }
  const vocabulary = endpoint === "chat" ? null : await localVocabulary(model, inProcess);
  return {
    tokenIds: vocabulary === null ? null : randomPrompts(vocabulary, seed),
    text: wordPrompts(seed),
  };
}

async function localVocabulary(model: string, isOpenHere: boolean): Promise<Vocabulary | null> {
  try {
    const dir = await localFolder(model, isOpenHere);
    const size = dir === null ? null : (await readModelInfo(dir)).vocabSize;
    return dir === null || size === null ? null : { size, specialIds: await readSpecialIds(dir) };
  } catch {
    // There is none of that name, or its files are broken: the server has it all the same.
    return null;
  }
}

/** A GGUF file that is not open in this process either is not converted for its vocabulary. */
async function localFolder(model: string, isOpenHere: boolean): Promise<string | null> {
  if (isOpenHere) return (await openModel(model)).dir;
  const found = await resolveModel(model);
  return found.kind === "ir" ? found.dir : null;
}
