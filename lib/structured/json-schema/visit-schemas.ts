/** The schemas that a JSON Schema consists of. */

/** A schema that is an object. */
export type SchemaObject = Record<string, unknown>;

/** Keywords with a value for each name, which is a schema. */
const BY_NAME = new Set([
  "$defs",
  "definitions",
  "properties",
  "patternProperties",
  "dependentSchemas",
  "dependencies",
]);
/** Keywords with a list of schemas. */
const LISTS = new Set(["allOf", "anyOf", "oneOf", "prefixItems", "items"]);
/** Keywords with values as an answer may have them. */
const VALUES = new Set(["const", "enum", "default", "examples"]);

/**
 * Calls `visit` for a schema and all inside it, those of unknown keywords as well: references may point there.
 *
 * @param pointer where it stands, as a JSON pointer
 */
export function visitSchemas(
  schema: unknown,
  visit: (schema: SchemaObject, pointer: string) => void,
  pointer = "",
): void {
  if (!isSchemaObject(schema)) return;
  visit(schema, pointer);
  for (const [keyword, value] of Object.entries(schema)) {
    if (VALUES.has(keyword)) continue;
    const inside = `${pointer}/${escaped(keyword)}`;
    if (Array.isArray(value) ? LISTS.has(keyword) : BY_NAME.has(keyword)) {
      for (const [name, part] of Object.entries(value as object)) {
        visitSchemas(part, visit, `${inside}/${escaped(name)}`);
      }
    } else visitSchemas(value, visit, inside);
  }
}

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A step of a JSON pointer. */
function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
