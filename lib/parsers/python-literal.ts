/** Python's literals, turned into JSON text as they come. */
import { isDigit, isHexDigit, isOfIdentifier, isSpace, jsonOfText } from "./characters.js";
import { MAX_JSON_DEPTH } from "./json-scanner.js";
import { END, peek, takeCharacter, takeWhile, takeWhitespace, type Reading } from "./reading.js";
import type { Source } from "./source.js";

/** Where JSON text goes. */
type Emit = (json: string) => void;

/** Python's constants and JSON's, as JSON has them. */
export const PYTHON_CONSTANTS: ReadonlyMap<string, string> = new Map([
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
  ["true", "true"],
  ["false", "false"],
  ["null", "null"],
]);

const CLOSING: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** What may stand behind a string: separators, brackets, and what delimiters begin with. */
const BEHIND_VALUE = ",:)]}<";

/** How many digits follow these escapes. */
const HEX_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Python itself refuses whole numbers with more digits. */
const MAX_DIGITS = 4300;

/** Reads the name of a function or an argument; "" where there is none. Dots and hyphens are taken as part of it. */
export function* readPythonIdentifier(source: Source): Reading<string> {
  const first = yield* peek(source);
  if (isDigit(first) || first === 0x2d || first === 0x2e) return "";
  return yield* takeWhile(source, isOfIdentifier, 256);
}

/**
 * Reads a string, number, constant, list, tuple or dictionary and passes it on as JSON.
 *
 * @returns false where it is something else, malformed or cut off; what was passed on may become valid JSON nevertheless
 */
export function* readPythonValue(source: Source, emit: Emit, depth = 1): Reading<boolean> {
  yield* takeWhitespace(source);
  const code = yield* peek(source);
  if (code === END) return false;
  const first = String.fromCharCode(code);
  if (first === "'" || first === '"') return yield* readString(source, first, emit);
  if (isDigit(code) || "+-.".includes(first)) return yield* readNumber(source, emit);
  const closing = CLOSING[first];
  if (closing !== undefined) {
    // The object around the arguments is one level already.
    return depth < MAX_JSON_DEPTH && (yield* readContainer(source, closing, emit, depth));
  }
  const constant = PYTHON_CONSTANTS.get(yield* readPythonIdentifier(source));
  if (constant === undefined) return false;
  emit(constant);
  return true;
}

function* readContainer(source: Source, closing: string, emit: Emit, depth: number): Reading<boolean> {
  source.take(1);
  const isDictionary = closing === "}";
  let separator = isDictionary ? "{" : "[";
  do {
    yield* takeWhitespace(source);
    if ((yield* peek(source)) === closing.charCodeAt(0)) break;
    emit(separator);
    separator = ",";
    if (isDictionary && !(yield* readKey(source, emit))) return false;
    if (!(yield* readPythonValue(source, emit, depth + 1))) return false;
    yield* takeWhitespace(source);
  } while (yield* takeCharacter(source, ","));
  if (!(yield* takeCharacter(source, closing))) return false;
  if (separator !== ",") emit(separator);
  emit(isDictionary ? "}" : "]");
  return true;
}

function* readKey(source: Source, emit: Emit): Reading<boolean> {
  const code = yield* peek(source);
  if (code !== 0x22 && code !== 0x27) return false;
  if (!(yield* readString(source, String.fromCharCode(code), emit))) return false;
  yield* takeWhitespace(source);
  emit(":");
  return yield* takeCharacter(source, ":");
}

function* readNumber(source: Source, emit: Emit): Reading<boolean> {
  let last = 0;
  const literal = yield* takeWhile(
    source,
    (code) => {
      const isSign = code === 0x2b || code === 0x2d;
      const fits = isSign ? last === 0 || last === 0x65 || last === 0x45 : isOfNumber(code);
      last = code;
      return fits;
    },
    MAX_DIGITS,
  );
  const json = jsonOfNumber(literal);
  if (json === null || isOfNumber(yield* peek(source))) return false;
  emit(json);
  return true;
}

