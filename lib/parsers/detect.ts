import type { ReasoningParserName, ToolParserName } from "./catalog.js";

/** The parsers that fit a model, as far as its chat template shows. */
export interface DetectedParsers {
  /** For `tools` of `createOutputParser`; "none" where the template shows no format that is known here. */
  readonly tools: ToolParserName | "none";
  /** For `reasoning` of `createOutputParser`. */
  readonly reasoning: ReasoningParserName | "none";
  /**
   * Whether a prompt for an answer ends within the reasoning, as far as the template shows without being run. Where its
   * switches matter (`enable_thinking`), {@link endsInReasoning} knows from the prompt itself.
   */
  readonly startsInReasoning: boolean;
}

/** What in a template identifies a format; the first that fits counts. */
const TOOL_SIGNS: ReadonlyArray<readonly [name: ToolParserName, isIn: (template: string) => boolean]> = [
  ["gpt-oss", isHarmony],
  ["mistral", has("[TOOL_CALLS]")],
  ["deepseek-v3", has("<｜tool▁call▁begin｜>", "```json")],
  ["deepseek-v3.1", has("<｜tool▁call▁begin｜>")],
  // The first template of Kimi K2 leaves the calls to the model.
  [
    "kimi-k2",
    (template) => has("<|tool_call_begin|>")(template) || has("tool_declare<|im_middle|>")(template),
  ],
  ["lfm2", (template) => has("<|tool_call_start|>")(template) || has("<|tool_list_start|>")(template)],
  ["gemma4", has("<|tool_call>call:")],
  ["functiongemma", has("<start_function_call>")],
  ["qwen3-coder", has("<function=", "<parameter=")],
  ["minicpm5", has("<function name=", "<param name=")],
  // Its calls have Hermes' delimiter with other things inside.
  ["glm4", has("<tool_call>", "<arg_key>")],
  ["hermes", has("<tool_call>")],
  ["phi4", (template) => has("<|tool_call|>")(template) || has("functools[")(template)],
  ["phi4", has("<|tool|>", "<|/tool|>")],
  ["llama-pythonic", has("(params_name1=")],
  ["llama3-json", has("<|header_start|>", '"parameters"')],
  ["llama-pythonic", has("<|python_start|>")],
  ["llama3-json", has("<|python_tag|>")],
  ["llama3-json", has("<|start_header_id|>", '"parameters"')],
];

/** Detects the parsers by the text of a chat template (Jinja). */
export function detectParsers(chatTemplate: string): DetectedParsers {
  const tools = TOOL_SIGNS.find(([, isIn]) => isIn(chatTemplate))?.[0] ?? "none";
  const reasoning = reasoningOf(chatTemplate);
  return { tools, reasoning, startsInReasoning: opensReasoning(chatTemplate, reasoning) };
}

/**
 * Whether a prompt ends within the reasoning, so that the text which the model adds begins with it.
 *
 * @param prompt what a chat template made of the messages, or its end
 */
export function endsInReasoning(prompt: string, reasoning: ReasoningParserName | "none"): boolean {
  return reasoningAtEnd(prompt, reasoning) === "open";
}

/** What the end of a prompt says of the reasoning: that it opened it, or closed it already; null where it says nothing. */
export function reasoningAtEnd(
  prompt: string,
  reasoning: ReasoningParserName | "none",
): "open" | "closed" | null {
  if (reasoning === "none" || reasoning === "gpt-oss") return null;
  const [open, close] = REASONING_DELIMITERS[reasoning] ?? ["<think>", "</think>"];
  const end = prompt.trimEnd();
  if (end.endsWith(open)) return "open";
  return end.endsWith(close) ? "closed" : null;
}

/** Of those that have other delimiters than most. */
const REASONING_DELIMITERS: Readonly<
  Partial<Record<ReasoningParserName, readonly [open: string, close: string]>>
> = {
  gemma4: ["<|channel>thought", "<channel|>"],
  magistral: ["[THINK]", "[/THINK]"],
};

function reasoningOf(template: string): ReasoningParserName | "none" {
  if (isHarmony(template)) return "gpt-oss";
  if (has("[THINK]")(template)) return "magistral";
  if (has("<|channel>", "<channel|>")(template)) return "gemma4";
  if (!/<\/?think>/.test(template)) return "none";
  if (has("<｜Assistant｜>")(template)) return "deepseek-r1";
  // GLM's has Phi-4's delimiter of the role too.
  const isPhi = has("<|im_sep|>")(template) || has("<|assistant|>")(template);
  return isPhi && !has("[gMASK]")(template) ? "phi4" : "qwen3";
}

/**
 * Looks at the delimiters behind the last mention of the generation prompt. One pair is the switch that turns reasoning off;
 * an opening delimiter too many opens it; a closing delimiter first means that it is off unless it is asked for.
 */
function opensReasoning(template: string, reasoning: ReasoningParserName | "none"): boolean {
  if (reasoning === "none" || reasoning === "gpt-oss" || reasoning in REASONING_DELIMITERS) return false;
  const [, ...parts] = template.split("add_generation_prompt");
  const delimiters = parts.at(-1)?.match(/<\/?think>/g) ?? [];
  const opening = delimiters.filter((delimiter) => delimiter === "<think>").length;
  // DeepSeek-R1 thinks, with or without saying so.
  if (delimiters.length === 0) return reasoning === "deepseek-r1";
  return delimiters[0] === "<think>" && opening > delimiters.length - opening;
}

function isHarmony(template: string): boolean {
  return has("<|channel|>", "<|message|>")(template);
}

function has(...signs: readonly string[]): (template: string) => boolean {
  return (template) => signs.every((sign) => template.includes(sign));
}
