/** Schemas of either kind, checked, as the three things that are made of them. */
import { invalidArgType } from "../errors/errors.js";
import { copyJson, isPlainObject } from "../options/json.js";
import { withPointers } from "./json-schema/references.js";
import type { JsonObject } from "../parsers/output-part.js";
import { jsonSchemaReader, standardReader } from "./read-object.js";
import type { StandardSchema } from "./response-format.js";
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
  return { ...forms, read: checked(name, () => jsonSchemaReader(JSON.stringify(forms.json))) };
}

/** A copy of a structural tag within the limits. Nothing checks an answer by it, so all has to be in the grammar. */
export function checkStructuralTag(name: string, value: unknown): string {
  const { json } = copiesOf(name, value);
  const tag = checked(name, () => withPointersInside(json)) as JsonObject;
  const text = JSON.stringify(tag);
  checkGrammarLength(name, text);
  if (text === JSON.stringify(withoutSlowParts(tag))) return text;
  throw invalidSchema(name, "expected bounds of strings up to 32, and up to 64 together.");
}

/** A copy of a JSON Schema within the limits, as it is and as the compiler is to have it. */
function formsOf(name: string, value: unknown): Pick<CheckedSchema, "json" | "forGrammar"> {
  const { json, copy } = copiesOf(name, value);
  const plain = isPlainObject(copy) ? checked(name, () => withPointers(copy)) : copy;
  checkGrammarLength(name, JSON.stringify(plain));
  return { json, forGrammar: withoutSlowParts(plain) as JsonObject };
}

/** Two copies within the limits. */
function copiesOf(name: string, value: unknown): { json: JsonObject; copy: JsonObject } {
  const first = copyJson(name, value);
  checkParts(name, first);
  const text = JSON.stringify(first);
  checkGrammarLength(name, text);
  return { json: JSON.parse(text) as JsonObject, copy: JSON.parse(text) as JsonObject };
}

/** The JSON Schemas of a structural tag with pointers as references. */
function withPointersInside(tag: unknown): unknown {
  if (Array.isArray(tag)) return tag.map((part) => withPointersInside(part));
  if (!isPlainObject(tag)) return tag;
  const parts = Object.entries(tag).map(([key, part]) => {
    const isSchema = key === "json_schema" && isPlainObject(part);
    return [key, isSchema ? withPointers(part) : withPointersInside(part)];
  });
  return Object.fromEntries(parts);
}

/** @throws OpenVinoLlmError ERR_INVALID_SCHEMA for what `check` throws */
function checked<Value>(name: string, check: () => Value): Value {
  try {
    return check();
  } catch (error) {
    throw invalidSchema(name, messageOf(error), error);
  }
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
