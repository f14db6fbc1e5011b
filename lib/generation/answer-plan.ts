/** How one answer is asked for and read: what the model is told of tools, what grammar binds it, which parsers read it. */
import { invalidArgType } from "../errors/errors.js";
import type { NativeGrammar } from "../native/native-tokenizer.js";
import type { CheckedResponseFormat } from "../structured/format-grammar.js";
import { callGrammar, enforcedParser } from "../tools/tool-grammar.js";
import { knownTools, type CheckedTool } from "../tools/tool-options.js";
import type { ReasoningParserName, ToolParserName } from "../parsers/catalog.js";
import type { DetectedParsers } from "../parsers/detect.js";
import { marksOf, type OutputParserOptions } from "../parsers/output-parser.js";
import type { ToolChoice } from "../tools/tool.js";

/** What a call says of its answer, checked. */
export interface AnswerWish {
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
  readonly marks: readonly string[];
  /** What calls are judged by. */
  readonly tools: readonly CheckedTool[];
}

export interface AnswerPlan {
  /** The tools that the model is told of. */
  readonly told: readonly CheckedTool[];
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
export function planAnswer(wish: AnswerWish, detected: DetectedParsers | null): AnswerPlan {
  const { format, tools, toolChoice } = wish;
  const told = toolChoice === "none" ? [] : tools;
  if (format !== undefined && told.length > 0) {
    throw invalidArgType(
      "options.responseFormat",
      'nothing beside tools, unless toolChoice is "none",',
      format,
    );
  }
  const grammar = format?.grammar;
  const readObject = format?.readObject ?? null;
  // Such a grammar leaves nothing to tell apart; structural tags may have marks in them.
  if (grammar !== undefined && grammar.kind !== "structuralTag") {
    return { told, grammar, readObject, reading: undefined };
  }
  const names = parserNames(wish, told.length > 0, detected);
  if (told.length === 0 || toolChoice === "auto") {
    return { told, grammar, readObject, reading: readingOf(names, told) };
  }
  if (names.tools === "none") {
    throw invalidArgType(
      "options.toolCallParser",
      "a parser beside a toolChoice that enforces a call",
      "none",
    );
  }
  const chosen = typeof toolChoice === "object" ? told.filter(({ name }) => name === toolChoice.name) : told;
  const parser = enforcedParser(names.tools);
  return {
    told,
    grammar: callGrammar(chosen, parser),
    readObject,
    reading: readingOf({ tools: parser, reasoning: "none" }, told),
  };
}

/** Which parsers read an answer. */
export interface ParserNames {
  readonly tools: ToolParserName | "none";
  readonly reasoning: ReasoningParserName | "none";
}

/** The parsers named by the call; else those of the template, Hermes' for tools that it does not know. */
function parserNames(wish: AnswerWish, hasTools: boolean, detected: DetectedParsers | null): ParserNames {
  const { toolCallParser, reasoningParser } = wish;
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
  told: readonly CheckedTool[],
): AnswerReading | undefined {
  if (tools === "none" && reasoning === "none") return undefined;
  return {
    parser: { tools, reasoning, knownTools: knownTools(told) },
    marks: marksOf({ tools, reasoning }),
    tools: told,
  };
}
