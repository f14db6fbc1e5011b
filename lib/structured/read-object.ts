/** Parses the text of an answer to the requested object. */
import type { ValidationResult } from "@cfworker/json-schema";
import { OpenVinoLlmError } from "../errors/errors.js";
import { SchemaJudge } from "./json-schema/schema-judge.js";
import type { StandardSchema } from "./response-format.js";

/** A text that a schema does not accept: ERR_SCHEMA_MISMATCH. */
export class SchemaMismatch extends OpenVinoLlmError {
  constructor(
    /** Why, as a clause. */
    readonly reason: string,
    cause: unknown,
  ) {
    const message = `Expected an answer that its schema accepts, but ${reason}. The whole answer is in partial.`;
    super("ERR_SCHEMA_MISMATCH", message, { cause });
  }
}

/**
 * Reads JSON. Where no grammar of ours holds a model it may write control characters into strings, line breaks for instance,
 * which JSON wants escaped: they are taken for what they are.
 *
 * @throws OpenVinoLlmError ERR_SCHEMA_MISMATCH
 */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)/gsu, escapeControls));
  } catch (error) {
    throw new SchemaMismatch("it is not JSON", error);
  }
}

function escapeControls(literal: string): string {
  return literal.replaceAll(
    /\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Reads JSON that a JSON Schema, given as text, must accept. The grammar alone does not see to all of a schema.
 *
 * @throws Error for a schema that nothing can be judged by
 */
export function jsonSchemaReader(schemaText: string): (text: string) => unknown {
  const schema = new SchemaJudge(schemaText);
  return (text) => {
    const value = readJson(text);
    const { valid, errors } = judge(schema, value);
    if (valid) return value;
    const last = errors.at(-1);
    throw new SchemaMismatch(`${last?.instanceLocation ?? "#"}: ${last?.error ?? "it does not fit"}`, errors);
  };
}

/** What shows only then: a reference to itself, more steps than there may be. */
function judge(schema: SchemaJudge, value: unknown): ValidationResult {
  try {
    return schema.judge(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpenVinoLlmError("ERR_INVALID_SCHEMA", `The answer cannot be judged: ${reason}`, {
      cause: error,
    });
  }
}

/** Reads JSON that a schema by the Standard Schema interface must accept; gives what that makes of it. */
export function standardReader(schema: StandardSchema): (text: string) => Promise<unknown> {
  return async (text) => {
    const result = await schema["~standard"].validate(readJson(text));
    if (result.issues === undefined) return result.value;
    const issues = result.issues.map(({ message, path = [] }) => {
      const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
      return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
    });
    throw new SchemaMismatch(issues.join("; "), result.issues);
  };
}
