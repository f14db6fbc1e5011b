import { invalidArgType } from "../errors/errors.js";
import { isPlainObject } from "../options/json.js";
import type { NativeGrammar } from "../native/native-tokenizer.js";
import type { JsonFormat, ResponseFormat } from "./response-format.js";
import { checkEbnf, checkRegex } from "./grammar-limits.js";
import type { ResolvedGenerationConfig } from "../options/generation-config.js";
import type { Speculation } from "../options/generation-rules.js";
import { endTokenIds } from "../options/native-config.js";
import { checkWellFormed, plainObjectEntries, unknownOption } from "../options/option-checks.js";
import { checkSchema, checkStructuralTag } from "./schema.js";

/** A response format as the addon takes it, and what makes the result's object of the text. */
export interface CheckedResponseFormat {
  readonly grammar: NativeGrammar;
  /** Null where the text is all there is. */
  readonly readObject: ((text: string) => unknown) | null;
}

const FIELDS: Readonly<Record<ResponseFormat["type"], Readonly<Record<string, 1>>>> = {
  json: { type: 1, schema: 1, additionalProperties: 1 },
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
  if (format.type === "json") return jsonFormat(name, format);
  const value: unknown = format.value;
  if (format.type === "structural_tag") {
    if (!isPlainObject(value)) throw invalidArgType(`${name}.value`, "a structural tag as an object", value);
    const text = checkStructuralTag(`${name}.value`, value);
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
    throw invalidArgType(
      `options.${name}`,
      `${expected} with a response format or an enforced tool call`,
      value,
    );
  };
  if (config.numBeams > 1) refuse("numBeams", "1", config.numBeams);
  if (config.numReturnSequences > 1) refuse("numReturnSequences", "1", config.numReturnSequences);
  if (config.minNewTokens > 0) refuse("minNewTokens", "0", config.minNewTokens);
  if (endTokenIds(config).length === 0) refuse("ignoreEos", "false (or stopTokenIds)", config.ignoreEos);
  if (speculation !== "none")
    refuse("responseFormat", "neither a draft model nor prompt lookup", speculation);
}

function jsonFormat(
  name: string,
  { schema = {}, additionalProperties = false }: JsonFormat,
): CheckedResponseFormat {
  if (typeof additionalProperties !== "boolean") {
    throw invalidArgType(`${name}.additionalProperties`, "a boolean", additionalProperties);
  }
  const { grammar, read } = checkSchema(`${name}.schema`, schema);
  return { grammar: { kind: "ebnf", text: grammar({ additionalProperties }) }, readObject: read };
}
