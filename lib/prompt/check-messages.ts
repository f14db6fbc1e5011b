/** Chat messages, checked and made alike. */
import { invalidArgType, outOfRange, readingFrom } from "../errors/errors.js";
import { copyJson, isPlainObject } from "../options/json.js";

/** Who can speak: the roles of OpenAI's chats. */
const ROLES: readonly string[] = ["system", "developer", "user", "assistant", "tool"];

/**
 * A copy of chat messages as a template takes them, each with its content as a text.
 *
 * @param extraRoles of the model's own template
 * @throws TypeError, RangeError
 */
export function checkMessages(
  name: string,
  messages: readonly unknown[],
  extraRoles: readonly string[] = [],
): Record<string, unknown>[] {
  return readingFrom(name, () => {
    if (messages.length === 0) throw outOfRange(name, "at least one chat message", messages);
    const roles = [...ROLES, ...extraRoles];
    return Array.from(messages, (message, index) => checkMessage(`${name}[${index}]`, message, roles));
  });
}

function checkMessage(name: string, message: unknown, roles: readonly string[]): Record<string, unknown> {
  if (!isPlainObject(message)) throw invalidArgType(name, "a chat message { role, content }", message);
  const copy = copyJson(name, { ...message, content: message.content ?? null }) as Record<string, unknown>;
  const { role, content, tool_calls: calls } = copy;
  if (typeof role !== "string") throw invalidArgType(`${name}.role`, "a string", role);
  if (!roles.includes(role)) {
    const names = roles.map((known) => JSON.stringify(known)).join(", ");
    const advice = "Name roles of the chat template's own in options.extraRoles.";
    throw outOfRange(`${name}.role`, `one of ${names}`, role, advice);
  }
  const hasCalled = role === "assistant" && Array.isArray(calls) && calls.length > 0;
  return { ...copy, content: textOf(`${name}.content`, content, hasCalled) };
}

/** A message's text. OpenAI leaves it out where the assistant only calls tools. */
function textOf(name: string, content: unknown, hasCalled: boolean): string {
  if (typeof content === "string") return content;
  if (content === null) {
    if (hasCalled) return "";
    throw invalidArgType(name, "a string", content, "It may be null only where an assistant calls tools.");
  }
  if (!Array.isArray(content))
    throw invalidArgType(name, 'a string or an array of parts { type: "text", text }', content);
  if (content.length === 0 && !hasCalled) throw outOfRange(name, "at least one part", content);
  return content.map((part, index) => partText(`${name}[${index}]`, part)).join("\n");
}

function partText(name: string, part: unknown): string {
  if (!isPlainObject(part)) throw invalidArgType(name, 'a part { type: "text", text }', part);
  const { type, text } = part;
  if (type !== "text") throw invalidArgType(`${name}.type`, '"text"', type, "These models read text alone.");
  if (typeof text !== "string") throw invalidArgType(`${name}.text`, "a string", text);
  return text;
}
