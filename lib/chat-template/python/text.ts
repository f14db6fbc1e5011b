/** Values as Python writes them: str() and repr(). */
import { Dict, Float, Func, isFloat, isList, Namespace, Sequence, Undefined, type Value } from "./values.js";
import type { Work } from "../work.js";

/** What an expression prints, and what filters of text take. */
export function textOf(value: Value, work: Work): string {
  if (typeof value === "string") return value;
  return work.made(value instanceof Undefined ? "" : reprOf(value, work));
}

export function reprOf(value: Value, work: Work): string {
  work.step();
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") {
    work.read(value.length * COST_OF_ESCAPES);
    return work.made(reprOfText(value));
  }
  if (value instanceof Float || typeof value === "number") return numberText(value);
  if (value instanceof Undefined) return "Undefined";
  return work.deeper(() => work.made(reprOfContainer(value, work)));
}

function reprOfContainer(value: Exclude<Value, null | boolean | string | number>, work: Work): string {
  const all = (items: readonly Value[]): string => items.map((item) => reprOf(item, work)).join(", ");
  if (isList(value)) return `[${all(value)}]`;
  if (value instanceof Dict) return reprOfDict(value, work);
  if (value instanceof Sequence) {
    const { kind, items } = value;
    if (kind === "tuple") return `(${all(items)}${items.length === 1 ? "," : ""})`;
    if (kind === "range") return reprOfRange(items);
    return `${kind}([${all(items)}])`;
  }
  if (value instanceof Namespace) return `<Namespace ${reprOfDict(value.fields, work)}>`;
  return value instanceof Func ? `<function ${value.name}>` : "<object>";
}

function reprOfDict(dict: Dict, work: Work): string {
  const entries = Array.from(dict, ([key, item]) => `${reprOf(key, work)}: ${reprOf(item, work)}`);
  return `{${entries.join(", ")}}`;
}

/** Of one that has no item or one, what it was made of is not kept. */
function reprOfRange(items: readonly Value[]): string {
  const [first, second] = [Number(items[0] ?? 0), Number(items[1] ?? Number(items[0] ?? 0) + 1)];
  const step = second - first;
  const end = items.length === 0 ? 0 : Number(items.at(-1)) + step;
  return `range(${first}, ${end}${step === 1 ? "" : `, ${step}`})`;
}

export function numberText(value: number | Float): string {
  const number = value instanceof Float ? value.value : value;
  if (isFloat(value)) return floatText(number);
  return Math.abs(number) < 1e21 ? String(number) : BigInt(number).toString();
}

/** The shortest text that distinguishes it from its neighbours, with an exponent from 1e16 on and below 1e-4. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e16 || size < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** As many as JavaScript writes, which is more than distinguish two numbers. */
const ALL_DIGITS = 100;

/** With so many digits behind the point, the even one of two that are as near, as Python rounds. */
export function fixed(value: number, digits: number): string {
  const exact = value.toFixed(ALL_DIGITS);
  const cut = exact.length - ALL_DIGITS + digits;
  const isHalfway = /^50*$/.test(exact.slice(cut));
  const down = exact.slice(0, digits === 0 ? cut - 1 : cut);
  return isHalfway && /[02468]$/.test(down) ? down : value.toFixed(digits);
}

/** Of a character that may have to be escaped, beside its look. */
const COST_OF_ESCAPES = 16;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\\": String.raw`\\`,
  "\n": String.raw`\n`,
  "\r": String.raw`\r`,
  "\t": String.raw`\t`,
};

function reprOfText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll(/[\\'\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (sign) => {
    if (sign === "'") return quote === "'" ? String.raw`\'` : sign;
    const short = SHORT_ESCAPES[sign];
    if (short !== undefined) return short;
    const code = sign.codePointAt(0) ?? 0;
    if (code < 0x100) return String.raw`\x${hex(code, 2)}`;
    return code < 0x10000 ? String.raw`\u${hex(code, 4)}` : String.raw`\U${hex(code, 8)}`;
  });
  return quote + escaped + quote;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
