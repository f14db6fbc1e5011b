/** What a template computes with: Python's values. An integer is a number, and so is a float that is none. */
import { failed } from "../template-error.js";

/** Whatever an expression gives. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Float
  | Undefined
  | readonly Value[]
  | Sequence
  | Stream
  | Dict
  | Namespace
  | Loop
  | Func;

/** What can be a key of a dictionary. */
export type Key = null | boolean | number | string;

/** A float whose value is an integer, such as 2.0. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What is not there. It prints as nothing, and most of what else is done with it fails. */
export class Undefined {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }

  /** @throws TemplateError */
  fail(): never {
    throw failed(this.message);
  }
}

/** Values in a row that are no list. */
export class Sequence {
  readonly kind: "tuple" | "range" | "dict_keys" | "dict_values" | "dict_items";
  readonly items: readonly Value[];

  constructor(kind: Sequence["kind"], items: readonly Value[]) {
    this.kind = kind;
    this.items = items;
  }
}

/**
 * What Python's generators and iterators give: it can be gone through once, and has no length. Its items are made when they
 * are first asked for.
 */
export class Stream {
  readonly #make: () => readonly Value[];
  #items: readonly Value[] | undefined;
  #at = 0;

  constructor(make: () => readonly Value[]) {
    this.#make = make;
  }

  /** All that is left, which is then none. @throws TemplateError */
  take(): readonly Value[] {
    this.#items ??= this.#make();
    const left = this.#at === 0 ? this.#items : this.#items.slice(this.#at);
    this.#at = this.#items.length;
    return left;
  }

  /** The next one; undefined at the end. @throws TemplateError */
  next(): Value | undefined {
    this.#items ??= this.#make();
    return this.#items[this.#at++];
  }
}

/** A dictionary. */
export class Dict extends Map<Key, Value> {}

/** What `namespace()` gives: fields that a loop can set. */
export class Namespace {
  readonly fields: Dict;

  constructor(fields: Dict) {
    this.fields = fields;
  }
}

/** What `loop` is. */
export class Loop {
  index0 = 0;
  readonly items: readonly Value[];
  readonly depth0: number;
  /** Goes through a list of the same kind, in a recursive loop. */
  readonly recurse: ((items: Value) => Value) | null;
  /** What `loop.changed()` was last asked with. */
  asked: readonly Value[] | null = null;

  constructor(items: readonly Value[], depth0: number, recurse: Loop["recurse"]) {
    this.items = items;
    this.depth0 = depth0;
    this.recurse = recurse;
  }
}

/** Arguments of a call by name. */
export type NamedArguments = ReadonlyMap<string, Value>;

/** What can be called. */
export class Func {
  readonly name: string;
  readonly call: (args: readonly Value[], named: NamedArguments) => Value;

  constructor(name: string, call: Func["call"]) {
    this.name = name;
    this.call = call;
  }
}

export const NOT_NAMED: NamedArguments = new Map();

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function tuple(items: readonly Value[]): Sequence {
  return new Sequence("tuple", items);
}

/** What a calculation with a float gives. */
export function float(value: number): Value {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** What a calculation with integers gives. @throws TemplateError where JavaScript cannot hold it */
export function integer(value: number): number {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  throw failed("an integer beyond 2^53 is computed");
}

/** A number, or the number that a boolean is; undefined for anything else. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof Float ? value.value : undefined;
}

export function isFloat(value: Value): boolean {
  return value instanceof Float || (typeof value === "number" && !Number.isInteger(value));
}

/** An integer, or the one that a boolean is; undefined for anything else. */
export function integerOf(value: Value): number | undefined {
  return isFloat(value) ? undefined : numberOf(value);
}

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (typeof value === "string") return value !== "";
  if (value instanceof Float) return value.value !== 0;
  if (isList(value)) return value.length > 0;
  if (value instanceof Sequence) return value.items.length > 0;
  if (value instanceof Dict) return value.size > 0;
  return true;
}

/** The name of Python's type. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "str";
  if (isFloat(value)) return "float";
  if (typeof value === "number") return "int";
  if (value instanceof Undefined) return "Undefined";
  if (isList(value)) return "list";
  if (value instanceof Sequence) return value.kind;
  if (value instanceof Stream) return "generator";
  if (value instanceof Dict) return "dict";
  if (value instanceof Namespace) return "Namespace";
  return value instanceof Loop ? "LoopContext" : "function";
}

/** @throws TemplateError for what Python cannot hash */
export function keyOf(value: Value): Key {
  if (
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    typeof value === "number"
  ) {
    return value;
  }
  if (value instanceof Float) return value.value;
  throw failed(`a ${typeName(value)} is taken for a key`);
}

/** @throws TemplateError for what cannot be gone through */
export function iterate(value: Value): readonly Value[] {
  const items = itemsIn(value);
  if (items !== undefined) return items;
  throw failed(`a loop goes through '${typeName(value)}', which has no items`);
}

/** The items of whatever can be gone through; undefined for anything else. */
export function itemsIn(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value;
  if (typeof value === "string") return charactersOf(value);
  if (value instanceof Sequence) return value.items;
  if (value instanceof Stream) return value.take();
  if (value instanceof Dict) return [...value.keys()];
  return value instanceof Undefined ? [] : undefined;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Python's characters are code points. */
export function charactersOf(text: string): readonly string[] {
  return SURROGATE.test(text) ? Array.from(text) : text.split("");
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/** The number of Python's characters. */
export function lengthOfText(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1))) {
      length--;
      i++;
    }
  }
  return length;
}

/** @throws TemplateError for what has no length */
export function lengthOf(value: Exclude<Value, string>): number {
  if (isList(value)) return value.length;
  if (value instanceof Sequence) return value.items.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof Undefined) return 0;
  throw failed(`the length of a '${typeName(value)}' is asked for`);
}
