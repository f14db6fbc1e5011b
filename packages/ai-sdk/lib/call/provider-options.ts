/** `providerOptions.openvino`: what this engine has beyond the AI SDK's own settings. */
import type { CallOptions } from "openvino-llm";

import { invalidArgument } from "../errors/sdk-error.js";
import type { CommonCallOptions } from "../spec/shared.js";

/** The name of the provider, and the key of its options and metadata. */
export const PROVIDER = "openvino";

const LANGUAGE_OPTIONS = [
  "adapters",
  "assistantConfidenceThreshold",
  "doSample",
  "extraContext",
  "extraRoles",
  "ignoreEos",
  "includeStopStrInOutput",
  "maxNgramSize",
  "minNewTokens",
  "minP",
  "numAssistantTokens",
  "priority",
  "reasoningParser",
  "repetitionPenalty",
  "responseFormat",
  "specialTokensInContent",
  "stopTokenIds",
  "toolCallParser",
] as const satisfies readonly (keyof CallOptions)[];

/**
 * Options of one call of a language model, as `providerOptions: { openvino: { … } }`: those of the library that the AI SDK has
 * no setting for, by the library's names. `extraContext` has the variables of the chat template (`enable_thinking`);
 * `responseFormat` is for regular expressions, grammars and structural tags, JSON is the AI SDK's own matter.
 */
export type OpenVINOLanguageModelOptions = Pick<CallOptions, (typeof LANGUAGE_OPTIONS)[number]>;

/** Options of one call of an embedding model, as `providerOptions: { openvino: { … } }`. */
export interface OpenVINOEmbeddingModelOptions {
  /**
   * "query" for what is searched for, "document" for what is searched in: which of the two instructions of the model's load
   * is put before each text. Default "document".
   */
  readonly inputType?: "query" | "document" | undefined;
}

/** @throws InvalidArgumentError */
export function languageModelOptions(options: CommonCallOptions): OpenVINOLanguageModelOptions {
  // The library checks the values.
  return known(options, LANGUAGE_OPTIONS) as OpenVINOLanguageModelOptions;
}

/** @throws InvalidArgumentError */
export function embeddingInputType(options: CommonCallOptions): "query" | "document" {
  const { inputType = "document" } = known(options, ["inputType"]);
  if (inputType === "query" || inputType === "document") return inputType;
  throw invalidArgument(
    `providerOptions.${PROVIDER}.inputType`,
    `Expected "query" or "document" for providerOptions.${PROVIDER}.inputType but received ${String(inputType)}.`,
  );
}

function known<Name extends string>(
  { providerOptions }: CommonCallOptions,
  names: readonly Name[],
): Partial<Record<Name, unknown>> {
  const given = providerOptions?.[PROVIDER] ?? {};
  const unknown = Object.keys(given).find((name) => !(names as readonly string[]).includes(name));
  if (unknown === undefined) return given as Partial<Record<Name, unknown>>;
  throw invalidArgument(
    `providerOptions.${PROVIDER}.${unknown}`,
    `There is no providerOptions.${PROVIDER}.${unknown}. There are: ${names.join(", ")}.`,
  );
}