/** JSON of one of Python's numbers, a whole one with all of its digits; null where it is none, or not finite. */
export function jsonOfNumber(literal: string): string | null {
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/.exec(literal) ?? [];
  if (!/^(?:[0-9a-z.]+_)*[0-9a-z.]+(?:[+-][0-9]+)?$/i.test(digits)) return null;
  const plain = digits.replaceAll("_", "").toLowerCase();
  const minus = sign === "-" ? "-" : "";
  if (/^[0-9]+$/.test(plain)) return minus + plain.replace(/^0+(?=[0-9])/, "");
  if (/^0(?:x[0-9a-f]+|o[0-7]+|b[01]+)$/.test(plain)) return minus + BigInt(plain).toString();
  if (!/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? minus + JSON.stringify(value) : null;
}

/**
 * Reads 'a', "a", or either with three quotes. Some models' own templates write quotes inside without a backslash: one is
 * the end only where something follows that may follow a value.
 */
function* readString(source: Source, quote: string, emit: Emit): Reading<boolean> {
  source.take(1);
  emit('"');
  let isLong = false;
  if (yield* takeCharacter(source, quote)) {
    isLong = yield* takeCharacter(source, quote);
    if (!isLong) {
      emit('"');
      return true;
    }
  }
  for (;;) {
    const code = yield* peek(source);
    if (code === END) return false;
    const character = source.take(1);
    if (character === "\\") {
      if (!(yield* readEscape(source, emit))) return false;
    } else if (character !== quote) {
      emit(jsonOfText(character));
    } else {
      const isEnd = yield* isLong ? endsLongString(source, quote, emit) : endsString(source, quote, emit);
      if (isEnd) emit('"');
      if (isEnd !== false) return isEnd === true;
    }
  }
}

/**
 * After a quote: whether a value may end with it; else it is passed on, with the white space behind it.
 *
 * @returns null where another string follows: whether that is Python's way to join them or a quote inside is not clear
 */
function* endsString(source: Source, quote: string, emit: Emit): Reading<boolean | null> {
  const space = yield* takeWhile(source, isSpace);
  const next = yield* peek(source);
  if (next === 0x22 || next === 0x27) return null;
  if (next === END || BEHIND_VALUE.includes(String.fromCharCode(next))) return true;
  emit(jsonOfText(quote + space));
  return false;
}

/** After a first quote in a string of three: whether two more follow; those that stand for themselves are passed on. */
function* endsLongString(source: Source, quote: string, emit: Emit): Reading<boolean> {
  let quotes = 1;
  while (quotes < 3 && (yield* takeCharacter(source, quote))) quotes++;
  if (quotes < 3) emit(jsonOfText(quote).repeat(quotes));
  return quotes === 3;
}

function* readEscape(source: Source, emit: Emit): Reading<boolean> {
  if ((yield* peek(source)) === END) return false;
  const kind = source.take(1);
  const length = HEX_ESCAPES[kind];
  if (length !== undefined) {
    const digits = yield* takeWhile(source, isHexDigit, length);
    const code = Number.parseInt(digits, 16);
    if (digits.length < length || code > 0x10ffff) return false;
    emit(jsonOfText(String.fromCodePoint(code)));
  } else if (kind >= "0" && kind <= "7") {
    const digits = kind + (yield* takeWhile(source, (code) => code >= 0x30 && code <= 0x37, 2));
    emit(jsonOfText(String.fromCharCode(Number.parseInt(digits, 8))));
  } else if (kind !== "\n") {
    // Python keeps the backslash of an escape that it does not know.
    emit(jsonOfText(ESCAPES[kind] ?? `\\${kind}`));
  }
  return true;
}

function isOfNumber(code: number): boolean {
  return isDigit(code) || code === 0x2e || code === 0x5f || /[A-Za-z]/.test(String.fromCharCode(code));
}
