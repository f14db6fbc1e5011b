/** What `is` asks. */
import { take } from "../python/arguments.js";
import { areEqual, compare, contains } from "../python/compare.js";
import { textOf } from "../python/text.js";
import { failed } from "../template-error.js";
import {
  Dict,
  Func,
  integerOf,
  isFloat,
  isList,
  Loop,
  numberOf,
  Sequence,
  Stream,
  typeName,
  Undefined,
  type Value,
} from "../python/values.js";
import type { Work } from "../work.js";
import type { Test } from "./runtime.js";

function of(names: readonly string[], judge: (value: Value, work: Work) => boolean): [string, Test][] {
  return names.map((name): [string, Test] => [
    name,
    (value, args, named, { work }) => {
      take(name, [], args, named);
      return judge(value, work);
    },
  ]);
}

function withOther(
  names: readonly string[],
  judge: (value: Value, other: Value, work: Work) => boolean,
): [string, Test][] {
  return names.map((name): [string, Test] => [
    name,
    (value, args, named, { work }) => {
      const [other] = take(name, ["other"], args, named);
      if (other === undefined) throw failed(`the test '${name}' is given nothing to compare with`);
      return judge(value, other, work);
    },
  ]);
}

function rest(value: Value, by: Value): number {
  if (value instanceof Undefined) return value.fail();
  const [number, divisor] = [numberOf(value), numberOf(by)];
  if (number === undefined || divisor === undefined) throw failed(`a '${typeName(value)}' is divided`);
  if (divisor === 0) throw failed("a number is divided by zero");
  return number % divisor;
}

const isInteger = (value: Value): boolean => typeof value !== "boolean" && integerOf(value) !== undefined;

/** Whether Python can ask it for its length and its items. */
function isSequence(value: Value): boolean {
  if (value instanceof Sequence) return value.kind === "tuple" || value.kind === "range";
  return typeof value === "string" || isList(value) || value instanceof Dict || value instanceof Undefined;
}

function isIterable(value: Value): boolean {
  return isSequence(value) || value instanceof Sequence || value instanceof Stream || value instanceof Loop;
}

export const TESTS: ReadonlyMap<string, Test> = new Map([
  ...of(["defined"], (value) => !(value instanceof Undefined)),
  ...of(["undefined"], (value) => value instanceof Undefined),
  ...of(["none"], (value) => value === null),
  ...of(["boolean"], (value) => typeof value === "boolean"),
  ...of(["true"], (value) => value === true),
  ...of(["false"], (value) => value === false),
  ...of(["integer"], isInteger),
  ...of(["float"], isFloat),
  ...of(["number"], (value) => numberOf(value) !== undefined),
  ...of(["string"], (value) => typeof value === "string"),
  ...of(["mapping"], (value) => value instanceof Dict),
  ...of(["sequence"], isSequence),
  ...of(["iterable"], isIterable),
  ...of(["callable"], (value) => value instanceof Func || (value instanceof Loop && value.recurse !== null)),
  ...of(["lower"], (value, work) => {
    const text = work.made(textOf(value, work));
    return text === text.toLowerCase() && text !== text.toUpperCase();
  }),
  ...of(["upper"], (value, work) => {
    const text = work.made(textOf(value, work));
    return text === text.toUpperCase() && text !== text.toLowerCase();
  }),
  ...of(["odd"], (value) => Math.abs(rest(value, 2)) === 1),
  ...of(["even"], (value) => rest(value, 2) === 0),
  ...of(["escaped"], () => false),
  ...withOther(["divisibleby"], (value, by) => rest(value, by) === 0),
  ...withOther(["==", "eq", "equalto"], areEqual),
  ...withOther(["!=", "ne"], (value, other, work) => !areEqual(value, other, work)),
  ...withOther(["<", "lt", "lessthan"], (value, other, work) => compare(value, other, work) < 0),
  ...withOther(["<=", "le"], (value, other, work) => compare(value, other, work) <= 0),
  ...withOther([">", "gt", "greaterthan"], (value, other, work) => compare(value, other, work) > 0),
  ...withOther([">=", "ge"], (value, other, work) => compare(value, other, work) >= 0),
  ...withOther(["in"], (value, container, work) => contains(container, value, work)),
  ...withOther(["sameas"], (value, other) => value === other),
]);
