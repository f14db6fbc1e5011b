/** Values as Python's json.dumps writes them, with the defaults of transformers' `tojson`. */
import { failed } from "../template-error.js";
import { compareTexts } from "./compare.js";
import { floatText, numberText } from "./text.js";
import { Dict, Float, isFloat, isList, Sequence, typeName, type Key, type Value } from "./values.js";
import type { Work } from "../work.js";

/** How it is written. */
export interface JsonStyle {
  /** What a level is indented by; null for all in one line. */
  readonly indent: string | null;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly asciiOnly: boolean;
  readonly sortKeys: boolean;
}

/** @throws TemplateError for what JSON cannot hold */
export function jsonText(value: Value, style: JsonStyle, work: Work): string {
  return new JsonWriter(style, work).text(value, "\n");
}

class JsonWriter {
  readonly #style: JsonStyle;
  readonly #work: Work;

  constructor(style: JsonStyle, work: Work) {
    this.#style = style;
    this.#work = work;
  }

  /** `newline`: a line break with the indentation of the level. */
  text(value: Value, newline: string): string {
    this.#work.step();
    if (typeof value === "string") return this.#string(value);
    if (value === null) return "null";
    if (typeof value === "boolean") return value ? "true" : "false";
    if (typeof value === "number" || value instanceof Float) return jsonNumber(value);
    const inner = newline + (this.#style.indent ?? "");
    if (value instanceof Dict) {
      return this.#work.deeper(() => this.#bracketed("{", this.#fields(value, inner), "}", newline));
    }
    if (isList(value) || (value instanceof Sequence && value.kind === "tuple")) {
      const items = isList(value) ? value : value.items;
      return this.#work.deeper(() => {
        const texts = items.map((item) => this.text(item, inner));
        return this.#bracketed("[", texts, "]", newline);
      });
    }
    throw failed(`an object of type ${typeName(value)} is no JSON`);
  }

  #fields(dict: Dict, inner: string): string[] {
    const { sortKeys, keySeparator } = this.#style;
    const entries = [...dict];
    // By code points, as Python compares.
    const sorted = sortKeys ? entries.sort(([a], [b]) => compareKeys(a, b)) : entries;
    return sorted.map(([key, field]) => this.#string(keyText(key)) + keySeparator + this.text(field, inner));
  }

  #bracketed(open: string, parts: readonly string[], close: string, newline: string): string {
    const { indent, itemSeparator } = this.#style;
    if (parts.length === 0) return open + close;
    const between = indent === null ? "" : newline + indent;
    const inside = parts.reduce((sum, part) => sum + part.length + between.length + itemSeparator.length, 0);
    this.#work.read(inside);
    return open + between + parts.join(itemSeparator + between) + (indent === null ? "" : newline) + close;
  }

  #string(text: string): string {
    this.#work.read(text.length);
    const json = JSON.stringify(text);
    if (!this.#style.asciiOnly) return json;
    return json.replaceAll(/[^\0-~]/g, (unit) => {
      return String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    });
  }
}

function jsonNumber(value: number | Float): string {
  if (!isFloat(value)) return numberText(value);
  const number = value instanceof Float ? value.value : value;
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "Infinity" : "-Infinity";
  return floatText(number);
}

function keyText(key: Key): string {
  if (typeof key === "string") return key;
  if (typeof key === "number") return jsonNumber(key);
  return key === null ? "null" : String(key);
}

function compareKeys(a: Key, b: Key): number {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  throw failed("keys of different types are sorted");
}
