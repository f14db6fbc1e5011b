import { isJsonObject } from "openvino-llm/internal";
import type { JsonObject } from "openvino-llm/models";
import { NONE } from "../report-text.js";

/** A field by its path, and its value as text. */
export type FlatField = readonly [path: string, text: string];

/**
 * Every field of a value from JSON, nested ones by their path: `cpu.model`; the small
 * objects of a list are a line each. Nothing is left out. Pure.
 */
export function flatten(value: unknown, path = ""): FlatField[] {
  const below = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.every(isScalar)) {
      return [[path, items.length === 0 ? "none" : items.map((item) => textOf(item, path)).join(", ")]];
    }
    return items.flatMap((item, index) =>
      isFlat(item) ? [[below(index), lineOf(item)] as const] : flatten(item, below(index)),
    );
  }
  if (isJsonObject(value)) {
    const fields = Object.entries(value);
    return fields.length === 0
      ? [[path, "none"]]
      : fields.flatMap(([key, field]) => flatten(field, below(key)));
  }
  return [[path, textOf(value, path)]];
}

/** A small object in one line: "level 1, type Data". */
function lineOf(object: JsonObject): string {
  return Object.entries(object)
    .map(([key, value]) => `${key} ${textOf(value, key)}`)
    .join(", ");
}

function isFlat(value: unknown): value is JsonObject {
  return isJsonObject(value) && Object.values(value).every(isScalar);
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function textOf(value: unknown, path: string): string {
  if (value === null || value === undefined) return NONE;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return typeof value === "string" ? value : JSON.stringify(value);
  if (/bytes(?:\.|$)/i.test(path) && Math.abs(value) >= 2 ** 20) return bytesText(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

function bytesText(bytes: number): string {
  const [size, unit] = bytes >= 2 ** 30 ? [2 ** 30, "GiB"] : [2 ** 20, "MiB"];
  return `${(bytes / size).toFixed(2)} ${unit} (${bytes})`;
}
