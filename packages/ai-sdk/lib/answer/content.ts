/** A whole answer, put together of its parts. */
import type { AnswerPart, Content } from "../spec/language.js";

/** In their order; texts are never empty. */
export function contentOf(parts: readonly AnswerPart[]): Content[] {
  const content: Content[] = [];
  for (const part of parts) {
    if (part.type === "tool-call") content.push(part);
    else if (part.type === "text-start") content.push({ type: "text", text: "" });
    else if (part.type === "reasoning-start") content.push({ type: "reasoning", text: "" });
    else if (part.type === "text-delta" || part.type === "reasoning-delta") {
      const last = content.at(-1);
      if (last !== undefined && last.type !== "tool-call") last.text += part.delta;
    }
  }
  return content;
}
