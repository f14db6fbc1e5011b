/** Grammars that leave a model nothing but a tool call, in its own way of writing one. */
import type { NativeGrammar } from "../native/native-tokenizer.js";
import type { ToolParserName } from "../parsers/catalog.js";
import type { CheckedTool } from "./tool-options.js";

/** What stands before and behind the JSON of a call's arguments. */
interface CallForm {
  readonly begin: (name: string) => string;
  readonly end: string;
}

const object = (name: string, key: string): string => `{"name": ${JSON.stringify(name)}, "${key}": `;

const HERMES: CallForm = {
  begin: (name) => `<tool_call>\n${object(name, "arguments")}`,
  end: "}\n</tool_call>",
};

const FORMS: Readonly<Partial<Record<ToolParserName, CallForm>>> = {
  hermes: HERMES,
  "llama3-json": { begin: (name) => object(name, "parameters"), end: "}" },
  mistral: { begin: (name) => `[TOOL_CALLS][${object(name, "arguments")}`, end: "}]" },
  phi4: { begin: (name) => `<|tool_call|>[${object(name, "arguments")}`, end: "}]<|/tool_call|>" },
  "deepseek-v3": {
    begin: (name) => `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>${name}\n\`\`\`json\n`,
    end: "\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
  },
  "deepseek-v3.1": {
    begin: (name) => `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>${name}<｜tool▁sep｜>`,
    end: "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
  },
  "kimi-k2": {
    begin: (name) =>
      `<|tool_calls_section_begin|><|tool_call_begin|>functions.${name}:0<|tool_call_argument_begin|>`,
    end: "<|tool_call_end|><|tool_calls_section_end|>",
  },
  "gpt-oss": {
    begin: (name) => `<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>`,
    end: "<|call|>",
  },
};

/** The parser of calls that a grammar enforces: Hermes' where a format's arguments are no JSON. */
export function enforcedParser(parser: ToolParserName): ToolParserName {
  return FORMS[parser] === undefined ? "hermes" : parser;
}

/**
 * Exactly one call of one of these tools, as a structural tag. Its delimiters come letter by letter, because a grammar gives
 * no special tokens.
 *
 * @throws OpenVinoLlmError ERR_INVALID_SCHEMA for arguments that no value fits, and for those that are too large
 */
export function callGrammar(tools: readonly CheckedTool[], parser: ToolParserName): NativeGrammar {
  const form = FORMS[parser] ?? HERMES;
  const tags = tools.map((tool) => ({
    type: "tag",
    begin: form.begin(tool.name),
    content: { type: "grammar", grammar: tool.schema.grammar() },
    end: form.end,
  }));
  const format = tags.length === 1 ? tags[0] : { type: "or", elements: tags };
  return { kind: "structuralTag", text: JSON.stringify({ type: "structural_tag", format }) };
}
