/** What a tool's schema says of the types of its parameters, for formats that write values without types. */

/** A type of JSON Schema. */
export type ValueType = "array" | "boolean" | "integer" | "null" | "number" | "object" | "string";

/** The types that a value may have, and the strings that it may be where only some are allowed. */
export interface ValueTypes {
  readonly types: ReadonlySet<ValueType>;
  /** Texts of `enum` and `const`; null where any string will do. */
  readonly texts: ReadonlySet<string> | null;
}

const ALL: readonly ValueType[] = ["array", "boolean", "integer", "null", "number", "object", "string"];
const ANY: ValueTypes = { types: new Set(ALL), texts: null };

/** Schemas that refer to each other without end, and ones that are too large to be a tool's, are left here. */
const MAX_SCHEMAS = 1000;

/** A schema in a document, with how many more may be looked at. */
interface Scope {
  readonly root: unknown;
  left: number;
}

/**
 * The types of a parameter, as far as `type`, `enum`, `const`, `nullable`, `anyOf`, `oneOf`, `allOf` and `$ref` give
 * them. Where nothing is said of it every type is allowed.
 *
 * @returns null where the schema has no such parameter
 */
export function typesOfParameter(schema: unknown, name: string): ValueTypes | null {
  const scope: Scope = { root: schema, left: MAX_SCHEMAS };
  const found = schemasOf(schema, name, scope, []);
  return found.length === 0 ? null : anyOf(found.map((one) => typesOf(one, scope, [])));
}

/** All schemas of a property, through whatever the schema of the object refers to or is combined of. */
function schemasOf(schema: unknown, name: string, scope: Scope, seen: readonly unknown[]): unknown[] {
  if (!isObject(schema) || seen.includes(schema) || --scope.left < 0) return [];
  const path = [...seen, schema];
  const found: unknown[] = [];
  const properties = field(schema, "properties");
  if (isObject(properties) && Object.hasOwn(properties, name)) found.push(field(properties, name));
  for (const other of [...combined(schema), ...referred(schema, scope)]) {
    found.push(...schemasOf(other, name, scope, path));
  }
  const more = field(schema, "additionalProperties");
  if (found.length === 0 && (isObject(more) || more === true)) found.push(more);
  return found;
}

function typesOf(schema: unknown, scope: Scope, seen: readonly unknown[]): ValueTypes {
  if (!isObject(schema) || seen.includes(schema) || --scope.left < 0) return ANY;
  const path = [...seen, schema];
  const own: ValueTypes[] = [ownTypes(schema)];
  for (const key of ["anyOf", "oneOf"]) {
    const ways = field(schema, key);
    if (Array.isArray(ways) && ways.length > 0) own.push(anyOf(ways.map((way) => typesOf(way, scope, path))));
  }
  const all = field(schema, "allOf");
  for (const other of [...(Array.isArray(all) ? all : []), ...referred(schema, scope)]) {
    own.push(typesOf(other, scope, path));
  }
  const both = own.reduce(allOf);
  const isNullable = field(schema, "nullable") === true;
  return isNullable ? { types: new Set([...both.types, "null"]), texts: both.texts } : both;
}

/** What a schema says by itself. */
function ownTypes(schema: object): ValueTypes {
  const type = field(schema, "type");
  const named = (Array.isArray(type) ? type : [type]).flatMap((one) => {
    const name = typeof one === "string" ? one.toLowerCase() : "";
    return ALL.filter((known) => known === name);
  });
  const values = field(schema, "enum");
  const constant = Object.hasOwn(schema, "const") ? [field(schema, "const")] : null;
  const allowed = constant ?? (Array.isArray(values) ? values : null);
  const byType: ValueTypes = named.length === 0 ? ANY : { types: new Set(named), texts: null };
  if (allowed === null) return byType;
  const texts = allowed.filter((value) => typeof value === "string");
  return allOf(byType, { types: new Set(allowed.map((value) => typeOf(value))), texts: new Set(texts) });
}

function typeOf(value: unknown): ValueType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  const type = typeof value;
  return type === "boolean" || type === "number" || type === "string" ? type : "object";
}

function anyOf(all: readonly ValueTypes[]): ValueTypes {
  const texts = all.filter(({ types }) => types.has("string")).map((one) => one.texts);
  const isOpen = texts.includes(null);
  return {
    types: new Set(all.flatMap(({ types }) => [...types])),
    texts: isOpen ? null : new Set(texts.flatMap((some) => [...(some ?? [])])),
  };
}

/** Whole numbers are numbers. */
function allOf(a: ValueTypes, b: ValueTypes): ValueTypes {
  const fits = (type: ValueType, { types }: ValueTypes) =>
    types.has(type) ||
    (type === "integer" && types.has("number")) ||
    (type === "number" && types.has("integer"));
  const types = new Set(
    ALL.filter((type) => (a.types.has(type) && fits(type, b)) || (b.types.has(type) && fits(type, a))),
  );
  // What contradicts itself says nothing.
  if (types.size === 0) return ANY;
  if (a.texts === null || b.texts === null) return { types, texts: a.texts ?? b.texts };
  const { texts } = b;
  return { types, texts: new Set([...a.texts].filter((text) => texts.has(text))) };
}

/** The schemas that one is combined of. */
function combined(schema: object): unknown[] {
  return ["allOf", "anyOf", "oneOf"].flatMap((key) => {
    const ways = field(schema, key);
    return Array.isArray(ways) ? (ways as unknown[]) : [];
  });
}

/** The schema that a `$ref` points to, by a pointer into the document or an anchor; none where it points elsewhere. */
function referred(schema: object, scope: Scope): unknown[] {
  const reference = field(schema, "$ref") ?? field(schema, "$dynamicRef");
  if (typeof reference !== "string" || !reference.startsWith("#")) return [];
  const pointer = decoded(reference.slice(1));
  if (pointer !== "" && !pointer.startsWith("/")) return anchored(scope.root, pointer, scope);
  let target: unknown = scope.root;
  for (const step of pointer.split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    target = isObject(target) && Object.hasOwn(target, key) ? field(target, key) : undefined;
  }
  return isObject(target) ? [target] : [];
}

/** What has that `$anchor`, among the definitions. */
function anchored(root: unknown, name: string, scope: Scope): unknown[] {
  if (!isObject(root)) return [];
  const all = [root, ...["$defs", "definitions"].flatMap((key) => Object.values(field(root, key) ?? {}))];
  scope.left -= all.length;
  return all.filter(
    (one) => isObject(one) && (field(one, "$anchor") === name || field(one, "$dynamicAnchor") === name),
  );
}

function decoded(pointer: string): string {
  try {
    return decodeURIComponent(pointer);
  } catch {
    return pointer;
  }
}

function field(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
