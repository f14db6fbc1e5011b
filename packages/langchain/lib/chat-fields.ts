/** What a chat model is made of. */
import type { BaseChatModelParams } from "@langchain/core/language_models/chat_models";
import type { BatchingLoadOptions, TextGenerator } from "openvino-llm";

import { SAMPLING, type ChatSampling, type GenerationCallOptions } from "./calls/call-options.js";
import { invalidArgType } from "./errors/errors.js";

/** Fields of a `ChatOpenVINO` beside its pipeline. */
export interface ChatOpenVINOFields extends BaseChatModelParams, ChatSampling {
  /** Strings that end the answer. Default none. */
  readonly stop?: readonly string[] | undefined;
  /** Whether `invoke()` streams too, so that callbacks get the tokens. Default false: LangChain asks for it where it is wanted. */
  readonly streaming?: boolean | undefined;
  /** Further options of the library's `generate()`, for every call. Default none. */
  readonly generationOptions?: GenerationCallOptions | undefined;
}

/** Fields of a `ChatOpenVINO`. */
export interface ChatOpenVINOInput extends ChatOpenVINOFields {
  /** A loaded model. A `ContinuousBatchingPipeline` answers many calls at once, an `LLMPipeline` one after the other. It stays its owner's to close. */
  readonly pipeline: TextGenerator;
}

/** What `ChatOpenVINO.load` takes beside the model. */
export interface ChatOpenVINOLoadOptions extends ChatOpenVINOFields {
  /** Options of `ContinuousBatchingPipeline.load()`. Default none. */
  readonly load?: BatchingLoadOptions | undefined;
}

/** What is serialised: never the pipeline, callbacks or caches. */
export const SERIALIZED_FIELDS: readonly string[] = ["model", ...SAMPLING, "stop", "streaming"];

/**
 * With the model's name, which is serialised in the pipeline's place.
 *
 * @throws TypeError without a pipeline
 */
export function serializableFields(
  fields: ChatOpenVINOInput,
): ChatOpenVINOInput & { readonly model: string } {
  const { pipeline } = fields;
  if (typeof (pipeline as Partial<TextGenerator> | undefined)?.generate !== "function") {
    throw invalidArgType("pipeline", "a loaded pipeline", pipeline, "Or use ChatOpenVINO.load().");
  }
  return { ...fields, model: pipeline.model.name };
}
