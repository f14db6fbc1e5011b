/** From the text of an answer to the object that was asked for. */
import { Validator, type Schema, type ValidationResult } from "@cfworker/json-schema";
import { OpenVinoLlmError } from "./errors.js";
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
 * Reads JSON. The grammar lets a model write control characters into strings, line breaks for instance, which JSON wants
 * escaped: they are taken for what they are.
 *
 * @throws OpenVinoLlmError ERR_SCHEMA_MISMATCH
 */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll(/"(?:[^"\\]|\\.)*"/gsu, escapeControls));
  } catch (error) {
    throw new SchemaMismatch("it is no JSON", error);
  }
}

function escapeControls(literal: string): string {
  return literal.replaceAll(
    /\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Reads JSON that a JSON Schema, given as text, must accept. The grammar alone does not see to all of a schema. */
export function jsonSchemaReader(schemaText: string): (text: string) => unknown {
  const schema = JSON.parse(schemaText) as Schema;
  const isDraft7 = /draft-0?7/.test(schema.$schema ?? "");
  const validator = new Validator(schema, isDraft7 ? "7" : "2020-12");
  return (text) => {
    const value = readJson(text);
    const { valid, errors } = judge(validator, value);
    if (valid) return value;
    const last = errors.at(-1);
    throw new SchemaMismatch(`${last?.instanceLocation ?? "#"}: ${last?.error ?? "it does not fit"}`, errors);
  };
}

/** A schema that no value can be judged by: an expression that is none in JavaScript, a reference to itself. */
function judge(validator: Validator, value: unknown): ValidationResult {
  try {
    return validator.validate(value);
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
