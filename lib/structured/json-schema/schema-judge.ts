/** Answers held against a JSON Schema, in a bounded number of steps. */
import { format, Validator, type ValidationResult } from "@cfworker/json-schema";
import { describe } from "../../errors/errors.js";
import { LinearPattern, WorkLimit } from "../patterns/linear-pattern.js";
import { UnsupportedPattern } from "../patterns/parse-pattern.js";
import { checkReferences, withPlainReferences } from "./references.js";
import { isSchemaObject, visitSchemas, type SchemaObject } from "./visit-schemas.js";

/** Steps of one judgement: some tenths of a second. */
const MAX_STEPS = 20_000_000;
/** What it costs to hold one value against one schema, and against each property by expression, in steps of expressions. */
const STEPS_OF_A_VISIT = 50;

/** Properties by expression, of one schema. */
interface NamedByPattern {
  readonly schema: SchemaObject;
  /** As its user wrote them. */
  readonly properties: SchemaObject;
  readonly patterns: readonly (readonly [LinearPattern, unknown])[];
  /** Names in the value that the expressions match. */
  names: number;
}

/**
 * A validator whose regular expressions take linear time. That of the library runs JavaScript's own, for which a short
 * expression can take for ever. So `pattern` becomes a format of ours, and `patternProperties` become, for each value,
 * properties with the names that there are.
 */
export class SchemaJudge {
  readonly #validator: Validator;
  readonly #patterns = new Map<string, LinearPattern>();
  readonly #named: NamedByPattern[] = [];
  #limit = new WorkLimit(0);

  /**
   * @param schemaText the schema as JSON
   * @throws Error with what is wrong with the schema, as a clause
   */
  constructor(schemaText: string) {
    const schema = withPlainReferences(JSON.parse(schemaText) as SchemaObject);
    const { $schema } = schema;
    const isDraft7 = typeof $schema === "string" && /draft-0?7/.test($schema);
    const found: SchemaObject[] = [];
    visitSchemas(schema, (part) => found.push(part));
    checkReferences(schema);
    // Before it is changed, because references may point into what is.
    this.#validator = new Validator(schema, isDraft7 ? "7" : "2020-12");
    for (const part of found) this.#prepare(part);
  }

  /** @throws Error where nothing can be said of the value */
  judge(value: unknown): ValidationResult {
    const limit = new WorkLimit(MAX_STEPS);
    this.#limit = limit;
    const names = this.#named.length === 0 ? [] : namesIn(value);
    for (const named of this.#named) {
      const found = propertiesByPattern(named, names, limit);
      named.names = found.length;
      named.schema["properties"] = { ...named.properties, ...Object.fromEntries(found) };
    }
    for (const [name, pattern] of this.#patterns) format[name] = (text) => pattern.test(text, limit);
    try {
      return this.#validator.validate(value);
    } finally {
      for (const name of this.#patterns.keys()) delete format[name];
    }
  }

  #prepare(schema: SchemaObject): void {
    const { pattern, patternProperties, format: name, $recursiveRef } = schema;
    if (pattern !== undefined) {
      if (typeof pattern !== "string")
        throw new Error(`Expected a regular expression as a string but received ${describe(pattern)}.`);
      const own = `pattern ${pattern}`;
      this.#patterns.set(own, patternOf(pattern));
      delete schema["pattern"];
      schema["allOf"] = [...asList(schema["allOf"]), { format: own }];
    }
    let named: NamedByPattern | undefined;
    if (patternProperties !== undefined) {
      if (!isSchemaObject(patternProperties))
        throw new Error(
          `Expected an object as patternProperties but received ${describe(patternProperties)}.`,
        );
      const patterns = Object.entries(patternProperties).map(
        ([text, part]) => [patternOf(text), part] as const,
      );
      const { properties } = schema;
      named = { schema, properties: isSchemaObject(properties) ? properties : {}, patterns, names: 0 };
      this.#named.push(named);
      delete schema["patternProperties"];
    }
    // No format of JSON Schema's; its expression takes exponential time, and that of "uri" does not.
    if (name === "url") schema["format"] = "uri";
    else if (typeof name === "string" && !Object.hasOwn(format, name)) delete schema["format"];
    // The validator reads this of every schema that it holds a value against.
    if ($recursiveRef === undefined) {
      const get = (): void => this.#limit.spend(STEPS_OF_A_VISIT * (1 + (named?.names ?? 0)));
      Object.defineProperty(schema, "$recursiveRef", { get });
    }
  }
}

function patternOf(pattern: string): LinearPattern {
  try {
    return new LinearPattern(pattern);
  } catch (error) {
    throw new Error(`The pattern ${describe(pattern)} ${whyRefused(error)}`, { cause: error });
  }
}

function whyRefused(error: unknown): string {
  const { message } = error as Error;
  // JavaScript's message has the whole expression in it, and the reason behind.
  if (!(error instanceof UnsupportedPattern))
    return `is not a regular expression of JavaScript: ${message.split(": ").at(-1)}.`;
  return `cannot be checked in linear time: ${message}. Write it without, or check that part of the answer yourself.`;
}

/** The names that expressions match, each with what is then asked of its value. */
function propertiesByPattern(
  { properties, patterns }: NamedByPattern,
  names: readonly string[],
  limit: WorkLimit,
): [string, SchemaObject][] {
  return names.flatMap((name): [string, SchemaObject][] => {
    const parts = patterns.flatMap(([pattern, part]) => (pattern.test(name, limit) ? [part] : []));
    if (parts.length === 0) return [];
    const own = Object.hasOwn(properties, name) ? [properties[name]] : [];
    return [[name, { allOf: [...own, ...parts] }]];
  });
}

/** All names of properties in a value, each once. */
function namesIn(value: unknown): string[] {
  const names = new Set<string>();
  const left = [value];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part !== "object" || part === null) continue;
    for (const [name, inside] of Object.entries(part)) {
      if (!Array.isArray(part)) names.add(name);
      left.push(inside);
    }
  }
  return [...names];
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
