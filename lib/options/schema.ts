/** Schemas of either kind, checked, as the three things that are made of them. */
import { invalidArgType } from "../errors.js";
import { copyJson, isPlainObject } from "../json.js";
import type { JsonObject } from "../parsers/output-part.js";
import { jsonSchemaReader, standardReader } from "../read-object.js";
import type { StandardSchema } from "../response-format.js";
import { checkGrammarLength, checkParts, invalidSchema, withoutSlowParts } from "./grammar-limits.js";

/** A schema for the model, for the grammar compiler, and for the answer. */
export interface CheckedSchema {
  /** The JSON Schema, as its user or its library gave it. */
  readonly json: JsonObject;
  /** The same without what the compiler takes too long for, which `read` checks all the same. */
  readonly forGrammar: JsonObject;
  /** Makes the value of a text, or throws ERR_SCHEMA_MISMATCH. */
  readonly read: (text: string) => unknown;
}

/**
 * Checks a JSON Schema, or a schema by the Standard Schema interface.
 *
 * @throws TypeError; OpenVinoLlmError ERR_INVALID_SCHEMA
 */
export function checkSchema(name: string, schema: unknown): CheckedSchema {
  if (isStandardSchema(schema)) {
    return { ...formsOf(name, jsonSchemaOf(name, schema)), read: standardReader(schema) };
  }
  if (!isPlainObject(schema)) {
    throw invalidArgType(
      name,
      "a JSON Schema as an object, or a schema by the Standard Schema interface",
      schema,
    );
  }
  const forms = formsOf(name, schema);
  try {
    return { ...forms, read: jsonSchemaReader(JSON.stringify(forms.json)) };
  } catch (error) {
    throw invalidSchema(name, messageOf(error), error);
  }
}

/** A copy of a grammar's JSON within the limits, as it is and as the compiler is to have it. */
export function formsOf(name: string, value: unknown): Pick<CheckedSchema, "json" | "forGrammar"> {
  const copy = copyJson(name, value);
  checkParts(name, copy);
  const text = JSON.stringify(copy);
  checkGrammarLength(name, text);
  return {
    json: JSON.parse(text) as JsonObject,
    forGrammar: withoutSlowParts(JSON.parse(text)) as JsonObject,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isStandardSchema(schema: unknown): schema is StandardSchema {
  return (
    (typeof schema === "object" || typeof schema === "function") && schema !== null && "~standard" in schema
  );
}

function jsonSchemaOf(name: string, schema: StandardSchema): unknown {
  const { jsonSchema } = schema["~standard"];
  if (jsonSchema === undefined) {
    const cure = "Take a version of its library that has it (zod 4.2), or give the JSON Schema itself";
    throw invalidSchema(
      name,
      `expected a schema that tells its JSON Schema (~standard.jsonSchema). ${cure}.`,
    );
  }
  try {
    return jsonSchema.input({ target: "draft-2020-12" });
  } catch (error) {
    throw invalidSchema(name, `its library cannot tell the JSON Schema: ${messageOf(error)}`, error);
  }
}
