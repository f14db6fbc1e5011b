/** How one answer is requested and parsed: the tools in its prompt, the grammar that constrains it, its parsers. */
import { invalidArgType } from "../errors/errors.js";
import type { NativeGrammar } from "../native/native-tokenizer.js";
import type { CheckedResponseFormat } from "../structured/format-grammar.js";
import { callGrammar, enforcedParser } from "../tools/tool-grammar.js";
import { knownTools, type CheckedTool } from "../tools/tool-options.js";
import type { ReasoningParserName, ToolParserName } from "../parsers/catalog.js";
import type { DetectedParsers } from "../parsers/detect.js";
import { delimitersOf, type OutputParserOptions } from "../parsers/output-parser.js";
import type { ToolChoice } from "../tools/tool.js";

/** A call's options about its answer, checked. */
export interface AnswerOptions {
  readonly format: CheckedResponseFormat | undefined;
  /** Empty: none. */
  readonly tools: readonly CheckedTool[];
  readonly toolChoice: ToolChoice;
  readonly toolCallParser: ToolParserName | "none" | "auto";
  readonly reasoningParser: ReasoningParserName | "none" | "auto";
}

/** How an answer is read. */
export interface AnswerReading {
  readonly parser: OutputParserOptions & ParserNames;
  /** Special tokens that the parser must see. */
  readonly delimiters: readonly string[];
  /** What calls are judged by. */
  readonly tools: readonly CheckedTool[];
}

export interface AnswerPlan {
  /** The tools that go into the prompt. */
  readonly promptTools: readonly CheckedTool[];
  readonly grammar: NativeGrammar | undefined;
  /** Makes the result's object of the whole text. */
  readonly readObject: ((text: string) => unknown) | null;
  /** Undefined: the text is all there is. */
  readonly reading: AnswerReading | undefined;
}

/**
 * @param detected what the chat template that the prompt is put through shows; null for raw text and token ids
 * @throws TypeError, RangeError for what does not go together; OpenVinoLlmError ERR_INVALID_SCHEMA
 */
export function planAnswer(answerOptions: AnswerOptions, detected: DetectedParsers | null): AnswerPlan {
  const { format, tools, toolChoice } = answerOptions;
  const promptTools = toolChoice === "none" ? [] : tools;
  if (format !== undefined && promptTools.length > 0) {
    throw invalidArgType(
      "options.responseFormat",
      "no value with tools",
      format,
      'Leave one of them out, or set toolChoice to "none".',
    );
  }
  const grammar = format?.grammar;
  const readObject = format?.readObject ?? null;
  // Such a grammar leaves nothing to parse; structural tags may have delimiters in them.
  if (grammar !== undefined && grammar.kind !== "structuralTag") {
    return { promptTools, grammar, readObject, reading: undefined };
  }
  const names = parserNames(answerOptions, promptTools.length > 0, detected);
  if (promptTools.length === 0 || toolChoice === "auto") {
    return { promptTools, grammar, readObject, reading: readingOf(names, promptTools) };
  }
  if (names.tools === "none") {
    throw invalidArgType("options.toolCallParser", "a parser with a toolChoice that enforces a call", "none");
  }
  const chosen =
    typeof toolChoice === "object" ? promptTools.filter(({ name }) => name === toolChoice.name) : promptTools;
  const parser = enforcedParser(names.tools);
  return {
    promptTools,
    grammar: callGrammar(chosen, parser),
    readObject,
    reading: readingOf({ tools: parser, reasoning: "none" }, promptTools),
  };
}

/** Which parsers read an answer. */
export interface ParserNames {
  readonly tools: ToolParserName | "none";
  readonly reasoning: ReasoningParserName | "none";
}

/** The parsers named by the call; else those of the template, Hermes' for tools that it does not know. */
function parserNames(
  answerOptions: AnswerOptions,
  hasTools: boolean,
  detected: DetectedParsers | null,
): ParserNames {
  const { toolCallParser, reasoningParser } = answerOptions;
  const own = detected === null || detected.tools === "none" ? "hermes" : detected.tools;
  const named = toolCallParser === "auto" ? own : toolCallParser;
  const tools = hasTools ? named : "none";
  if (reasoningParser !== "auto") return { tools, reasoning: reasoningParser };
  // Harmony's reasoning is not read apart from its calls.
  const reasoning = detected?.reasoning ?? "none";
  if (tools === "gpt-oss") return { tools, reasoning: "gpt-oss" };
  return { tools, reasoning: reasoning === "gpt-oss" && tools !== "none" ? "none" : reasoning };
}

function readingOf(
  { tools, reasoning }: ParserNames,
  promptTools: readonly CheckedTool[],
): AnswerReading | undefined {
  if (tools === "none" && reasoning === "none") return undefined;
  return {
    parser: { tools, reasoning, knownTools: knownTools(promptTools) },
    delimiters: delimitersOf({ tools, reasoning }),
    tools: promptTools,
  };
}
