import fc from "fast-check";
import type { OutputPart } from "../../../lib/parsers/output-part.js";
import type { PartSink } from "../../../lib/parsers/part-sink.js";
import {
  createOutputParser,
  createStage,
  type OutputParserOptions,
} from "../../../lib/parsers/output-parser.js";

/** All parts of a text that comes in these pieces. */
export function parse(options: OutputParserOptions, pieces: readonly string[]): OutputPart[] {
  const parser = createOutputParser(options);
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish()];
}

/** The parts with neighbours of one kind joined. */
export function joined(parts: readonly OutputPart[]): OutputPart[] {
  const result: OutputPart[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (part.type === "text" && last?.type === "text") {
      result[result.length - 1] = { ...part, text: last.text + part.text };
    } else if (part.type === "reasoning" && last?.type === "reasoning") {
      result[result.length - 1] = { ...part, text: last.text + part.text };
    } else if (part.type === "tool-call-delta" && last?.type === "tool-call-delta") {
      result[result.length - 1] = { ...part, argumentsText: last.argumentsText + part.argumentsText };
    } else {
      result.push(part);
    }
  }
  return result;
}

/** What was made of a stretch of the text. */
export interface Stretch {
  readonly kind: "text" | "reasoning" | "delimiter" | "call" | "invalid";
  readonly source: string;
  readonly name?: string;
  readonly argumentsText?: string;
}

/** Keeps what became of every character, and checks that calls begin, go on and end in order. */
export class Recorder implements PartSink {
  readonly stretches: Stretch[] = [];
  #call: { readonly name: string; deltas: string } | null = null;

  /** All that is settled so far. */
  get settled(): string {
    return this.stretches.map(({ source }) => source).join("");
  }

  text(source: string): void {
    this.#add({ kind: "text", source });
  }
  reasoning(source: string): void {
    this.#add({ kind: "reasoning", source });
  }
  delimiter(source: string): void {
    this.#add({ kind: "delimiter", source });
  }
  newMessage(): void {}

  callBegin(name: string): void {
    if (this.#call !== null) throw new Error("a call began within another");
    this.#call = { name, deltas: "" };
  }
  callDelta(argumentsText: string): void {
    if (this.#call === null) throw new Error("arguments came without a call");
    this.#call.deltas += argumentsText;
  }
  call(argumentsText: string, source: string): void {
    if (this.#call?.deltas !== argumentsText) throw new Error("the pieces are not the arguments");
    const { name } = this.#call;
    this.#call = null;
    this.#add({ kind: "call", source, name, argumentsText });
  }
  invalidCall(source: string): void {
    const { name, deltas } = this.#call ?? { name: "", deltas: "" };
    this.#call = null;
    this.#add({ kind: "invalid", source, name, argumentsText: deltas });
  }

  #add(stretch: Stretch): void {
    if (this.#call !== null) throw new Error(`${stretch.kind} came within a call`);
    if (stretch.source !== "") this.stretches.push(stretch);
  }
}

/** What becomes of a text that comes in these pieces. */
export function record(options: OutputParserOptions, pieces: readonly string[]): Recorder {
  const recorder = new Recorder();
  const stage = createStage(options, recorder);
  for (const piece of pieces) stage.push(piece);
  stage.finish();
  return recorder;
}

/** Cuts a text in pieces, anywhere. */
export function split(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => Math.floor(cut * (text.length + 1))))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => text.slice(from, places[index]));
}

/** Where to cut, for {@link split}. */
export const cuts: fc.Arbitrary<number[]> = fc.array(
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  { maxLength: 12 },
);

