/** Puts tools and tool calls into a prompt: by the model's chat template where that can, else in messages. */
import { NO_ESCAPES, type ContentEscapes } from "./content-escapes.js";
import { isPlainObject } from "../options/json.js";

/** What a chat template does with tools. */
export interface TemplateTools {
  /** Where it takes them from: its variable, a field of the system message, or nowhere. */
  readonly place: "variable" | "field" | "none";
  /** Whether it writes messages of tools. */
  readonly hasToolRole: boolean;
  /** Whether it was seen to refuse a system message. Default false. */
  readonly refusesSystem?: boolean;
}

export function toolsOfTemplate(template: string): TemplateTools {
  const field = /message(?:\.tools\b|\[['"]tools['"]\])|['"]tools['"]\s+in\s+message/g;
  const elsewhere = template.replaceAll(field, "");
  const isVariable = /\{[{%][^}]*\btools\b/.test(elsewhere);
  const place = isVariable ? "variable" : elsewhere === template ? "none" : "field";
  return { place, hasToolRole: /['"]tool['"]/.test(template) };
}

/** A tool as it goes into the prompt. */
export interface PromptTool {
  readonly name: string;
  readonly description: string | undefined;
  /** Of its arguments. */
  readonly schema: { readonly json: unknown };
}

/** A chat message, checked. */
type Message = Record<string, unknown> & { readonly role?: unknown; readonly content?: unknown };

/** The messages of a prompt, and the tools for the template's variable. */
export interface InjectedTools {
  readonly messages: readonly Message[];
  /** As OpenAI and Hugging Face write them; undefined where the template has no place for them. */
  readonly tools: readonly object[] | undefined;
}

/** Puts tools, calls and their results where the template finds them, and escapes what of them is content. */
export function injectTools(
  messages: readonly Message[],
  tools: readonly PromptTool[],
  { place, hasToolRole, refusesSystem = false }: TemplateTools,
  escapes: ContentEscapes = NO_ESCAPES,
): InjectedTools {
  const escaped: readonly Message[] = escapes.messages(messages.map((message) => withCallObjects(message)));
  const functions = tools.map((tool) => escapes.value(functionOf(tool)));
  if (place === "none") {
    const written = hasToolRole ? escaped : escaped.map((message) => inWords(message));
    if (tools.length === 0) return { messages: written, tools: undefined };
    const before = refusesSystem ? withQuestion : withSystem;
    return { messages: before(written, wordsFor(functions)), tools: undefined };
  }
  if (tools.length === 0) return { messages: escaped, tools: undefined };
  if (place === "variable") {
    return { messages: escaped, tools: functions.map((tool) => ({ type: "function", function: tool })) };
  }
  const [first, ...rest] = escaped;
  const system =
    first?.role === "system" ? first : { role: "system", content: "You are a helpful assistant." };
  const others = first?.role === "system" ? rest : escaped;
  return { messages: [{ ...system, tools: JSON.stringify(functions) }, ...others], tools: undefined };
}

function functionOf({ name, description, schema }: PromptTool): Record<string, unknown> {
  return { name, ...(description === undefined ? undefined : { description }), parameters: schema.json };
}

/** OpenAI writes the arguments of a call as text; templates expect the object. */
function withCallObjects(message: Message): Message {
  const { tool_calls: calls } = message;
  if (!Array.isArray(calls)) return message;
  return { ...message, tool_calls: calls.map((call) => withCallObject(call)) };
}

function withCallObject(call: unknown): unknown {
  const { function: called, ...rest } = isPlainObject(call) ? call : {};
  const { arguments: text } = isPlainObject(called) ? called : {};
  if (typeof text !== "string") return call;
  try {
    return { ...rest, function: { ...(called as object), arguments: JSON.parse(text) as unknown } };
  } catch {
    return call; // a template may take it as it is
  }
}

/** Calls and results as Hermes writes them, for a template that knows neither. */
function inWords(message: Message): Message {
  const { tool_calls: calls, tool_call_id: _, ...rest } = message;
  if (message.role === "tool") {
    return { role: "user", content: `<tool_response>\n${String(message.content)}\n</tool_response>` };
  }
  if (!Array.isArray(calls) || calls.length === 0) return message;
  const texts = calls.map((call: unknown) => {
    const { function: called } = isPlainObject(call) ? call : {};
    const { name, arguments: args } = isPlainObject(called) ? called : {};
    return `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`;
  });
  const said = typeof rest.content === "string" && rest.content !== "" ? [rest.content] : [];
  return { ...rest, content: [...said, ...texts].join("\n") };
}

function wordsFor(functions: readonly object[]): string {
  const lines = functions.map((tool) => JSON.stringify(tool));
  return [
    "You can call these tools. Each line describes one, its parameters as JSON Schema:",
    ...lines,
    "To call one, answer with nothing but its name and arguments as JSON between these marks:",
    "<tool_call>",
    '{"name": "the tool", "arguments": {"parameter": "value"}}',
    "</tool_call>",
    "Its result comes between <tool_response> and </tool_response>.",
  ].join("\n");
}

function withSystem(messages: readonly Message[], words: string): Record<string, unknown>[] {
  const [first, ...rest] = messages;
  if (first?.role !== "system") return [{ role: "system", content: words }, ...messages];
  return [{ ...first, content: `${String(first.content)}\n\n${words}` }, ...rest];
}

/** Words before the first question, for a template without a place for the system's. */
function withQuestion(messages: readonly Message[], words: string): readonly Message[] {
  const first = messages.findIndex(({ role }) => role === "user");
  const asked = (message: Message): Message => ({
    ...message,
    content: `${words}\n\n${String(message.content)}`,
  });
  if (first === -1) return [{ role: "user", content: words }, ...messages];
  return messages.map((message, index) => (index === first ? asked(message) : message));
}
