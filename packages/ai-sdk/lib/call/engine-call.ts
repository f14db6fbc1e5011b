/** Converts a call of the AI SDK to one of the engine. */
import type {
  CallOptions,
  ChatInputMessage,
  GenerationOptions,
  ResponseFormat,
  Tool,
  ToolChoice,
} from "openvino-llm";

import { messagesOf } from "../prompt/messages.js";
import type { AnswerFormat, FunctionTool, LanguageCallOptions, ProviderTool } from "../spec/language.js";
import type { PromptMessage } from "../spec/prompt.js";
import type { Warning } from "../spec/shared.js";
import { languageModelOptions } from "./provider-options.js";
import { reasoningContext } from "./reasoning.js";

/** A call of the engine. */
export interface EngineCall {
  readonly input: ChatInputMessage[];
  readonly options: CallOptions;
  readonly warnings: Warning[];
}

/**
 * @param chatTemplate - the model's; null where it has none
 * @throws InvalidArgumentError, UnsupportedFunctionalityError
 */
export function engineCallOf(call: LanguageCallOptions, chatTemplate: string | null): EngineCall {
  const warnings: Warning[] = [];
  if (call.includeRawChunks === true) {
    warnings.push({ type: "unsupported", feature: "includeRawChunks", details: "There are no raw chunks." });
  }
  const own = languageModelOptions(call);
  const tools = toolsOf(call, warnings);
  const prompt = withFormatInWords(call.prompt, call.responseFormat, tools.toolChoice, warnings);
  const context = { ...reasoningContext(call.reasoning, chatTemplate, warnings), ...own.extraContext };
  return {
    input: messagesOf(prompt, warnings),
    options: {
      ...samplingOf(call),
      ...tools,
      ...formatOf(call.responseFormat, tools.toolChoice),
      ...own,
      ...(Object.keys(context).length === 0 ? {} : { extraContext: context }),
      signal: call.abortSignal,
    },
    warnings,
  };
}

function samplingOf(call: LanguageCallOptions): GenerationOptions {
  const { temperature, topP, topK, seed } = call;
  const stopStrings = call.stopSequences?.filter((text) => text !== "") ?? [];
  const isNarrowed = (topP ?? 1) < 1 || (topK ?? 0) > 0;
  return {
    maxNewTokens: call.maxOutputTokens,
    temperature,
    // Whoever narrows what is sampled from wants to sample.
    ...(isNarrowed && temperature === undefined ? { doSample: true } : {}),
    topP,
    topK,
    presencePenalty: call.presencePenalty,
    frequencyPenalty: call.frequencyPenalty,
    // Any integer is a seed to the AI SDK.
    rngSeed: seed === undefined ? undefined : Math.abs(seed),
    ...(stopStrings.length === 0 ? {} : { stopStrings }),
  };
}

interface AskedTools {
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
}

function toolsOf({ tools = [], toolChoice: choice }: LanguageCallOptions, warnings: Warning[]): AskedTools {
  const toolChoice = choice?.type === "tool" ? { name: choice.toolName } : (choice?.type ?? "auto");
  const known = tools.flatMap((tool) => toolOf(tool, toolChoice, warnings));
  return known.length === 0 && toolChoice === "auto" ? {} : { tools: known, toolChoice };
}

function toolOf(tool: FunctionTool | ProviderTool, choice: ToolChoice, warnings: Warning[]): Tool[] {
  if (tool.type !== "function") {
    warnings.push({ type: "unsupported", feature: `provider-defined tool ${tool.id}` });
    return [];
  }
  const { name, description, inputSchema, inputExamples = [], strict = false } = tool;
  if (inputExamples.length > 0) {
    const details =
      "They do not reach the model; addToolInputExamplesMiddleware() puts them into the description.";
    warnings.push({ type: "unsupported", feature: `inputExamples of tool ${name}`, details });
  }
  if (strict && choice === "auto") {
    const details = "Calls are enforced with toolChoice required or tool only.";
    warnings.push({ type: "unsupported", feature: `strict of tool ${name}`, details });
  }
  return [
    {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: inputSchema as NonNullable<Tool["parameters"]>,
    },
  ];
}

/** Whether tools may be called: then the answer may be something else than JSON. */
function mayCall(choice: ToolChoice | undefined): boolean {
  return choice !== undefined && choice !== "none";
}

/** JSON by a grammar. Beside tools there is none: a call that is enforced is all of the answer, others are free. */
function formatOf(
  format: AnswerFormat | undefined,
  choice: ToolChoice | undefined,
): { readonly responseFormat?: ResponseFormat } {
  if (format?.type !== "json" || mayCall(choice)) return {};
  const { schema } = format;
  return {
    responseFormat:
      schema === undefined
        ? { type: "json" }
        : { type: "json", schema: schema as Readonly<Record<string, unknown>> },
  };
}

/** Where the model may call tools or answer in JSON, it is asked for JSON in words. */
function withFormatInWords(
  prompt: readonly PromptMessage[],
  format: AnswerFormat | undefined,
  choice: ToolChoice | undefined,
  warnings: Warning[],
): readonly PromptMessage[] {
  if (format?.type !== "json" || choice !== "auto") return prompt;
  warnings.push({
    type: "compatibility",
    feature: "responseFormat beside tools",
    details:
      "The model is asked for JSON in words. A grammar enforces it where toolChoice is none, as prepareStep() can say for the last step.",
  });
  const words = `Unless you call a tool, answer with nothing but JSON${
    format.schema === undefined ? "" : ` that fits this JSON Schema: ${JSON.stringify(format.schema)}`
  }`;
  const [first, ...rest] = prompt;
  return first?.role === "system"
    ? [{ ...first, content: `${first.content}\n\n${words}` }, ...rest]
    : [{ role: "system", content: words }, ...prompt];
}
