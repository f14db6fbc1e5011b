import { OpenVinoLlmError, outOfRange } from "../errors/errors.js";
import type { KnownTool } from "./call-draft.js";
import {
  reasoningParserName,
  toolParserName,
  type ReasoningParserName,
  type ToolParserName,
} from "./catalog.js";
import { DEEPSEEK } from "./formats/deepseek.js";
import { FUNCTIONGEMMA, GEMMA4 } from "./formats/gemma.js";
import { GLM4 } from "./formats/glm4.js";
import { harmonyDelimiters, readHarmony } from "./formats/gpt-oss.js";
import { HERMES } from "./formats/hermes.js";
import { KIMI_K2 } from "./formats/kimi-k2.js";
import { LFM2 } from "./formats/lfm2.js";
import { LLAMA_PYTHONIC } from "./formats/llama-pythonic.js";
import { LLAMA3_JSON } from "./formats/llama3-json.js";
import { MINICPM5 } from "./formats/minicpm5.js";
import { MISTRAL } from "./formats/mistral.js";
import { PHI4 } from "./formats/phi4.js";
import { QWEN3_CODER } from "./formats/qwen3-coder.js";
import {
  GEMMA4_THINK,
  MAGISTRAL,
  readReasoning,
  THINK,
  type ThinkContext,
  type ThinkFormat,
} from "./formats/think.js";
import type { OutputPart } from "./output-part.js";
import { PartCollector, type PartSink } from "./part-sink.js";
import type { Reading } from "./reading.js";
import { ReasoningCalls } from "./reasoning-calls.js";
import { Source } from "./source.js";
import { readAnswer, readText, type ToolFormat } from "./tool-machine.js";

/** How a model's text is parsed. */
export interface OutputParserOptions {
  /** How it calls tools; default "none": what looks like a call is text. Aliases of `OUTPUT_PARSERS` are taken too. */
  readonly tools?: ToolParserName | "none" | undefined;
  /** How it thinks; default "none": reasoning is text. "gpt-oss" goes only with tools "gpt-oss" or "none". */
  readonly reasoning?: ReasoningParserName | "none" | undefined;
  /**
   * Whether the prompt ends within the reasoning, so that the text begins with it; default false, for "deepseek-r1"
   * true. An opening delimiter at the beginning is right in either case. "gpt-oss" needs no such option.
   */
  readonly startsInReasoning?: boolean | undefined;
  /**
   * The tools that the prompt had; default null: not known. A call of another tool is passed on where a delimiter says
   * that it is a call, so that the model can get an error as its result, and is text where only its look does
   * ("hermes", "lfm2", "llama3-json" and "llama-pythonic" without a delimiter).
   */
  readonly knownTools?: readonly (string | KnownTool)[] | null | undefined;
  /**
   * Special tokens to leave out of text and reasoning, such as "<|im_end|>"; default none. What the parsers need they
   * find nevertheless. They are found by their letters: better is not to decode them at all, but for {@link delimitersOf}.
   */
  readonly ignoredTokens?: readonly string[] | undefined;
}

/**
 * Parses a model's text piece by piece into text, reasoning and tool calls.
 *
 * However the text is cut into pieces, the parts are the same, but for where text, reasoning and arguments are cut. Text
 * comes out at once, unless it may begin a delimiter or is inside a call. No text makes it throw, and none is lost: but for
 * delimiters, headers, and the syntax of whole calls everything comes out as it went in.
 */
export interface OutputParser {
  /**
   * The text goes on. Half of a character of two halves waits for the other.
   *
   * @throws {@link OpenVinoLlmError} `ERR_CLOSED` after `finish()`.
   */
  push(text: string): OutputPart[];
  /** The text is over: what was held back comes out. Once more does nothing. */
  finish(): OutputPart[];
}

const TOOL_FORMATS: Readonly<Record<Exclude<ToolParserName, "gpt-oss">, ToolFormat>> = {
  "deepseek-v3": DEEPSEEK,
  "deepseek-v3.1": DEEPSEEK,
  functiongemma: FUNCTIONGEMMA,
  gemma4: GEMMA4,
  glm4: GLM4,
  hermes: HERMES,
  "kimi-k2": KIMI_K2,
  lfm2: LFM2,
  "llama-pythonic": LLAMA_PYTHONIC,
  "llama3-json": LLAMA3_JSON,
  minicpm5: MINICPM5,
  mistral: MISTRAL,
  phi4: PHI4,
  "qwen3-coder": QWEN3_CODER,
};