/** Every parser, alone and together with a parser of reasoning, and what its delimiters are. */
export const SETTINGS: ReadonlyArray<readonly [name: string, options: OutputParserOptions]> = [
  ["nothing", { ignoredTokens: ["<|im_end|>"] }],
  ["gpt-oss", { tools: "gpt-oss", reasoning: "gpt-oss", ignoredTokens: ["<|im_end|>"] }],
  ["gpt-oss without calls", { reasoning: "gpt-oss" }],
  ["hermes", { tools: "hermes", ignoredTokens: ["<|im_end|>"] }],
  ["hermes behind qwen3", { tools: "hermes", reasoning: "qwen3", ignoredTokens: ["<|im_end|>"] }],
  [
    "qwen3-coder behind open reasoning",
    { tools: "qwen3-coder", reasoning: "qwen3", startsInReasoning: true },
  ],
  [
    "qwen3-coder",
    {
      tools: "qwen3-coder",
      knownTools: [{ name: "f", parameters: { properties: { a: { type: "string" } } } }],
    },
  ],
  ["llama3-json", { tools: "llama3-json", ignoredTokens: ["<|im_end|>"] }],
  ["llama3-json behind deepseek-r1", { tools: "llama3-json", reasoning: "deepseek-r1", knownTools: ["f"] }],
  ["llama-pythonic", { tools: "llama-pythonic" }],
  ["phi4", { tools: "phi4", reasoning: "phi4" }],
  ["mistral", { tools: "mistral", reasoning: "magistral" }],
  ["deepseek-v3", { tools: "deepseek-v3", knownTools: ["f"] }],
  ["kimi-k2", { tools: "kimi-k2", reasoning: "qwen3", knownTools: ["f"] }],
  [
    "glm4",
    { tools: "glm4", knownTools: [{ name: "f", parameters: { properties: { a: { type: "string" } } } }] },
  ],
  ["lfm2", { tools: "lfm2", ignoredTokens: ["<|im_end|>"] }],
  ["gemma4", { tools: "gemma4", reasoning: "gemma4" }],
  ["functiongemma", { tools: "functiongemma", knownTools: ["f"] }],
  ["minicpm5", { tools: "minicpm5" }],
];

/** Delimiters of all formats, whole and in part, what stands inside calls, and letters that no format knows. */
const FRAGMENTS: readonly string[] = [
  [..."<>|[]{}()/=\"':;,\\ \n\t0-.eZ"],
  ["ä", "字", "😀", "\ud83d", "\ude00"],
  ["<think>", "</think>", "[THINK]", "[/THINK]", "<|im_end|>"],
  ["<tool_call>", "</tool_call>", "<function=", "<function=f>", "</function>"],
  ["<parameter=a>", "</parameter>"],
  ["<|tool_call|>", "<|/tool_call|>", "functools[", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]"],
  ["<|python_tag|>", "<|python_start|>", "<|python_end|>", "[f(", "f(a=1)", "a=", "None", "'x'", ")]"],
  ["<|start|>", "assistant", "<|channel|>", "analysis", "commentary", "final", " to=functions.f"],
  ["<|constrain|>", "json", "<|message|>", "<|end|>", "<|call|>", "<|return|>"],
  ['{"name": "f", "arguments": ', '{"name": "f", "parameters": {}}', '"name"', '"arguments"', "{}", "}}"],
  [
    "<｜tool▁calls▁begin｜>",
    "<｜tool▁call▁begin｜>",
    "<｜tool▁sep｜>",
    "<｜tool▁call▁end｜>",
    "<｜tool▁calls▁end｜>",
  ],
  ["<|tool_calls_section_begin|>", "<|tool_call_begin|>", "functions.f:0", "<|tool_call_argument_begin|>"],
  ["<|tool_call_end|>", "<|tool_calls_section_end|>", "<|tool_call_start|>", "```json\n", "\n```"],
  ["<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>", "a</arg_key>", "<tool_call>f"],
  ["<|tool_call>", "call:f{", "<tool_call|>", '<|"|>', "a:", "<|channel>thought", "<channel|>"],
  ["<start_function_call>", "<end_function_call>", "<escape>"],
  ['<function name="f">', '<param name="a">', "</param>", "<![CDATA[", "]]>"],
  ['{"a": "b"}', '{"a": [1, {"b": null}]}', '"\\u00e9"', "[{", "}]"],
].flat();

/** Text that looks like everything at once. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...FRAGMENTS) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom(...FRAGMENTS), fc.nat({ max: 8 }))
          .map(([fragment, length]) => fragment.slice(0, length)),
      },
    ),
    { maxLength: 25 },
  )
  .map((fragments) => fragments.join(""));
