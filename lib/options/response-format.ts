import { invalidArgType } from "../errors.js";
import { copyJson, isPlainObject } from "../input.js";
import type { NativeGrammar } from "../native-tokenizer.js";
import { jsonSchemaReader, readJson, standardReader } from "../read-object.js";
import type { ResponseFormat, StandardSchema } from "../response-format.js";
import {
  checkEbnf,
  checkGrammarLength,
  checkParts,
  checkRegex,
  invalidSchema,
  withoutSlowParts,
} from "./grammar-limits.js";
import type { ResolvedGenerationConfig } from "./generation-config.js";
import type { Speculation } from "./generation-rules.js";
import { endTokenIds } from "./native-config.js";
import { checkWellFormed, plainObjectEntries, unknownOption } from "./option-checks.js";

/** A response format as the addon takes it, and what makes the result's object of the text. */
export interface CheckedResponseFormat {
  readonly grammar: NativeGrammar;
  /** Null where the text is all there is. */
  readonly readObject: ((text: string) => unknown) | null;
}

const FIELDS: Readonly<Record<ResponseFormat["type"], Readonly<Record<string, 1>>>> = {
  json: { type: 1, schema: 1 },
  regex: { type: 1, value: 1 },
  ebnf: { type: 1, value: 1 },
  structural_tag: { type: 1, value: 1 },
};

/**
 * Checks a response format. What is left for the grammar compiler to find is found before the request enters the engine.
 *
 * @throws TypeError; OpenVinoLlmError ERR_INVALID_SCHEMA
 */
export function checkResponseFormat(name: string, format: ResponseFormat): CheckedResponseFormat {
  const entries = plainObjectEntries(name, format);
  const { type } = format;
  if (!Object.hasOwn(FIELDS, type)) {
    throw invalidArgType(`${name}.type`, '"json", "regex", "ebnf" or "structural_tag"', type);
  }
  for (const [field, value] of entries) {
    if (!Object.hasOwn(FIELDS[type], field))
      throw unknownOption(`${name}.${field}`, field, value, FIELDS[type]);
  }
  if (format.type === "json") return jsonFormat(`${name}.schema`, format.schema);
  const value: unknown = format.value;
  if (format.type === "structural_tag") {
    if (!isPlainObject(value)) throw invalidArgType(`${name}.value`, "a structural tag as an object", value);
    const { text } = grammarOf(`${name}.value`, value);
    // Nothing checks the answer, so what the compiler takes too long for cannot be left to that.
    if (text !== jsonText(`${name}.value`, value)) {
      throw invalidSchema(`${name}.value`, "expected bounds of strings up to 32, and up to 64 together.");
    }
    return { grammar: { kind: "structuralTag", text }, readObject: null };
  }
  if (typeof value !== "string") throw invalidArgType(`${name}.value`, "a string", value);
  checkWellFormed(`${name}.value`, value);
  if (format.type === "regex") checkRegex(`${name}.value`, value);
  else checkEbnf(`${name}.value`, value);
  return { grammar: { kind: format.type, text: value }, readObject: null };
}

/**
 * What keeps a grammar from ending an answer, or is unknown to it: GenAI would give tokens that the grammar forbids.
 *
 * @throws TypeError
 */
export function checkEndsByGrammar(config: ResolvedGenerationConfig, speculation: Speculation): void {
  const refuse = (name: string, expected: string, value: unknown): never => {
    throw invalidArgType(`options.${name}`, `${expected} with a response format`, value);
  };
  if (config.numBeams > 1) refuse("numBeams", "1", config.numBeams);
  if (config.numReturnSequences > 1) refuse("numReturnSequences", "1", config.numReturnSequences);
  if (config.minNewTokens > 0) refuse("minNewTokens", "0", config.minNewTokens);
  if (endTokenIds(config).length === 0)
    refuse("ignoreEos", "an end token, or stopTokenIds,", config.ignoreEos);
  if (speculation !== "none") refuse("responseFormat", "neither draft model nor prompt lookup", speculation);
}

function jsonFormat(name: string, schema: unknown): CheckedResponseFormat {
  if (schema === undefined) return { grammar: { kind: "jsonSchema", text: "{}" }, readObject: readJson };
  if (isStandardSchema(schema)) {
    const json = jsonSchemaOf(name, schema);
    return { grammar: grammarOf(name, json), readObject: standardReader(schema) };
  }
  if (!isPlainObject(schema)) {
    throw invalidArgType(
      name,
      "a JSON Schema as an object, or a schema by the Standard Schema interface",
      schema,
    );
  }
  const grammar = grammarOf(name, schema);
  try {
    return { grammar, readObject: jsonSchemaReader(jsonText(name, schema)) };
  } catch (error) {
    throw invalidSchema(name, messageOf(error), error);
  }
}

/** What the compiler is given: the schema without what it takes too long for, which is checked in the answer all the same. */
function grammarOf(name: string, schema: unknown): NativeGrammar {
  return { kind: "jsonSchema", text: JSON.stringify(withoutSlowParts(JSON.parse(jsonText(name, schema)))) };
}

/** A copy as text, within the limits. */
function jsonText(name: string, value: unknown): string {
  const copy = copyJson(name, value);
  checkParts(name, copy);
  const text = JSON.stringify(copy);
  checkGrammarLength(name, text);
  return text;
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
