/** The library's errors as the AI SDK's, where it has a class for them. */
import {
  InvalidArgumentError,
  InvalidPromptError,
  NoSuchModelError,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider";

/** What the library's options are called in the AI SDK. */
const NAMES: Readonly<Record<string, string>> = {
  maxNewTokens: "maxOutputTokens",
  stopStrings: "stopSequences",
  rngSeed: "seed",
  temperature: "temperature",
  topP: "topP",
  topK: "topK",
  presencePenalty: "presencePenalty",
  frequencyPenalty: "frequencyPenalty",
  responseFormat: "responseFormat",
  tools: "tools",
  toolChoice: "toolChoice",
};

/** Codes of errors that the prompt is to blame for. */
const OF_PROMPT: readonly unknown[] = ["ERR_CHAT_TEMPLATE", "ERR_PROMPT_TOO_LONG", "ERR_KV_CACHE_FULL"];
/** Codes of errors about an argument. */
const OF_ARGUMENT: readonly unknown[] = ["ERR_INVALID_ARG_TYPE", "ERR_OUT_OF_RANGE", "ERR_INVALID_SCHEMA"];

/** The `code` of an error; undefined where it has none. */
export function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/**
 * What a call fails with. An error that the AI SDK has no class for stays as it is, such as `AbortError` or that of a full
 * waiting queue.
 *
 * @param prompt - what was asked
 */
export function sdkError(error: unknown, prompt: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  const { message } = error;
  if (OF_PROMPT.includes(code)) return new InvalidPromptError({ prompt, message, cause: error });
  if (code === "ERR_NO_CHAT_TEMPLATE") {
    const functionality = "messages to a model without a chat template";
    return Object.assign(new UnsupportedFunctionalityError({ functionality, message }), { cause: error });
  }
  if (!OF_ARGUMENT.includes(code)) return error;
  if (/\binput\b/.test(message) && !message.includes("options.")) {
    return new InvalidPromptError({
      prompt,
      message: message.replaceAll(/\binput\b/g, "prompt"),
      cause: error,
    });
  }
  let argument: string | undefined;
  const renamed = message.replaceAll(/\boptions\.(\w+)/g, (_, option: string) => {
    const name = NAMES[option] ?? `providerOptions.openvino.${option}`;
    argument ??= name;
    return name;
  });
  argument ??= / for ([\w.[\]]+)/.exec(message)?.[1] ?? "options";
  return new InvalidArgumentError({ argument, message: renamed, cause: error });
}

/** The kinds of models that there are. */
export type ModelType = "languageModel" | "embeddingModel" | "rerankingModel";

/** What a load by name fails with. */
export function loadError(error: unknown, modelId: string, modelType: ModelType): unknown {
  if (codeOf(error) !== "ERR_MODEL_NOT_FOUND") return error;
  const { message } = error as Error;
  return Object.assign(new NoSuchModelError({ modelId, modelType, message }), { cause: error });
}

/** What is no option, or has no place where it stands. */
export function invalidArgument(argument: string, message: string): InvalidArgumentError {
  return new InvalidArgumentError({ argument, message });
}
