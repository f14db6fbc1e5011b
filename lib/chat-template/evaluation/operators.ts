/** Python's arithmetic. */
import type { BinaryOperator } from "../syntax/nodes.js";
import { formatPercent } from "../python/format.js";
import { failed } from "../template-error.js";
import {
  float,
  integer,
  integerOf,
  isFloat,
  isList,
  numberOf,
  Sequence,
  typeName,
  Undefined,
  type Value,
} from "../python/values.js";
import type { Work } from "../work.js";

/** @throws TemplateError */
export function binary(operator: BinaryOperator, left: Value, right: Value, work: Work): Value {
  if (left instanceof Undefined) return left.fail();
  if (operator === "%" && typeof left === "string") return work.made(formatPercent(left, right, work));
  if (right instanceof Undefined) return right.fail();
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) {
    return operator === "/" || isFloat(left) || isFloat(right)
      ? float(calculated(operator, a, b))
      : ofIntegers(operator, a, b);
  }
  if (operator === "+") return concatenated(left, right, work);
  if (operator === "*") {
    const times = integerOf(right);
    if (times !== undefined) return repeated(left, times, work);
    const count = integerOf(left);
    if (count !== undefined) return repeated(right, count, work);
  }
  throw failed(`'${typeName(left)}' ${operator} '${typeName(right)}' is computed`);
}

function ofIntegers(operator: BinaryOperator, a: number, b: number): Value {
  const result = calculated(operator, a, b);
  return operator === "**" && b < 0 ? float(result) : integer(result);
}

function calculated(operator: BinaryOperator, a: number, b: number): number {
  if (b === 0 && (operator === "/" || operator === "//" || operator === "%"))
    throw failed("a number is divided by zero");
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "//":
      return Math.floor(a / b);
    case "%": {
      const rest = a % b;
      return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
    }
    case "**":
      if (a === 0 && b < 0) throw failed("zero is raised to a negative power");
      return a ** b;
  }
}

/**
 * Texts behind one another. JavaScript does not copy them, so a text that grows by a little each time costs what it grows by;
 * who goes through it pays for that.
 */
export function joined(texts: readonly string[], work: Work): string {
  let [whole, longest] = ["", 0];
  for (const text of texts) {
    whole += text;
    longest = Math.max(longest, text.length);
  }
  work.read(whole.length - longest);
  return whole;
}

function concatenated(left: Value, right: Value, work: Work): Value {
  if (typeof left === "string" && typeof right === "string") return joined([left, right], work);
  if (isList(left) && isList(right)) {
    work.read((left.length + right.length) * 2);
    return left.concat(right);
  }
  if (
    left instanceof Sequence &&
    right instanceof Sequence &&
    left.kind === "tuple" &&
    right.kind === "tuple"
  ) {
    work.read(left.items.length + right.items.length);
    return new Sequence("tuple", [...left.items, ...right.items]);
  }
  throw failed(`'${typeName(left)}' + '${typeName(right)}' is computed`);
}

function repeated(value: Value, times: number, work: Work): Value {
  const count = Math.max(0, times);
  if (typeof value === "string") {
    work.read(value.length * count);
    return value.repeat(count);
  }
  const items = isList(value)
    ? value
    : value instanceof Sequence && value.kind === "tuple"
      ? value.items
      : undefined;
  if (items === undefined) throw failed(`a '${typeName(value)}' is repeated`);
  work.read(items.length * count);
  const all = Array.from({ length: count }, () => items).flat();
  return isList(value) ? all : new Sequence("tuple", all);
}

/** `-x`, `+x`. @throws TemplateError */
export function signed(sign: "+" | "-", value: Value): Value {
  if (value instanceof Undefined) return value.fail();
  const number = numberOf(value);
  if (number === undefined) throw failed(`${sign}'${typeName(value)}' is computed`);
  const result = sign === "-" ? -number : number;
  return isFloat(value) ? float(result) : integer(result);
}