const THINK_FORMATS: Readonly<Record<Exclude<ReasoningParserName, "gpt-oss">, ThinkFormat>> = {
  "deepseek-r1": THINK,
  gemma4: GEMMA4_THINK,
  magistral: MAGISTRAL,
  phi4: THINK,
  qwen3: THINK,
};

/**
 * A parser for one answer.
 *
 * @throws RangeError for a name that is none, and for "gpt-oss" beside another parser.
 */
export function createOutputParser(options: OutputParserOptions = {}): OutputParser {
  const collector = new PartCollector();
  const stage = createStage(options, collector);
  let isFinished = false;
  return {
    push(text) {
      if (isFinished) throw new OpenVinoLlmError("ERR_CLOSED", "The text was finished: make another parser.");
      stage.push(text);
      return collector.take();
    },
    finish() {
      if (!isFinished) stage.finish();
      isFinished = true;
      return collector.take();
    },
  };
}

/**
 * The delimiters that these parsers look for. Where one is a special token of the model's tokenizer, decoding must not leave
 * it out; all other special tokens it should.
 */
export function delimitersOf(options: Pick<OutputParserOptions, "tools" | "reasoning">): string[] {
  const { tools, reasoning } = namesOf(options);
  if (tools === "gpt-oss" || reasoning === "gpt-oss") return harmonyDelimiters();
  const think = reasoning === "none" ? [] : [THINK_FORMATS[reasoning].open, THINK_FORMATS[reasoning].close];
  if (tools === "none") return think;
  const { open, close, inside = [] } = TOOL_FORMATS[tools];
  return [...think, ...open, ...close, ...inside];
}

/** One step on the way from text to parts. */
export interface Stage {
  push(text: string): void;
  finish(): void;
}

/** The same as a parser, for a sink of one's own. */
export function createStage(options: OutputParserOptions, sink: PartSink): Stage {
  const { tools, reasoning } = namesOf(options);
  const context = { tools: toolMap(options.knownTools ?? null), ignored: options.ignoredTokens ?? [] };
  if (tools === "gpt-oss" || reasoning === "gpt-oss") {
    const harmony = { ...context, hasTools: tools === "gpt-oss", hasReasoning: reasoning === "gpt-oss" };
    return stageOf((source) => readHarmony(source, sink, harmony));
  }
  const format = tools === "none" ? null : TOOL_FORMATS[tools];
  const read = (source: Source, into: PartSink, hasCalls: boolean): Reading<void> =>
    format !== null && hasCalls
      ? readAnswer(source, into, format, context)
      : readText(source, into, context.ignored);
  const answer = stageOf((source) => read(source, sink, true));
  if (reasoning === "none") return answer;
  const thinking: ThinkContext = {
    ...context,
    startsInReasoning: options.startsInReasoning ?? reasoning === "deepseek-r1",
    calls: format?.open.filter((delimiter) => format.words?.includes(delimiter) !== true) ?? [],
    passHeld: (text, isClosed) => {
      const held = new ReasoningCalls(sink, format?.close ?? []);
      const stage = stageOf((source) => read(source, held, !isClosed));
      stage.push(text);
      stage.finish();
      held.finish();
    },
  };
  const passOn = (text: string) => answer.push(text);
  return stageOf((source) => readReasoning(source, sink, passOn, THINK_FORMATS[reasoning], thinking), answer);
}

function namesOf(options: OutputParserOptions) {
  const tools = toolParserName(options.tools ?? "none");
  const reasoning = reasoningParserName(options.reasoning ?? "none");
  const names = new Set([tools, reasoning]);
  names.delete("none");
  if (names.has("gpt-oss") && names.size > 1) {
    const advice = 'The format "gpt-oss" goes only with itself or "none".';
    throw outOfRange("reasoning", "a format that goes with that of tools", reasoning, advice);
  }
  return { tools, reasoning };
}

function toolMap(tools: readonly (string | KnownTool)[] | null): ReadonlyMap<string, KnownTool> | null {
  if (tools === null) return null;
  const known = tools.map((tool) => (typeof tool === "string" ? { name: tool } : tool));
  return new Map(known.map((tool) => [tool.name, tool]));
}

function stageOf(read: (source: Source) => Reading<void>, next?: Stage): Stage {
  const source = new Source();
  const reading = read(source);
  return {
    push(text) {
      source.push(text);
      reading.next();
    },
    finish() {
      source.end();
      reading.next();
      next?.finish();
    },
  };
}
