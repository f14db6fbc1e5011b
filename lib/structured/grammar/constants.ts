/** Values that a schema writes out, held against what else it says. */
import { LinearPattern, WorkLimit } from "../patterns/linear-pattern.js";
import { UnsupportedPattern } from "../patterns/parse-pattern.js";
import { isSchemaObject, type SchemaObject } from "../json-schema/visit-schemas.js";
import { listOf, numberOf, typesOf } from "./schema-set.js";

const MAX_STEPS = 1_000_000;

/** The values that all of them write out, in the order of the first; null where none writes any. */
export function constantsOf(members: readonly SchemaObject[]): readonly unknown[] | null {
  let left: readonly unknown[] | null = null;
  for (const member of members) {
    for (const values of listsOf(member)) {
      const known = new Set(values.map(canonical));
      left = (left ?? values).filter((value) => known.has(canonical(value)));
    }
  }
  return left?.filter((value) => members.every((member) => mayFit(value, member))) ?? null;
}

function listsOf(member: SchemaObject): (readonly unknown[])[] {
  const lists: (readonly unknown[])[] = [];
  if (member["enum"] !== undefined) lists.push(listOf(member, "enum"));
  if (member["const"] !== undefined) lists.push([member["const"]]);
  return lists;
}

/** JSON that is the same for equal values. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isSchemaObject(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** What a value cannot be for is not looked at further than its type, its size and its patterns. */
function mayFit(value: unknown, member: SchemaObject): boolean {
  const types = typesOf(member);
  const isOf = types === undefined || types.some((type) => isOfType(value, type));
  if (!isOf) return false;
  if (typeof value === "number") return isBetween(value, member);
  return typeof value !== "string" || hasForm(value, member);
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  return type === "object" ? isSchemaObject(value) : typeof value === type;
}

function isBetween(value: number, member: SchemaObject): boolean {
  return (
    value >= (numberOf(member, "minimum") ?? -Infinity) &&
    value <= (numberOf(member, "maximum") ?? Infinity) &&
    value > (numberOf(member, "exclusiveMinimum") ?? -Infinity) &&
    value < (numberOf(member, "exclusiveMaximum") ?? Infinity)
  );
}

function hasForm(value: string, member: SchemaObject): boolean {
  const { pattern } = member;
  const { length } = Array.from(value);
  if (length < (numberOf(member, "minLength") ?? 0)) return false;
  if (length > (numberOf(member, "maxLength") ?? Infinity)) return false;
  return typeof pattern !== "string" || matches(pattern, value) !== false;
}

/** Whether a pattern is found in a text; null where that cannot be said. */
export function matches(pattern: string, value: string): boolean | null {
  try {
    return new LinearPattern(pattern).test(value, new WorkLimit(MAX_STEPS));
  } catch (error) {
    if (error instanceof UnsupportedPattern || error instanceof SyntaxError) throw error;
    return null;
  }
}
