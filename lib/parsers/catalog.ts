import { outOfRange } from "../errors/errors.js";

/** The parsers of tool calls. */
export type ToolParserName =
  | "deepseek-v3"
  | "deepseek-v3.1"
  | "functiongemma"
  | "gemma4"
  | "glm4"
  | "gpt-oss"
  | "hermes"
  | "kimi-k2"
  | "lfm2"
  | "llama-pythonic"
  | "llama3-json"
  | "minicpm5"
  | "mistral"
  | "phi4"
  | "qwen3-coder";

/** The parsers of reasoning. */
export type ReasoningParserName = "deepseek-r1" | "gemma4" | "gpt-oss" | "magistral" | "phi4" | "qwen3";

/** One parser: what it is called, and what it is for. */
export interface OutputParserInfo {
  /** "tools": finds tool calls. "reasoning": splits off the model's reasoning. */
  readonly kind: "tools" | "reasoning";
  /** Its name here. */
  readonly name: ToolParserName | ReasoningParserName;
  /** What else it is called, in vLLM or OpenVINO Model Server for instance; {@link toolParserName} knows them. */
  readonly aliases: readonly string[];
  /** Which models write so. */
  readonly models: string;
  /** What they write, in short. */
  readonly form: string;
}

/** All parsers. */
export const OUTPUT_PARSERS: readonly OutputParserInfo[] = [
  {
    kind: "tools",
    name: "deepseek-v3",
    aliases: ["deepseek_v3", "deepseekv3"],
    models: "DeepSeek-V3, DeepSeek-R1 and its distillations",
    form: "<｜tool▁call▁begin｜>function<｜tool▁sep｜>name, {…} in a code fence, <｜tool▁call▁end｜>",
  },
  {
    kind: "tools",
    name: "deepseek-v3.1",
    aliases: ["deepseek_v31", "deepseekv31"],
    models: "DeepSeek-V3.1",
    form: "<｜tool▁call▁begin｜>name<｜tool▁sep｜>{…}<｜tool▁call▁end｜>",
  },
  {
    kind: "tools",
    name: "functiongemma",
    aliases: ["function_gemma"],
    models: "FunctionGemma",
    form: "<start_function_call>call:name{key:<escape>value<escape>}<end_function_call>",
  },
  {
    kind: "tools",
    name: "gemma4",
    aliases: ["gemma_4"],
    models: "Gemma 4",
    form: '<|tool_call>call:name{key:<|"|>value<|"|>}<tool_call|>',
  },
  {
    kind: "tools",
    name: "glm4",
    aliases: ["glm45", "glm47", "glm4_moe", "glm47_moe"],
    models: "GLM-4.5, 4.6 and 4.7",
    form: "<tool_call>name<arg_key>key</arg_key><arg_value>value</arg_value></tool_call>",
  },
  {
    kind: "tools",
    name: "gpt-oss",
    aliases: ["gptoss", "openai"],
    models: "gpt-oss",
    form: "harmony: <|channel|>commentary to=functions.name <|constrain|>json<|message|>{…}<|call|>",
  },
  {
    kind: "tools",
    name: "hermes",
    aliases: ["hermes3", "qwen3", "qwen2.5"],
    models: "Nous Hermes 2 Pro and 3, Qwen2.5, Qwen3",
    form: '<tool_call>{"name": …, "arguments": {…}}</tool_call>',
  },
  {
    kind: "tools",
    name: "kimi-k2",
    aliases: ["kimi_k2"],
    models: "Kimi K2 and K2 Thinking",
    form: "<|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{…}<|tool_call_end|>",
  },
  {
    kind: "tools",
    name: "lfm2",
    aliases: ["lfm25", "lfm2.5"],
    models: "LFM2, LFM2.5",
    form: '<|tool_call_start|>[name(argument="value"), …]<|tool_call_end|>',
  },
  {
    kind: "tools",
    name: "llama-pythonic",
    aliases: ["pythonic", "llama_pythonic", "llama4_pythonic"],
    models: "Llama 3.2, 3.3 and 4, Gemma 3",
    form: '[name(argument="value"), …]',
  },
  {
    kind: "tools",
    name: "llama3-json",
    aliases: ["llama3", "llama3_json", "llama4_json"],
    models: "Llama 3.1, 3.2, 3.3 and 4",
    form: '<|python_tag|>{"name": …, "parameters": {…}}, also without the delimiter',
  },
  {
    kind: "tools",
    name: "minicpm5",
    aliases: ["minicpm5xml"],
    models: "MiniCPM 5",
    form: '<function name="name"><param name="key">value</param></function>',
  },
  {
    kind: "tools",
    name: "mistral",
    aliases: ["devstral"],
    models: "Mistral, Ministral, Devstral, Magistral",
    form: '[TOOL_CALLS][{"name": …, "arguments": {…}}] or [TOOL_CALLS]name[ARGS]{…}',
  },
  {
    kind: "tools",
    name: "phi4",
    aliases: ["phi4_mini_json", "phi4-mini"],
    models: "Phi-4-mini",
    form: '<|tool_call|>[{"name": …, "arguments": {…}}]<|/tool_call|> or functools[…]',
  },
  {
    kind: "tools",
    name: "qwen3-coder",
    aliases: ["qwen3coder", "qwen3_coder", "qwen3_xml"],
    models: "Qwen3-Coder, Qwen3.5",
    form: "<tool_call><function=name><parameter=key>value</parameter></function></tool_call>",
  },
  {
    kind: "reasoning",
    name: "deepseek-r1",
    aliases: ["deepseek_r1"],
    models: "DeepSeek-R1 and its distillations",
    form: "<think>…</think>, the opening delimiter often in the prompt or missing",
  },
  {
    kind: "reasoning",
    name: "gemma4",
    aliases: ["gemma_4"],
    models: "Gemma 4",
    form: "<|channel>thought…<channel|>",
  },
  {
    kind: "reasoning",
    name: "gpt-oss",
    aliases: ["gptoss", "openai_gptoss"],
    models: "gpt-oss",
    form: "harmony: <|channel|>analysis<|message|>…<|end|>",
  },
  {
    kind: "reasoning",
    name: "magistral",
    aliases: ["mistral"],
    models: "Magistral since 2507, Ministral 3 Reasoning",
    form: "[THINK]…[/THINK]",
  },
  { kind: "reasoning", name: "phi4", aliases: [], models: "Phi-4-reasoning", form: "<think>…</think>" },
  {
    kind: "reasoning",
    name: "qwen3",
    aliases: ["glm45", "kimi_k2", "lfm25", "minicpm5"],
    models: "Qwen3, QwQ, GLM-4.5, Kimi K2 Thinking, LFM2.5, MiniCPM 5",
    form: "<think>…</think>",
  },
];

/**
 * The parser of tool calls of that name or alias.
 *
 * @param name a name or alias of {@link OUTPUT_PARSERS}, or "none"
 * @param option what the error calls it
 * @throws RangeError for any other
 */
export function toolParserName(name: string, option = "tools"): ToolParserName | "none" {
  return parserName("tools", name, option) as ToolParserName | "none";
}

/**
 * The parser of reasoning of that name or alias.
 *
 * @param name a name or alias of {@link OUTPUT_PARSERS}, or "none"
 * @param option what the error calls it
 * @throws RangeError for any other
 */
export function reasoningParserName(name: string, option = "reasoning"): ReasoningParserName | "none" {
  return parserName("reasoning", name, option) as ReasoningParserName | "none";
}

function parserName(kind: "tools" | "reasoning", name: string, option: string): string {
  const parsers = OUTPUT_PARSERS.filter((parser) => parser.kind === kind);
  const found = parsers.find((parser) => parser.name === name || parser.aliases.includes(name));
  if (found !== undefined) return found.name;
  if (name === "none") return name;
  const names = parsers.map((parser) => `"${parser.name}"`).join(", ");
  throw outOfRange(option, `one of ${names} or "none"`, name);
}
