/** Filters of numbers. */
import { integerArgument, take, textArgument } from "../python/arguments.js";
import { strip } from "../python/spaces.js";
import { fixed } from "../python/text.js";
import { failed } from "../template-error.js";
import {
  Float,
  float,
  integer,
  isFloat,
  numberOf,
  typeName,
  Undefined,
  type Value,
} from "../python/values.js";
import type { Filter } from "./runtime.js";

const DIGITS: Readonly<Record<number, RegExp>> = {
  2: /^[-+]?(?:0[bB])?[01]+$/,
  8: /^[-+]?(?:0[oO])?[0-7]+$/,
  10: /^[-+]?\d+(?:_\d+)*$/,
  16: /^[-+]?(?:0[xX])?[\da-fA-F]+$/,
};
const FLOAT =
  /^[-+]?(?:(?:\d+(?:_\d+)*)?\.?\d+(?:_\d+)*|\d+(?:_\d+)*\.)(?:[eE][-+]?\d+)?$|^[-+]?(?:inf|infinity|nan)$/i;

/** What float() makes of a text; undefined for what is no number. */
function floatIn(text: string): number | undefined {
  const digits = strip(text);
  if (!FLOAT.test(digits)) return undefined;
  const number = Number(digits.replaceAll("_", ""));
  if (!Number.isNaN(number)) return number;
  if (/nan/i.test(digits)) return Number.NaN;
  return digits.startsWith("-") ? -Infinity : Infinity;
}

const int: Filter = (value, args, named) => {
  const [otherwise = 0, system] = take("int", ["default", "base"], args, named);
  if (value instanceof Undefined) return value.fail();
  const number = numberOf(value);
  if (number !== undefined) return Number.isFinite(number) ? integer(Math.trunc(number)) : otherwise;
  if (typeof value !== "string") return otherwise;
  const base = integerArgument("base", system, 10);
  const digits = strip(value);
  if (DIGITS[base]?.test(digits)) {
    const sign = digits.startsWith("-") ? -1 : 1;
    const bare = digits.replace(/^[-+]/, "").replaceAll("_", "");
    return integer(sign * Number.parseInt(base === 10 ? bare : bare.replace(/^0[bBoOxX]/, ""), base));
  }
  const whole = floatIn(value);
  return whole !== undefined && Number.isFinite(whole) ? integer(Math.trunc(whole)) : otherwise;
};

const toFloat: Filter = (value, args, named) => {
  const [otherwise = new Float(0)] = take("float", ["default"], args, named);
  if (value instanceof Undefined) return value.fail();
  const number = typeof value === "string" ? floatIn(value) : numberOf(value);
  return number === undefined ? otherwise : float(number);
};

const round: Filter = (value, args, named) => {
  const [precision, method] = take("round", ["precision", "method"], args, named);
  const digits = integerArgument("precision", precision, 0);
  const how = textArgument("method", method, "common");
  const number = numeric(value, "rounded");
  const scale = 10 ** digits;
  if (how === "ceil") return float(Math.ceil(number * scale) / scale);
  if (how === "floor") return float(Math.floor(number * scale) / scale);
  if (how !== "common") throw failed('round() goes by "common", "ceil" or "floor"');
  const rounded = roundedHalfEven(number, digits, scale);
  return isFloat(value) ? float(rounded) : rounded;
};

/** As Python rounds: to the even one of two that are as near. */
function roundedHalfEven(number: number, digits: number, scale: number): number {
  if (digits >= 0) return Number(fixed(number, Math.min(digits, 99)));
  const scaled = number * scale;
  const down = Math.floor(scaled);
  const isHalf = scaled - down === 0.5;
  return (isHalf ? down + (Math.abs(down) % 2) : Math.round(scaled)) / scale;
}

function numeric(value: Value, what: string): number {
  if (value instanceof Undefined) return value.fail();
  const number = numberOf(value);
  if (number === undefined) throw failed(`a '${typeName(value)}' is ${what}`);
  return number;
}

export const NUMBER_FILTERS: readonly (readonly [string, Filter])[] = [
  ["int", int],
  ["float", toFloat],
  ["round", round],
  [
    "abs",
    (value) => {
      const number = Math.abs(numeric(value, "taken for a number"));
      return isFloat(value) ? float(number) : number;
    },
  ],
];
