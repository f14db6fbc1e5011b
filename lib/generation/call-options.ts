import { invalidArgType, readingFrom } from "../errors/errors.js";
import type { AnswerOptions } from "./answer-plan.js";
import { checkSpecialTokensInContent, type SpecialTokensInContent } from "../prompt/content-escapes.js";
import type { AdapterOption } from "../options/adapters.js";
import type { GenerationOptions } from "../options/generation-options.js";
import {
  checkExtraRoles,
  checkOptionValue,
  checkSignal,
  plainObjectEntries,
} from "../options/option-checks.js";
import { checkResponseFormat } from "../structured/format-grammar.js";
import { checkTools, checkToolChoice } from "../tools/tool-options.js";
import {
  reasoningParserName,
  toolParserName,
  type ReasoningParserName,
  type ToolParserName,
} from "../parsers/catalog.js";
import type { ResponseFormat } from "../structured/response-format.js";
import type { AnyTool, ToolChoice, ToolNameOf } from "../tools/tool.js";

const PRIORITY = { kind: "size", range: { min: -8, max: 8 } } as const;

/**
 * Options of one `generate()` or `stream()`.
 *
 * @typeParam Format - the response format, from which the result's `object` gets its type
 * @typeParam Tools - the tools, from which the result's `toolCalls` get theirs
 */
export interface CallOptions<
  Format extends ResponseFormat | undefined = ResponseFormat | undefined,
  Tools extends readonly AnyTool[] | undefined = readonly AnyTool[] | undefined,
> extends GenerationOptions {
  /**
   * What the answer must be: JSON by a schema, text by a regular expression or an EBNF grammar, or structural tags. One
   * sequence only, and not with `minNewTokens`, `ignoreEos` without stop tokens, a draft model or prompt lookup. The first
   * use of a grammar compiles it (`timing.grammarMs`), which no abort interrupts. Default: free text.
   */
  readonly responseFormat?: Format;
  /**
   * Tools that the model may call, each with a name of its own. The chat template puts them into the prompt; where it
   * has no place for tools, a description goes into the system message; raw prompts stay as they are. Calls come as
   * `parts` of the chunks and as `toolCalls` of the result. Not beside `responseFormat`, unless `toolChoice` is "none".
   * Default none.
   */
  readonly tools?: Tools;
  /** Which of them it calls; what enforces a call has the limits of `responseFormat`. Default "auto". */
  readonly toolChoice?: ToolChoice<ToolNameOf<NoInfer<Tools>>> | undefined;
  /**
   * How the model writes tool calls: a name or alias of `OUTPUT_PARSERS`, or "none". Default "auto": what its chat template
   * shows, else "hermes".
   */
  readonly toolCallParser?: ToolParserName | "auto" | "none" | (string & {}) | undefined;
  /**
   * How it writes its reasoning: a name or alias of `OUTPUT_PARSERS`, or "none", which leaves it in the text. Default
   * "auto": what its chat template shows; "none" for raw prompts. A response format other than structural tags has no
   * reasoning.
   */
  readonly reasoningParser?: ReasoningParserName | "auto" | "none" | (string & {}) | undefined;
  /** Further variables of the chat template, such as `enable_thinking`. Only with a chat template. Default none. */
  readonly extraContext?: Readonly<Record<string, unknown>> | undefined;
  /**
   * How special tokens, such as `<|im_end|>`, that the content of a chat spells are encoded: in messages, results of
   * tools, tools and their arguments, `extraContext`. "text": as plain text, so that nobody forges a turn by typing its
   * delimiters. "parse": as the tokens themselves, for content that is all the application's own. The role of a message
   * is never content. Only with a chat template: in raw prompts they are always parsed. Default "text".
   */
  readonly specialTokensInContent?: SpecialTokensInContent | undefined;
  /**
   * Roles that the chat template knows beside "system", "developer", "user", "assistant" and "tool"; messages with any other
   * are refused. Default none.
   */
  readonly extraRoles?: readonly string[] | undefined;
  /**
   * Ends the generation: between two tokens, in the queue, or, for the caller at once, in the prefill, which the engine
   * itself has to finish.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * What an abort by `signal` does: reject with an `AbortError` that has the `partial` result ("throw"), or resolve with
   * the partial result, finishReason 'abort' ("return"). Default "throw".
   */
  readonly onAbort?: "throw" | "return" | undefined;
  /**
   * Priority in the waiting queue: an integer from -8 to 8, lower comes first (as in vLLM). Each step is worth 16
   * positions, so at most that many later requests overtake and nobody starves. Default 0: order of arrival.
   */
  readonly priority?: number | undefined;
  /**
   * The LoRA adapters of this call, out of those that `load()` was given; `[]` for none. Default: all, with the alphas of
   * the load. `LLMPipeline` only: in a `ContinuousBatchingPipeline` they are fixed by `load()`.
   */
  readonly adapters?: readonly AdapterOption[] | undefined;
}

/** What is about the call, apart from what is about the text. */
export interface TakenCallOptions {
  readonly signal: AbortSignal | undefined;
  readonly onAbort: "throw" | "return";
  readonly priority: number;
  readonly adapters: readonly AdapterOption[] | undefined;
  readonly answerOptions: AnswerOptions;
  readonly extraContext: Readonly<Record<string, unknown>> | undefined;
  readonly specialTokensInContent: SpecialTokensInContent | undefined;
  readonly extraRoles: readonly string[];
  readonly generationOptions: GenerationOptions;
}

/** @throws TypeError, RangeError; OpenVinoLlmError ERR_INVALID_SCHEMA */
export function takeCallOptions(options: CallOptions): TakenCallOptions {
  return readingFrom("options", () => readCallOptions(options));
}

function readCallOptions(options: CallOptions): TakenCallOptions {
  plainObjectEntries("options", options);
  const {
    signal,
    onAbort = "throw",
    priority = 0,
    adapters,
    responseFormat,
    tools,
    toolChoice,
    toolCallParser,
    reasoningParser,
    extraContext,
    specialTokensInContent,
    extraRoles,
    ...generationOptions
  } = options;
  checkSignal(signal);
  if (onAbort !== "throw" && onAbort !== "return") {
    throw invalidArgType("options.onAbort", '"throw" or "return"', onAbort);
  }
  checkOptionValue("options.priority", PRIORITY, priority, null);
  const format =
    responseFormat === undefined ? undefined : checkResponseFormat("options.responseFormat", responseFormat);
  plainObjectEntries("options.extraContext", extraContext);
  checkSpecialTokensInContent("options.specialTokensInContent", specialTokensInContent);
  const checkedTools = tools === undefined ? [] : checkTools("options.tools", tools);
  if (toolChoice !== undefined) checkToolChoice("options.toolChoice", toolChoice, checkedTools);
  const answerOptions = {
    format,
    tools: checkedTools,
    toolChoice: toolChoice ?? "auto",
    toolCallParser: parserOption("options.toolCallParser", toolCallParser, toolParserName),
    reasoningParser: parserOption("options.reasoningParser", reasoningParser, reasoningParserName),
  };
  return {
    signal,
    onAbort,
    priority,
    adapters,
    answerOptions,
    extraContext,
    specialTokensInContent,
    extraRoles: checkExtraRoles(extraRoles),
    generationOptions,
  };
}

function parserOption<Name>(
  name: string,
  value: unknown,
  find: (name: string, option: string) => Name,
): Name | "auto" {
  if (value === undefined || value === "auto") return "auto";
  if (typeof value !== "string") throw invalidArgType(name, "the name of a parser", value);
  return find(value, name);
}
