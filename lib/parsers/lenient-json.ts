/** Repairs JSON as models write it, as it comes. What is repaired has one meaning only; all else is malformed. */
import { isDigit, isHexDigit, isOfIdentifier, isSpace, jsonOfText } from "./characters.js";
import { MAX_JSON_DEPTH } from "./json-scanner.js";
import { DelimiterSet } from "./delimiter-set.js";
import { jsonOfNumber, PYTHON_CONSTANTS } from "./python-literal.js";
import { END, isAtDelimiter, peek, takeDelimiter, takeWhile, type Reading } from "./reading.js";
import { Source } from "./source.js";

/** The delimiters around a call, for the readers of what is inside it. */
export interface CallStops {
  /** What closes calls. */
  readonly closing: DelimiterSet;
  /** The same, what opens one, and what else ends what is inside. */
  readonly ends: DelimiterSet;
  /** Whether a closing delimiter was taken, in a string that was never closed. */
  isPassed: boolean;
}

const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const CLOSING: Readonly<Record<string, string>> = { "{": "}", "[": "]" };
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/**
 * Reads one JSON value and passes it on as it comes. Repaired are: line breaks and other control characters in strings,
 * a backslash before what needs none, single quotes, keys without quotes, commas before a bracket, Python's constants,
 * white space that is not JSON's, and brackets that are missing before another one or before a delimiter that ends the
 * call.
 *
 * @returns false where it is malformed or cut off; what was passed on may become valid JSON nevertheless
 */
export function* readJson(
  source: Source,
  add: (json: string) => void,
  stops: CallStops = noStops(),
): Reading<boolean> {
  const open: string[] = [];
  let expected: "value" | "item" | "key" | "colon" | "comma" = "value";
  let comma = "";
  const pass = (json: string) => {
    add(comma + json);
    comma = "";
  };
  do {
    const space = (yield* takeWhile(source, isSpace)).replaceAll(/[^ \t\r\n]/g, " ");
    if (comma !== "") comma += space;
    else if (space !== "") add(space);
    const code = yield* peek(source);
    if (code === END) return false;
    const character = String.fromCharCode(code);
    const mayClose = expected !== "value" && expected !== "colon";
    if (mayClose && (character === "}" || character === "]")) {
      const at = open.lastIndexOf(character);
      if (at < 0) return false;
      source.take(1);
      comma = "";
      add(open.splice(at).toReversed().join(""));
      expected = "comma";
    } else if (expected === "comma" && character === ",") {
      comma = source.take(1);
      expected = open.at(-1) === "}" ? "key" : "item";
    } else if (expected === "colon" && character === ":") {
      add(source.take(1));
      expected = "value";
    } else if (expected === "key" && (code === QUOTE || code === APOSTROPHE || isOfIdentifier(code))) {
      if (!(yield* readKey(source, pass, stops))) return false;
      expected = "colon";
    } else if (expected === "value" || expected === "item") {
      const closing = CLOSING[character];
      if (closing !== undefined) {
        if (open.length >= MAX_JSON_DEPTH) return false;
        pass(source.take(1));
        open.push(closing);
        expected = closing === "}" ? "key" : "item";
      } else {
        if (expected === "item" && (yield* isAtDelimiter(source, stops.ends))) {
          add(open.toReversed().join(""));
          return true;
        }
        if (!(yield* readScalar(source, pass, stops))) return false;
        expected = "comma";
      }
    } else {
      if (!mayClose || !(yield* isAtDelimiter(source, stops.ends))) return false;
      add(open.toReversed().join(""));
      return true;
    }
  } while (open.length > 0);
  return true;
}

/** The JSON that a whole text is, repaired where need be; null where it is none. */
export function repairedJson(text: string): string | null {
  const source = new Source();
  source.push(text);
  source.end();
  let json = "";
  const isValue = runToEnd(readJson(source, (piece) => (json += piece)));
  // A number ends where the text does.
  const rest = source.look((all, at) => all.slice(at));
  return isValue && rest.trim() === "" ? json.trim() : null;
}

