import { isJson } from "./json-scanner.js";
import { repairedJson } from "./lenient-json.js";
import { PYTHON_CONSTANTS } from "./python-literal.js";
import type { ValueType, ValueTypes } from "./value-types.js";

/** The type of what is text, whatever it looks like. */
export const TEXT: ValueTypes = { types: new Set<ValueType>(["string"]), texts: null };

/** Where a value without a type goes, piece by piece. */
export interface ValueWriter {
  readonly pass: (text: string) => void;
  /** The value is whole. */
  readonly end: () => void;
}

/** Makes JSON of a value as it comes. Text goes on at once; anything else shows its type at its end. */
export function valueWriter(add: (json: string) => void, known: ValueTypes | null): ValueWriter {
  if (isTextOnly(known)) {
    add('"');
    return { pass: (text) => add(JSON.stringify(text).slice(1, -1)), end: () => add('"') };
  }
  let value = "";
  return { pass: (text) => (value += text), end: () => add(jsonOfValue(value, known)) };
}

/** Whether a value is text as it stands, whatever it looks like. */
function isTextOnly(known: ValueTypes | null): boolean {
  return known !== null && known.types.size === 1 && known.types.has("string") && known.texts === null;
}

/** JSON of a value that was written without its type: of the types that are allowed the one that it has the look of. */
function jsonOfValue(written: string, known: ValueTypes | null): string {
  if (known === null || known.types.size === 7) return jsonOfAny(written);
  const word = written.trim();
  // The line around one of the texts that are allowed is not part of it.
  const text = JSON.stringify(known.texts?.has(word) === true ? word : written);
  const json = repairedJson(caseless(word, known.types));
  if (json === null) return text;
  const type = typeOf(json);
  if (type === "string") return known.texts?.has(JSON.parse(json) as string) === true ? json : text;
  // Where no string is allowed either, the check of the arguments says what is wrong with it.
  const isAllowed = known.types.has(type) || (type === "number" && known.types.has("integer"));
  return isAllowed || !known.types.has("string") ? json : text;
}

/** Where any type will do, JSON and Python's constants are what they say, but for what stands in quotation marks. */
function jsonOfAny(written: string): string {
  const word = written.trim();
  const constant = PYTHON_CONSTANTS.get(word);
  if (constant !== undefined) return constant;
  return !word.startsWith('"') && isJson(word) ? word : JSON.stringify(written);
}

/** `TRUE` and `none` as JSON has them, where such are asked for. */
function caseless(word: string, types: ReadonlySet<ValueType>): string {
  const lower = word.toLowerCase();
  if (types.has("boolean") && (lower === "true" || lower === "false")) return lower;
  return types.has("null") && (lower === "null" || lower === "none") ? "null" : word;
}

function typeOf(json: string): ValueType {
  const first = json.charAt(0);
  if (first === '"') return "string";
  if (first === "{") return "object";
  if (first === "[") return "array";
  if (first === "t" || first === "f") return "boolean";
  return first === "n" ? "null" : "number";
}
