/** Schemas that a value has to fit all together, with what they refer to. */
import { describe } from "../../errors/errors.js";
import { referenceTargets } from "../json-schema/references.js";
import { WorkLimit } from "../patterns/linear-pattern.js";
import { isSchemaObject, type SchemaObject } from "../json-schema/visit-schemas.js";
import { ASSERTIONS } from "./keywords.js";

/** Names that an object must not have; in schemas that stand for one branch of another. */
export const ABSENT = Symbol("absent");

/** Schemas that are looked at, those within others again for each set of branches: some seconds. */
const MAX_STEPS = 1_000_000;
/** Sets that one schema's branches make. */
const MAX_ALTERNATIVES = 64;

/** A schema among others: a choice between lists of schemas. */
type Choice = readonly (readonly unknown[])[];

/** What a schema consists of, seen as sets of schemas. */
export class SchemaSets {
  readonly #targets: ReadonlyMap<SchemaObject, unknown>;
  readonly #isDraft7: boolean;
  readonly #ids = new Map<SchemaObject, number>();
  readonly #choices = new Map<SchemaObject, readonly Choice[]>();
  readonly #limit = new WorkLimit(MAX_STEPS);

  /** @throws Error with a reference that points to nothing, as a clause */
  constructor(root: SchemaObject) {
    this.#targets = referenceTargets(root);
    this.#isDraft7 = typeof root["$schema"] === "string" && /draft-0?7/.test(root["$schema"]);
  }

