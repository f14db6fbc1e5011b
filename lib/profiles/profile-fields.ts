/** Fields of a profile's JSON, read with errors that name the file, the field, what was expected and what came. */
import { describe, errorAbout, type OpenVinoLlmError } from "../errors/errors.js";

const MAX_TEXT_LENGTH = 500;
/** Levels, instruction sets: no list of a profile is longer. */
const MAX_LIST_LENGTH = 64;

/** An ERR_PROFILE about a file. The problem is a whole sentence. */
export function profileError(file: string, problem: string, cause?: unknown): OpenVinoLlmError {
  const advice = "Make the profile again with openvino-llm-bench tune, or load without it.";
  return errorAbout("ERR_PROFILE", file, problem, advice, cause);
}

/** The range of a number; both ends count. */
interface Range {
  readonly min: number;
  readonly max: number;
}

/** An object of a profile whose fields are taken one by one. */
export class ProfileFields {
  readonly #file: string;
  readonly #path: string;
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #taken = new Set<string>();

  /** @throws OpenVinoLlmError ERR_PROFILE where the value is no object */
  constructor(file: string, path: string, value: unknown) {
    this.#file = file;
    this.#path = path;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw profileError(
        file,
        `Expected an object${path && ` for ${path}`} but received ${describe(value)}.`,
      );
    }
    this.#fields = new Map(Object.entries(value));
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** @throws OpenVinoLlmError ERR_PROFILE for a field that nobody has taken */
  end(): void {
    const unknown = [...this.#fields.keys()].find((name) => !this.#taken.has(name));
    if (unknown === undefined) return;
    const known = this.#taken.size === 0 ? "no fields" : `only the fields ${[...this.#taken].join(", ")}`;
    throw profileError(
      this.#file,
      `Expected ${known} but received ${describe(this.#nameOf(unknown.slice(0, 60)))}.`,
    );
  }

  refusal(name: string, expected: string, received: unknown): OpenVinoLlmError {
    const field = this.#nameOf(name);
    return profileError(this.#file, `Expected ${expected} for ${field} but received ${describe(received)}.`);
  }

  object<Value>(name: string, read: (fields: ProfileFields) => Value): Value {
    return inside(new ProfileFields(this.#file, this.#nameOf(name), this.#take(name)), read);
  }

  /** A line of text without control characters, which a terminal would obey. */
  text(name: string): string {
    const value = this.#take(name);
    if (typeof value === "string" && value.length <= MAX_TEXT_LENGTH && /^[^\p{C}]*$/u.test(value))
      return value;
    throw this.refusal(name, `a line of text of at most ${MAX_TEXT_LENGTH} characters`, value);
  }

  matching(name: string, pattern: RegExp, expected: string): string {
    const value = this.#take(name);
    if (typeof value === "string" && value.length <= MAX_TEXT_LENGTH && pattern.test(value)) return value;
    throw this.refusal(name, expected, value);
  }

  boolean(name: string): boolean {
    const value = this.#take(name);
    if (typeof value === "boolean") return value;
    throw this.refusal(name, "true or false", value);
  }

  integer(name: string, { min, max }: Range): number {
    const value = this.#take(name);
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max)
      return value + 0;
    throw this.refusal(name, `an integer from ${min} to ${max}`, value);
  }

  number(name: string, { min, max }: Range): number {
    const value = this.#take(name);
    if (typeof value === "number" && value >= min && value <= max) return value + 0;
    throw this.refusal(name, `a number from ${min} to ${max}`, value);
  }

  choice<const Choice extends string | number>(name: string, choices: readonly Choice[]): Choice {
    const value = this.#take(name);
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    throw this.refusal(name, choices.map((choice) => JSON.stringify(choice)).join(" or "), value);
  }

  list<Value>(name: string, read: (item: ProfileFields, index: string) => Value): Value[] {
    const value = this.#take(name);
    if (!Array.isArray(value) || value.length > MAX_LIST_LENGTH) {
      throw this.refusal(name, `a list of at most ${MAX_LIST_LENGTH}`, value);
    }
    const items = new ProfileFields(this.#file, this.#nameOf(name), { ...value });
    return value.map((_, index) => read(items, String(index)));
  }

  nullable<Value>(name: string, read: (name: string) => Value): Value | null {
    if (this.#fields.get(name) !== null) return read(name);
    this.#taken.add(name);
    return null;
  }

  /** The field alone, in an object of its own, so that an absent one stays absent. */
  optional<const Name extends string, Value>(
    name: Name,
    read: (name: Name) => Value,
  ): { readonly [Key in Name]?: Value } {
    this.#taken.add(name);
    // A computed key loses its name in TypeScript.
    return this.has(name) ? ({ [name]: read(name) } as { readonly [Key in Name]?: Value }) : {};
  }

  #take(name: string): unknown {
    this.#taken.add(name);
    if (this.#fields.has(name)) return this.#fields.get(name);
    throw profileError(this.#file, `Expected the field ${this.#nameOf(name)} but received none.`);
  }

  #nameOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }
}

/** What is read of an object, all of whose fields must have been read then. */
export function inside<Value>(fields: ProfileFields, read: (fields: ProfileFields) => Value): Value {
  const value = read(fields);
  fields.end();
  return value;
}
