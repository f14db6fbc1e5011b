/** Values that JSON can hold. */
import { invalidArgType, outOfRange } from "../errors/errors.js";
import { checkWellFormed } from "./option-checks.js";

/**
 * A copy with nothing in it that JSON would drop, change or fail at.
 *
 * @throws TypeError, RangeError
 */
export function copyJson(name: string, value: unknown): unknown {
  return copyOf(name, value, [], { left: MAX_VALUES });
}

function copyOf(name: string, value: unknown, parents: readonly object[], values: { left: number }): unknown {
  if (--values.left < 0) throw outOfRange(name, `at most ${MAX_VALUES} values in all`, value);
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") {
    checkWellFormed(name, value);
    return value;
  }
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value !== "object" || !(Array.isArray(value) || isPlainObject(value))) {
    throw invalidArgType(name, "a value that JSON can hold", value);
  }
  if (parents.includes(value)) throw invalidArgType(name, "a value that does not contain itself", value);
  if (parents.length > MAX_DEPTH) throw outOfRange(name, `at most ${MAX_DEPTH} levels of nesting`, value);
  const inside = [...parents, value];
  if (Array.isArray(value))
    return Array.from(value, (item, index) => copyOf(`${name}[${index}]`, item, inside, values));
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  const copies = fields.map(([key, field]) => {
    checkWellFormed(`a key of ${name}`, key);
    return [key, copyOf(`${name}.${key}`, field, inside, values)] as const;
  });
  return Object.fromEntries(copies);
}

/** One that stands in many places counts each time: nested a few times over, a small object would fill the memory. */
const MAX_VALUES = 250_000;
/** Templates and parsers recurse. */
const MAX_DEPTH = 64;
/** Whether it is an object as JSON has them. */
export function isPlainObject(
  value: unknown,
): value is Record<string, unknown> & { role?: unknown; content?: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second test accepts plain objects of another realm, such as a vm context.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
