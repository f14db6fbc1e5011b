/** What a chat template can do, found out before anybody chats. */
import { TemplateError } from "../chat-template/template-error.js";
import { OpenVinoLlmError } from "../errors/errors.js";
import type { ChatRenderer, TemplateChat } from "./chat-renderer.js";
import { injectTools, toolsOfTemplate } from "./tool-prompt.js";

/** A kind of chat that a template does not take, with its reason. */
export interface ChatRefusal {
  /** What kind. */
  readonly chat: "system message" | "several turns" | "tools" | "tool calls";
  /** What the template says, or fails with. */
  readonly reason: string;
}

type Message = Readonly<Record<string, unknown>>;

const QUESTION: Message = { role: "user", content: "What is the time in Paris?" };
const SYSTEM: Message = { role: "system", content: "You are helpful." };
const ANSWER: Message = { role: "assistant", content: "I do not know." };
const CALL: Message = {
  role: "assistant",
  content: "",
  tool_calls: [
    { id: "call00001", type: "function", function: { name: "get_time", arguments: { city: "Paris" } } },
  ],
};
const RESULT: Message = { role: "tool", tool_call_id: "call00001", name: "get_time", content: "12:00" };
const TOOL = {
  name: "get_time",
  description: "The time in a city.",
  schema: { json: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
};

/**
 * Renders one chat of each kind.
 *
 * @returns the kinds that the template refuses, which is its right
 * @throws OpenVinoLlmError ERR_CHAT_TEMPLATE where it takes not even a question, or does not come to an end
 */
export function probeChats(renderer: ChatRenderer, template: string): readonly ChatRefusal[] {
  const question = failureOf(renderer, { messages: [QUESTION] });
  const system = failureOf(renderer, { messages: [SYSTEM, QUESTION] });
  const place = { ...toolsOfTemplate(template), refusesSystem: system !== undefined };
  const withTools = (messages: readonly Message[]): TemplateChat => injectTools(messages, [TOOL], place);
  const others = [
    ["several turns", failureOf(renderer, { messages: [QUESTION, ANSWER, QUESTION] })],
    ["tools", failureOf(renderer, withTools([QUESTION]))],
    ["tool calls", failureOf(renderer, withTools([QUESTION, CALL, RESULT]))],
  ] as const;
  // After the others: that one of them has no end weighs more.
  if (question !== undefined && system !== undefined) throw question;
  const kinds = [["system message", system], ...others] as const;
  return kinds.flatMap(([chat, failure]) =>
    failure === undefined ? [] : [{ chat, reason: reasonOf(failure) }],
  );
}

function failureOf(renderer: ChatRenderer, chat: TemplateChat): OpenVinoLlmError | undefined {
  try {
    renderer.prompt(chat);
    return undefined;
  } catch (error) {
    if (!(error instanceof OpenVinoLlmError)) throw error;
    if (error.cause instanceof TemplateError && error.cause.kind === "bounds") throw error;
    return error;
  }
}

function reasonOf({ cause, message }: OpenVinoLlmError): string {
  return cause instanceof TemplateError ? cause.message : message;
}
