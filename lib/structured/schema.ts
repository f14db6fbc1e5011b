/** Schemas of either kind, checked, as the three things that are made of them. */
import { invalidArgType } from "../errors/errors.js";
import { copyJson, isPlainObject } from "../options/json.js";
import { grammarOf } from "./grammar/known-grammars.js";
import { referenceTargets, withPointers } from "./json-schema/references.js";
import type { SchemaObject } from "./json-schema/visit-schemas.js";
import type { JsonObject } from "../parsers/output-part.js";
import { jsonSchemaReader, standardReader } from "./read-object.js";
import type { StandardSchema } from "./response-format.js";
import { checkGrammarLength, checkParts, checkSchemaPatterns, invalidSchema } from "./grammar-limits.js";

/** A schema for the model, for the engine, and for the answer. */
export interface CheckedSchema {
  /** The JSON Schema, as its user or its library gave it. */
  readonly json: JsonObject;
  /**
   * Rules that let each value of the schema be said; what they do not say `read` checks. Throws ERR_INVALID_SCHEMA where no
   * value fits.
   */
  readonly grammar: (options?: GrammarOptions) => string;
  /** Makes the value of a text, or throws ERR_SCHEMA_MISMATCH. */
  readonly read: (text: string) => unknown;
}

/** How a schema becomes a grammar. */
export interface GrammarOptions {
  /** What `additionalProperties` is where a schema does not say. */
  readonly additionalProperties: boolean;
}

/** Characters of the grammar that a schema becomes. */
const MAX_GRAMMAR = 524_288;

const CLOSED: GrammarOptions = { additionalProperties: false };

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
      "a JSON Schema as an object or a schema with the Standard Schema interface",
      schema,
    );
  }
  const forms = formsOf(name, schema);
  return { ...forms, read: checked(name, () => jsonSchemaReader(JSON.stringify(forms.json))) };
}

/**
 * A copy of a structural tag within the limits, its JSON Schemas as grammars of ours. Nothing checks an answer by it.
 *
 * @throws TypeError; OpenVinoLlmError ERR_INVALID_SCHEMA
 */
export function checkStructuralTag(name: string, value: unknown): string {
  const json = copyJson(name, value);
  checkGrammarLength(name, JSON.stringify(json));
  checkParts(name, json);
  return JSON.stringify(withGrammars(name, json));
}

function withGrammars(name: string, tag: unknown): unknown {
  if (Array.isArray(tag)) return tag.map((part, index) => withGrammars(`${name}[${index}]`, part));
  if (!isPlainObject(tag)) return tag;
  const { type, json_schema: schema, style, ...rest } = tag;
  if (type === "json_schema" && isPlainObject(schema) && style === undefined) {
    const { grammar } = formsOf(`${name}.json_schema`, schema);
    return { ...rest, type: "grammar", grammar: grammar() };
  }
  const parts = Object.entries(tag).map(([key, part]) => {
    if (key === "json_schema" && isPlainObject(part)) return [key, checked(name, () => withPointers(part))];
    return [key, withGrammars(`${name}.${key}`, part)];
  });
  return Object.fromEntries(parts);
}

/** A copy of a JSON Schema within the limits, and its grammar. */
function formsOf(name: string, value: unknown): Pick<CheckedSchema, "json" | "grammar"> {
  const json = copyJson(name, value) as JsonObject;
  const text = JSON.stringify(json);
  checkGrammarLength(name, text);
  checkSchemaPatterns(name, json);
  checked(name, () => referenceTargets(JSON.parse(text) as SchemaObject));
  const grammar = ({ additionalProperties } = CLOSED): string => {
    const made = checked(name, () => grammarOf(text, { isOpen: additionalProperties }));
    if (made.text === null)
      throw invalidSchema(name, "Expected a schema that some value fits but no value fits this one.");
    if (made.text.length > MAX_GRAMMAR) {
      throw invalidSchema(
        name,
        `Expected a schema with a grammar of at most ${MAX_GRAMMAR} characters but received a larger one.`,
      );
    }
    return made.text;
  };
  return { json, grammar };
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
    throw invalidSchema(
      name,
      "Expected a schema with its JSON Schema (~standard.jsonSchema) but received one without. " +
        "Use a version of its library that has it (zod 4.2), or give the JSON Schema itself.",
    );
  }
  try {
    return jsonSchema.input({ target: "draft-2020-12" });
  } catch (error) {
    throw invalidSchema(
      name,
      `Its library cannot give the JSON Schema: ${messageOf(error).replace(/\.$/, "")}.`,
      error,
    );
  }
}
