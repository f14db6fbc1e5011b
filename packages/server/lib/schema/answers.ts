/** Pieces of the schemas of answers. Fields of these names are always there; more may be beside them. */
import type { JsonSchema } from "./fields.js";

/** An object that has all of these. */
export function has(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties) };
}

/** A list of them. */
export function listOf(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** What one value is and no other. */
export function only(value: string): JsonSchema {
  return { type: "string", const: value };
}

/** A text. */
export const TEXT: JsonSchema = { type: "string" };
/** A number. */
export const NUMBER: JsonSchema = { type: "number" };
/** How many, or an index. */
export const COUNT: JsonSchema = { type: "integer", minimum: 0 };
/** Yes or no. */
export const BOOLEAN: JsonSchema = { type: "boolean" };

/** OpenAI's counts of tokens, with the times of the request beside them. */
export const USAGE = has({ prompt_tokens: COUNT, completion_tokens: COUNT, total_tokens: COUNT });
