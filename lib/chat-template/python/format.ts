/** "…".format(…) and "…" % …, of which templates use little. */
import { failed } from "../template-error.js";
import { fixed, reprOf, textOf } from "./text.js";
import {
  Dict,
  integerOf,
  lengthOfText,
  numberOf,
  Sequence,
  typeName,
  Undefined,
  type NamedArguments,
  type Value,
} from "./values.js";
import type { Work } from "../work.js";

const FIELD = /\{\{|\}\}|\{([^{}!:]*)(?:!([rs]))?(?::([^{}]*))?\}|[{}]/g;
const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(0)?(\d+)?(,)?(?:\.(\d+))?([a-zA-Z%])?$/su;
const PERCENT = /%(?:\((\w+)\))?([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;
/** Wider or more precise than any prompt asks for. */
const MAX_WIDTH = 10_000;

/** What stands behind a dot, or in brackets. */
export type Follow = (value: Value, key: string | number, isAttribute: boolean) => Value;

/** str.format(). @throws TemplateError */
export function formatBraces(
  text: string,
  args: readonly Value[],
  named: NamedArguments,
  follow: Follow,
  work: Work,
): string {
  let next = 0;
  return text.replaceAll(FIELD, (field, path?: string, conversion?: string, spec = "") => {
    if (field === "{{" || field === "}}") return field.charAt(0);
    if (path === undefined) throw failed(`a format has a single '${field}'`);
    const [, name = "", rest = ""] = /^([^.[]*)(.*)$/s.exec(path) ?? [];
    const place = name === "" ? next++ : /^\d+$/.test(name) ? Number(name) : undefined;
    const found = place === undefined ? named.get(name) : args[place];
    if (found === undefined) throw failed(`a format asks for '${name || place}', which is not given`);
    const value = followed(found, rest, follow);
    return work.made(formatted(conversion === "r" ? reprOf(value, work) : value, spec, work));
  });
}

/** `.name[key]` behind a field's name. */
function followed(value: Value, path: string, follow: Follow): Value {
  for (const [, name, key] of path.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
    if (name !== undefined) value = follow(value, name, true);
    else if (key !== undefined) value = follow(value, /^\d+$/.test(key) ? Number(key) : key, false);
  }
  return value;
}

function formatted(value: Value, spec: string, work: Work): string {
  if (spec === "") return textOf(value, work);
  const found = SPEC.exec(spec);
  if (found === null) throw failed(`the format '${spec}' is not known`);
  const [, fill = " ", align, sign = "", zero, width = "0", comma, precision, type] = found;
  const number = typeof value === "string" ? undefined : numberOf(value);
  let text =
    number === undefined
      ? textOf(value, work).slice(0, precision === undefined ? undefined : limited(precision))
      : numberIn(value, number, type, precision === undefined ? undefined : limited(precision), work);
  if (comma !== undefined) text = text.replace(/\d+/, (digits) => digits.replaceAll(/\B(?=(\d{3})+$)/g, ","));
  if (number !== undefined && number >= 0 && (sign === "+" || sign === " ")) text = sign + text;
  const missing = Math.max(0, limited(width) - lengthOfText(text));
  if (zero !== undefined && align === undefined)
    return text.replace(/^[-+ ]?/, (begin) => begin + "0".repeat(missing));
  const side = align ?? (number === undefined ? "<" : ">");
  const left = side === "<" ? 0 : side === "^" ? Math.floor(missing / 2) : missing;
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

function numberIn(
  value: Value,
  number: number,
  type: string | undefined,
  precision: number | undefined,
  work: Work,
): string {
  switch (type) {
    case undefined:
      return precision === undefined
        ? textOf(value, work)
        : String(Number(number.toPrecision(precision || 1)));
    case "d":
      if (integerOf(value) === undefined) throw failed(`a ${typeName(value)} is formatted as an integer`);
      return String(number);
    case "f":
    case "F":
      return fixed(number, Math.min(precision ?? 6, 99));
    case "e":
      return number.toExponential(Math.min(precision ?? 6, 100)).replace(/e([+-])(\d)$/, "e$10$2");
    case "g":
      return String(Number(number.toPrecision(Math.min(precision || 6, 100))));
    case "%":
      return `${fixed(number * 100, Math.min(precision ?? 6, 99))}%`;
    case "x":
    case "X": {
      const digits = number.toString(16);
      return type === "X" ? digits.toUpperCase() : digits;
    }
    case "o":
    case "b":
      return number.toString(type === "o" ? 8 : 2);
    default:
      throw failed(`the format '${type}' is not known`);
  }
}

function limited(digits: string): number {
  const number = Number(digits);
  if (number > MAX_WIDTH) throw failed(`a format asks for a width of ${digits}`);
  return number;
}

/** `text % values`. @throws TemplateError */
export function formatPercent(text: string, values: Value, work: Work): string {
  const args = values instanceof Sequence && values.kind === "tuple" ? values.items : [values];
  let next = 0;
  const made = text.replaceAll(
    PERCENT,
    (_, key?: string, flags = "", width = "", precision?: string, type = "") => {
      if (type === "%") return "%";
      const value = key === undefined ? args[next++] : values instanceof Dict ? values.get(key) : undefined;
      if (value === undefined) throw failed("a format asks for more than it is given");
      if (value instanceof Undefined && type !== "s" && type !== "r") value.fail();
      const align = flags.includes("-") ? "<" : "";
      const spec = `${align}${flags.includes("+") ? "+" : ""}${flags.includes("0") && !align ? "0" : ""}${width}`;
      const digits = precision === undefined ? "" : `.${precision}`;
      if (type === "s" || type === "r") {
        const whole = type === "r" ? reprOf(value, work) : textOf(value, work);
        return work.made(formatted(whole, `${align || ">"}${width}${digits}`, work));
      }
      const number = numberOf(value);
      if (number === undefined) throw failed(`a ${typeName(value)} is formatted as a number`);
      const isWhole = type === "d" || type === "i" || type === "u";
      return work.made(
        formatted(isWhole ? Math.trunc(number) : value, spec + digits + (isWhole ? "d" : type), work),
      );
    },
  );
  const usesNames = /%\(/.test(text);
  if (!usesNames && next < args.length && !(values instanceof Dict))
    throw failed("a format is given more than it asks for");
  return made;
}