/** Reads a string, a key without quotes too; null where there is none. */
export function* readText(source: Source, stops: CallStops, mayBeBare = false): Reading<string | null> {
  const code = yield* peek(source);
  const isQuoted = code === QUOTE || code === APOSTROPHE;
  if (!isQuoted && !(mayBeBare && isOfIdentifier(code))) return null;
  let json = "";
  const isWhole = yield* readKey(source, (piece) => (json += piece), stops);
  return isWhole ? (JSON.parse(json) as string) : null;
}

function* readKey(source: Source, add: (json: string) => void, stops: CallStops): Reading<boolean> {
  const code = yield* peek(source);
  if (code === QUOTE || code === APOSTROPHE) return yield* readString(source, add, stops);
  const name = yield* takeWhile(source, isOfIdentifier, 256);
  add(JSON.stringify(name));
  return true;
}

function* readScalar(source: Source, add: (json: string) => void, stops: CallStops): Reading<boolean> {
  const code = yield* peek(source);
  if (code === QUOTE || code === APOSTROPHE) return yield* readString(source, add, stops);
  const isNumber = isDigit(code) || "+-.".includes(String.fromCharCode(code));
  const word = yield* takeWhile(source, isNumber ? isOfNumber : isOfIdentifier);
  const json = isNumber ? (JSON_NUMBER.test(word) ? word : repairedNumber(word)) : PYTHON_CONSTANTS.get(word);
  if (json === undefined || json === null) return false;
  add(json);
  return true;
}

/** Reads a string in either kind of quotes. */
function* readString(source: Source, add: (json: string) => void, stops: CallStops): Reading<boolean> {
  const quote = source.code;
  source.take(1);
  add('"');
  for (;;) {
    // As peek(), of which one for each piece of a long string is much.
    while (source.isEmpty) {
      if (source.hasEnded) return false;
      yield;
    }
    const length = source.look((text, at) => plainLength(text, at, quote, stops.closing));
    if (length > 0) add(source.take(length));
    if (source.isEmpty) continue;
    const { code } = source;
    if (code === quote) {
      source.take(1);
      add('"');
      return true;
    }
    if (code === BACKSLASH) {
      source.take(1);
      if ((yield* peek(source)) === END) return false;
      yield* readEscape(source, add);
    } else {
      const delimiter = yield* takeDelimiter(source, stops.closing);
      if (delimiter === null) {
        add(jsonOfText(source.take(1)));
        continue;
      }
      // A delimiter belongs to the string, unless nothing follows it but the end or the next call.
      const space = yield* takeWhile(source, isSpace);
      stops.isPassed = (yield* peek(source)) === END || (yield* isAtDelimiter(source, stops.ends));
      if (stops.isPassed) return false;
      add(jsonOfText(delimiter + space));
    }
  }
}

/** After a backslash. One before what JSON does not know stands for itself. */
function* readEscape(source: Source, add: (json: string) => void): Reading<void> {
  const kind = String.fromCharCode(source.code);
  if (kind === "u") {
    source.take(1);
    const digits = yield* takeWhile(source, isHexDigit, 4);
    add(digits.length === 4 ? `\\u${digits}` : `\\\\u${digits}`);
  } else if ('"\\/bfnrt'.includes(kind)) {
    add(`\\${source.take(1)}`);
  } else if (kind === "'") {
    add(source.take(1));
  } else {
    add("\\\\");
  }
}

/** How many characters of a string stand for themselves, whatever follows. */
function plainLength(text: string, at: number, quote: number, closing: DelimiterSet): number {
  let end = at;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === quote || code === BACKSLASH || code === QUOTE || code < 0x20 || closing.begins(code)) break;
    end++;
  }
  return end - at;
}

/** `+5`, `.5`, `5.`, `007`, `0x1F` and `1_000`, as Python reads them; a long run of digits is not gone through again. */
function repairedNumber(word: string): string | null {
  return word.length <= 64 ? jsonOfNumber(word) : null;
}

function isOfNumber(code: number): boolean {
  return isDigit(code) || /[A-Za-z+._-]/.test(String.fromCharCode(code));
}

function noStops(): CallStops {
  return { closing: new DelimiterSet([]), ends: new DelimiterSet([]), isPassed: false };
}

/** Runs a reading over a text that is all there. */
function runToEnd<Result>(reading: Reading<Result>): Result {
  const step = reading.next();
  if (!step.done) throw new Error("The text had not ended.");
  return step.value;
}
