/** What JSON holds, as a template's values. */
import { Dict, type Value } from "./values.js";
import type { InputSize } from "../work.js";

/** What JSON can hold, or nothing. */
export type Json = unknown;

/** Takes values over, and counts what they hold. */
export class JsonReader {
  #values = 0;
  #characters = 0;

  get size(): InputSize {
    return { values: this.#values, characters: this.#characters };
  }

  /** `json` is what JSON can hold: something else is taken for null. */
  read(json: Json): Value {
    this.#values++;
    if (typeof json === "string") {
      this.#characters += json.length;
      return json;
    }
    if (typeof json === "number" || typeof json === "boolean") return json;
    if (Array.isArray(json)) return json.map((item) => this.read(item));
    if (typeof json !== "object" || json === null) return null;
    const dict = new Dict();
    for (const [name, field] of Object.entries(json)) {
      this.#characters += name.length;
      dict.set(name, this.read(field));
    }
    return dict;
  }
}
