/** What goes wrong, in the words and classes that LangChain's code looks for. */
import { ContextOverflowError } from "@langchain/core/errors";

/** A TypeError with Node's code: what was expected, what came and, as whole sentences, what to do. */
export function invalidArgType(name: string, expected: string, came: unknown, advice = ""): TypeError {
  const error = new TypeError(
    `Expected ${expected} for ${name} but received ${inWords(came)}.${advice && ` ${advice}`}`,
  );
  return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}

/** The code of an error, undefined where it has none. */
export function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/** The engine's error as LangChain knows it: a prompt that is too long is its ContextOverflowError, with the cause. */
export function toLangChainError(error: unknown): unknown {
  if (error instanceof Error && codeOf(error) === "ERR_PROMPT_TOO_LONG") {
    return ContextOverflowError.fromError(error);
  }
  return error;
}

function inWords(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  const { type } = value as { type?: unknown };
  return typeof type === "string" ? `an object of type ${JSON.stringify(type)}` : "an object";
}
