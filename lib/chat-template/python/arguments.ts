/** The arguments of a function, a filter or a test, by the names that Python has for them. */
import { failed } from "../template-error.js";
import { integerOf, isTrue, typeName, type NamedArguments, type Value } from "./values.js";

/** What was given for each name; undefined for nothing. @throws TemplateError */
export function take(
  what: string,
  names: readonly string[],
  args: readonly Value[],
  named: NamedArguments,
): (Value | undefined)[] {
  if (args.length > names.length) {
    throw failed(`${what}() takes at most ${names.length} arguments but is given ${args.length}`);
  }
  for (const name of named.keys()) {
    const place = names.indexOf(name);
    if (place === -1) throw failed(`${what}() takes no argument '${name}'`);
    if (place < args.length) throw failed(`${what}() is given '${name}' twice`);
  }
  return names.map((name, i) => (i < args.length ? args[i] : named.get(name)));
}

/** @throws TemplateError */
export function textArgument(what: string, value: Value | undefined, otherwise?: string): string {
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (typeof value === "string") return value;
  throw failed(`${what} must be a text, not ${value === undefined ? "nothing" : typeName(value)}`);
}

/** @throws TemplateError */
export function integerArgument(what: string, value: Value | undefined, otherwise?: number): number {
  if (value === undefined && otherwise !== undefined) return otherwise;
  const number = value === undefined ? undefined : integerOf(value);
  if (number !== undefined) return number;
  throw failed(`${what} must be an integer, not ${value === undefined ? "nothing" : typeName(value)}`);
}

export function flagArgument(value: Value | undefined, otherwise = false): boolean {
  return value === undefined ? otherwise : isTrue(value);
}
