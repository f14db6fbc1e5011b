import { isDigit, isHexDigit, isWhitespace } from "./characters.js";

/** Nesting beyond this is no call: templates and native parsers that get the arguments back recurse. */
export const MAX_JSON_DEPTH = 50;

/** What is legal next. */
type State =
  | "value"
  | "first item"
  | "first key"
  | "key"
  | "colon"
  | "after value"
  | "string"
  | "escape"
  | "hex"
  | "word"
  | "minus"
  | "zero"
  | "digits"
  | "point"
  | "fraction"
  | "exponent"
  | "exponent sign"
  | "exponent digits";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPED = '"\\/bfnrtu';
const WORDS: Readonly<Record<string, string>> = { t: "rue", f: "alse", n: "ull" };

/**
 * Reads one JSON value (RFC 8259) that comes in pieces, and sees at once the first character that cannot belong to one.
 * Looks at every character once, and keeps no text. A depth of more than {@link MAX_JSON_DEPTH} counts as malformed.
 */
export class JsonScanner {
  /** "more": it may go on. "done": the value is whole. "bad": the next character makes it malformed. */
  status: "more" | "done" | "bad" = "more";
  #state: State = "value";
  /** Of every open container whether it is an object. */
  readonly #open: boolean[] = [];
  #isKey = false;
  /** What a word or an escape still lacks. */
  #word = "";
  #hexDigits = 0;

  /** Goes on at `at`; returns where the value, as far as it has come, ends: a character that does not belong stays. */
  scan(text: string, at: number): number {
    let index = at;
    while (index < text.length && this.status === "more") {
      const code = text.charCodeAt(index);
      if (this.#state === "string" && code !== QUOTE && code !== BACKSLASH && code >= 0x20) index++;
      else if (this.#read(code)) index++;
    }
    return index;
  }

  /** Whether the character belongs to the value. Where not, the status says why. */
  #read(code: number): boolean {
    if (isWhitespace(code) && this.#isBetween()) return true;
    switch (this.#state) {
      case "value":
        return this.#beginValue(code);
      case "first item":
        return code === 0x5d ? this.#close() : this.#beginValue(code);
      case "first key":
        return code === 0x7d ? this.#close() : this.#beginKey(code);
      case "key":
        return this.#beginKey(code);
      case "colon":
        return code === 0x3a ? this.#go("value") : this.#fail();
      case "after value":
        return this.#readAfterValue(code);
      case "string":
        if (code === QUOTE) return this.#isKey ? this.#go("colon") : this.#endValue();
        return code === BACKSLASH ? this.#go("escape") : this.#fail();
      case "escape":
        if (!ESCAPED.includes(String.fromCharCode(code))) return this.#fail();
        this.#hexDigits = 4;
        return this.#go(code === 0x75 ? "hex" : "string");
      case "hex":
        if (!isHexDigit(code)) return this.#fail();
        return this.#go(--this.#hexDigits === 0 ? "string" : "hex");
      case "word":
        if (code !== this.#word.charCodeAt(0)) return this.#fail();
        this.#word = this.#word.slice(1);
        return this.#word === "" ? this.#endValue() : true;
      default:
        return this.#readNumber(code);
    }
  }

  #beginValue(code: number): boolean {
    const character = String.fromCharCode(code);
    const word = WORDS[character];
    if (word !== undefined) {
      this.#word = word;
      return this.#go("word");
    }
    if (code === QUOTE) {
      this.#isKey = false;
      return this.#go("string");
    }
    if (character === "{" || character === "[") {
      if (this.#open.length >= MAX_JSON_DEPTH) return this.#fail();
      this.#open.push(character === "{");
      return this.#go(character === "{" ? "first key" : "first item");
    }
    if (character === "-") return this.#go("minus");
    if (character === "0") return this.#go("zero");
    return isDigit(code) ? this.#go("digits") : this.#fail();
  }

  #beginKey(code: number): boolean {
    this.#isKey = true;
    return code === QUOTE ? this.#go("string") : this.#fail();
  }

  #readAfterValue(code: number): boolean {
    const isObject = this.#open.at(-1) === true;
    if (code === 0x2c) return this.#go(isObject ? "key" : "value");
    return code === (isObject ? 0x7d : 0x5d) ? this.#close() : this.#fail();
  }

  #readNumber(code: number): boolean {
    const isExponent = code === 0x65 || code === 0x45;
    switch (this.#state) {
      case "minus":
        if (code === 0x30) return this.#go("zero");
        return isDigit(code) ? this.#go("digits") : this.#fail();
      case "point":
        return isDigit(code) ? this.#go("fraction") : this.#fail();
      case "exponent":
        if (code === 0x2b || code === 0x2d) return this.#go("exponent sign");
        return isDigit(code) ? this.#go("exponent digits") : this.#fail();
      case "exponent sign":
        return isDigit(code) ? this.#go("exponent digits") : this.#fail();
      default: // the states in which a number may end
        if (isDigit(code) && this.#state !== "zero") return true;
        if (code === 0x2e && (this.#state === "zero" || this.#state === "digits")) return this.#go("point");
        if (isExponent && this.#state !== "exponent digits") return this.#go("exponent");
        this.#endValue(); // the character is read again as what follows the number
        return false;
    }
  }

  #close(): boolean {
    this.#open.pop();
    return this.#endValue();
  }

  #endValue(): boolean {
    if (this.#open.length === 0) this.status = "done";
    return this.#go("after value");
  }

  #isBetween(): boolean {
    const state = this.#state;
    return (
      state === "value" ||
      state === "first item" ||
      state === "first key" ||
      state === "key" ||
      state === "colon" ||
      state === "after value"
    );
  }

  #go(state: State): boolean {
    this.#state = state;
    return true;
  }

  #fail(): boolean {
    this.status = "bad";
    return false;
  }
}

/** Whether a whole text is JSON of an object, not too deep. */
export function isJsonObject(text: string): boolean {
  const end = jsonEnd(text);
  return end > 0 && text.charAt(end - 1) === "}";
}

/** Whether a whole text is JSON, not too deep. */
export function isJson(text: string): boolean {
  return jsonEnd(text) > 0;
}

/** Where the value ends that is all of the text but white space; 0 where the text is not JSON. */
function jsonEnd(text: string): number {
  const scanner = new JsonScanner();
  // The space ends a number that is all of the text.
  const end = Math.min(scanner.scan(`${text} `, 0), text.length);
  return scanner.status === "done" && /^[ \t\r\n]*$/.test(text.slice(end)) ? end : 0;
}