  /**
   * The schemas that ask something of a value where all of these hold: those referred to, and those of `allOf`.
   *
   * @returns null where no value fits
   * @throws Error for a schema that is nothing but a part of itself
   */
  flat(schemas: readonly unknown[]): readonly SchemaObject[] | null {
    const found = new Set<SchemaObject>();
    const done = new Set<SchemaObject>();
    const isPossible = schemas.every((schema) => this.#collect(schema, found, done, new Set()));
    return isPossible ? [...found] : null;
  }

  /** A name for a set. */
  keyOf(schemas: readonly SchemaObject[]): string {
    return schemas
      .map((schema) => {
        const id = this.#ids.get(schema) ?? this.#ids.size;
        this.#ids.set(schema, id);
        return id;
      })
      .join(",");
  }

  /**
   * The sets of which a value fits one where it fits this one: without choices.
   *
   * @param checkedAfter takes the keywords that this says nothing of
   */
  alternatives(schemas: readonly SchemaObject[], checkedAfter: Set<string>): (readonly SchemaObject[])[] {
    let all = [
      { members: schemas, open: schemas.flatMap((schema) => this.#choicesOf(schema, checkedAfter)) },
    ];
    while (all.some(({ open }) => open.length > 0)) {
      const next: typeof all = [];
      for (const { members, open } of all) {
        const [choice, ...rest] = open;
        if (choice === undefined) next.push({ members, open });
        else if (all.length > 1 && all.length * choice.length > MAX_ALTERNATIVES) {
          checkedAfter.add("many branches");
          next.push({ members, open: rest });
        } else {
          for (const option of choice) {
            const added = this.flat(option)?.filter((schema) => !members.includes(schema));
            if (added === undefined) continue;
            const more = added.flatMap((schema) => this.#choicesOf(schema, checkedAfter));
            next.push({ members: [...members, ...added], open: [...rest, ...more] });
          }
        }
      }
      all = next;
    }
    return all.map(({ members }) => members);
  }

  /** Whether it leaves a choice between other schemas. */
  hasChoices(schema: SchemaObject): boolean {
    return (this.#choices.get(schema)?.length ?? 0) > 0;
  }

  #collect(
    schema: unknown,
    found: Set<SchemaObject>,
    done: Set<SchemaObject>,
    path: Set<SchemaObject>,
  ): boolean {
    this.#limit.spend(1);
    if (schema === false) return false;
    if (!isSchemaObject(schema)) return true;
    if (path.has(schema)) throw new Error("A schema is nothing but a part of itself.");
    if (done.has(schema)) return true;
    path.add(schema);
    const target = this.#targets.get(schema);
    const isReferenceAlone = this.#isDraft7 && target !== undefined;
    const isAsking = ABSENT in schema || ASSERTIONS.some((keyword) => schema[keyword] !== undefined);
    if (isAsking && !isReferenceAlone) found.add(schema);
    const inside = isReferenceAlone ? [target] : [target, ...listOf(schema, "allOf")];
    const isPossible = inside.every((part) => this.#collect(part, found, done, path));
    path.delete(schema);
    done.add(schema);
    return isPossible;
  }

  #choicesOf(schema: SchemaObject, checkedAfter: Set<string>): readonly Choice[] {
    const known = this.#choices.get(schema);
    if (known !== undefined) return known;
    const choices: Choice[] = [];
    const { anyOf, oneOf, if: condition, then = true, else: otherwise = true } = schema;
    if (anyOf !== undefined) choices.push(listOf(schema, "anyOf").map((option) => [option]));
    if (oneOf !== undefined) {
      const options = listOf(schema, "oneOf");
      choices.push(options.map((option) => [option]));
      if (!this.#areApart(options)) checkedAfter.add("oneOf");
    }
    if (condition !== undefined && (then !== true || otherwise !== true)) {
      choices.push([[condition, then], [otherwise]]);
      checkedAfter.add("if");
    }
    for (const keyword of ["dependencies", "dependentRequired", "dependentSchemas"] as const) {
      for (const [name, needed] of Object.entries(objectOf(schema, keyword))) {
        const isThere = { type: "object", required: Array.isArray(needed) ? [name, ...needed] : [name] };
        const absent = { [ABSENT]: [name] } as unknown as SchemaObject;
        choices.push([[absent], Array.isArray(needed) ? [isThere] : [isThere, needed]]);
      }
    }
    this.#choices.set(schema, choices);
    return choices;
  }

  /** Whether no value fits two of them, as far as their types and the constants of their properties show. */
  #areApart(options: readonly unknown[]): boolean {
    const signs = options.map((option) => this.#signsOf(option));
    return signs.every((one, index) =>
      signs.slice(index + 1).every((other) => {
        if (![...one.types].some((type) => other.types.has(type))) return true;
        return [...one.constants].some(([name, value]) => (other.constants.get(name) ?? value) !== value);
      }),
    );
  }

  #signsOf(option: unknown): { types: ReadonlySet<string>; constants: ReadonlyMap<string, string> } {
    const all = new Set(["null", "boolean", "number", "string", "array", "object"]);
    const constants = new Map<string, string>();
    for (const schema of this.flat([option]) ?? [{ type: [] }]) {
      const own = new Set(typesOf(schema)?.map((type) => (type === "integer" ? "number" : type)) ?? all);
      if (schema["const"] !== undefined) constants.set("", JSON.stringify(schema["const"]));
      for (const type of all) if (!own.has(type)) all.delete(type);
      const required = new Set(listOf(schema, "required"));
      for (const [name, property] of Object.entries(objectOf(schema, "properties"))) {
        if (!required.has(name) || !own.has("object") || own.size > 1) continue;
        for (const part of this.flat([property]) ?? [])
          if (part["const"] !== undefined) constants.set(`.${name}`, JSON.stringify(part["const"]));
      }
    }
    return { types: all, constants };
  }
}

/** Keywords whose schemas see the same value, and may say something of a part of it. */
const IN_PLACE = [
  "allOf",
  "anyOf",
  "oneOf",
  "if",
  "not",
  "$ref",
  "$recursiveRef",
  "dependentSchemas",
  "dependencies",
];

/**
 * What a schema says of the parts that it does not name: by `keyword`, or else by `unevaluated`, where that means the same.
 * Behind other schemas for the same value it depends on them, and on their branches: that is left to the check.
 */
export function restBy(
  schema: SchemaObject,
  keyword: string,
  unevaluated: string,
  checkedAfter: Set<string>,
): unknown {
  const { [keyword]: own, [unevaluated]: unseen } = schema;
  if (own !== undefined || unseen === undefined) return own;
  if (IN_PLACE.every((other) => schema[other] === undefined)) return unseen;
  checkedAfter.add(unevaluated);
  return undefined;
}

/** The types that a schema names; undefined where it names none. */
export function typesOf(schema: SchemaObject): readonly string[] | undefined {
  const { type } = schema;
  if (type === undefined) return undefined;
  const names: unknown[] = Array.isArray(type) ? type : [type];
  const unknown = names.find((name) => typeof name !== "string" || !TYPES.has(name));
  if (unknown !== undefined) throw new Error(`Expected a type of JSON but received ${describe(unknown)}.`);
  return names as string[];
}

const TYPES = new Set(["null", "boolean", "number", "integer", "string", "array", "object"]);

/** @throws Error where it is there and no list */
export function listOf(schema: SchemaObject, keyword: string): readonly unknown[] {
  const { [keyword]: value = [] } = schema;
  if (Array.isArray(value)) return value;
  throw new Error(`Expected a list as ${keyword} but received ${describe(value)}.`);
}

/** @throws Error where it is there and no object */
export function objectOf(schema: SchemaObject, keyword: string): SchemaObject {
  const { [keyword]: value = {} } = schema;
  if (isSchemaObject(value)) return value;
  throw new Error(`Expected an object as ${keyword} but received ${describe(value)}.`);
}

/** @throws Error where it is there and no number */
export function numberOf(schema: SchemaObject, keyword: string): number | undefined {
  const { [keyword]: value } = schema;
  if (value === undefined || typeof value === "number") return value;
  throw new Error(`Expected a number as ${keyword} but received ${describe(value)}.`);
}
