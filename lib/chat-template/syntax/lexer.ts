/** From a template's text to its tokens, with the white space that Jinja leaves out (trim_blocks, lstrip_blocks). */
import { isSpace, strip } from "../python/spaces.js";
import { stringLiteral } from "./string-literal.js";
import { TemplateError } from "../template-error.js";

/** One token. `data` is text between the tags. */
export type Token =
  | { readonly type: "data" | "name" | "string" | "operator"; readonly text: string; readonly line: number }
  | {
      readonly type: "integer" | "float";
      readonly text: string;
      readonly value: number;
      readonly line: number;
    }
  | { readonly type: "blockBegin" | "blockEnd" | "printBegin" | "printEnd" | "end"; readonly line: number };

const TAG = /\{([{%#])([-+]?)/g;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
// Behind a dot stand indices: x.0.1
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:\.(?:\d+_)*\d+(?:[eE][+-]?(?:\d+_)*\d+)?|[eE][+-]?(?:\d+_)*\d+)/y;
const INTEGER = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[+\-*/%~[\](){}<>=.:|,;]/y;
const RAW_BEGIN = /\{%[-+]?[^\S]*raw[^\S]*-?%\}/y;
const RAW_END = /\{%([-+]?)[^\S]*endraw[^\S]*(?:\+%\}|-%\}|%\}\n?)/g;

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** @throws TemplateError */
export function tokenize(template: string): Token[] {
  return new Lexer(template).tokens();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #counted = 0;

  constructor(template: string) {
    const text = template.replaceAll(/\r\n?/g, "\n");
    this.#source = text.endsWith("\n") ? text.slice(0, -1) : text;
  }

  tokens(): Token[] {
    while (this.#at < this.#source.length) this.#next();
    this.#tokens.push({ type: "end", line: this.#lineAt(this.#at) });
    return this.#tokens;
  }

  /** Text up to a tag, and the tag. */
  #next(): void {
    const begin = this.#at;
    TAG.lastIndex = begin;
    const tag = TAG.exec(this.#source);
    if (tag === null) return this.#data(begin, this.#source.length, "");
    const { index: open } = tag;
    const [, kind, sign = ""] = tag;
    this.#data(begin, open, sign === "" && kind === "{" ? "print" : sign);
    this.#at = TAG.lastIndex;
    if (kind === "#") return this.#comment();
    RAW_BEGIN.lastIndex = open;
    const raw = kind === "%" ? RAW_BEGIN.exec(this.#source) : null;
    if (raw !== null) return this.#raw(RAW_BEGIN.lastIndex, raw[0].endsWith("-%}"));
    const line = this.#lineAt(open);
    this.#tokens.push({ type: kind === "%" ? "blockBegin" : "printBegin", line });
    this.#inside(kind === "%" ? "%}" : "}}", line);
  }

  /** `before`: how the tag behind it begins: its sign, "print", or "". */
  #data(begin: number, end: number, before: string): void {
    this.#at = Math.max(this.#at, end);
    let text = this.#source.slice(begin, end);
    if (before === "-") text = strip(text, { left: false });
    else if (before === "" && end < this.#source.length) {
      const lineBegin = text.lastIndexOf("\n") + 1;
      const startsLine = begin === 0 || this.#source.charAt(begin - 1) === "\n";
      if ((lineBegin > 0 || startsLine) && strip(text.slice(lineBegin)) === "")
        text = text.slice(0, lineBegin);
    }
    if (text !== "") this.#tokens.push({ type: "data", text, line: this.#lineAt(begin) });
  }

  #comment(): void {
    const close = this.#source.indexOf("#}", this.#at);
    if (close === -1) throw this.#error("a comment has no end", this.#at);
    const sign = close > this.#at ? this.#source.charAt(close - 1) : "";
    this.#at = close + 2;
    this.#afterTag(sign);
  }

  #raw(begin: number, strips: boolean): void {
    this.#at = begin;
    if (strips) this.#skipSpace();
    const from = this.#at;
    RAW_END.lastIndex = from;
    const end = RAW_END.exec(this.#source);
    if (end === null) throw this.#error("{% raw %} has no end", from);
    this.#data(from, end.index, end[1] ?? "");
    this.#at = RAW_END.lastIndex;
    if (end[0].endsWith("-%}")) this.#skipSpace();
  }

  /** What is left out behind a tag with that sign before its end. */
  #afterTag(sign: string): void {
    if (sign === "-") this.#skipSpace();
    else if (sign !== "+" && this.#source.charAt(this.#at) === "\n") this.#at++;
  }

  #skipSpace(): void {
    while (this.#at < this.#source.length && isSpace(this.#source.charAt(this.#at))) this.#at++;
  }

  /** Tokens of a tag, up to its end. */
  #inside(close: "%}" | "}}", beginLine: number): void {
    const open: string[] = [];
    for (;;) {
      this.#skipSpace();
      if (this.#at >= this.#source.length) throw syntax("a tag has no end", beginLine);
      if (open.length === 0 && this.#closes(close)) return;
      this.#token(open);
    }
  }

  #closes(close: "%}" | "}}"): boolean {
    const sign = this.#source.charAt(this.#at);
    const signed = sign === "-" || (sign === "+" && close === "%}");
    if (!this.#source.startsWith(close, signed ? this.#at + 1 : this.#at)) return false;
    const line = this.#lineAt(this.#at);
    this.#at += signed ? 3 : 2;
    this.#tokens.push({ type: close === "%}" ? "blockEnd" : "printEnd", line });
    if (close === "%}" || sign === "-") this.#afterTag(signed ? sign : "");
    return true;
  }

  #token(open: string[]): void {
    const line = this.#lineAt(this.#at);
    const first = this.#source.charAt(this.#at);
    if (first === "'" || first === '"') {
      const { text, end } = stringLiteral(this.#source, this.#at, line);
      this.#tokens.push({ type: "string", text, line });
      this.#at = end;
      return;
    }
    const number = this.#match(FLOAT);
    if (number !== undefined) return this.#number("float", number, line);
    const integer = this.#match(INTEGER);
    if (integer !== undefined) return this.#number("integer", integer, line);
    const name = this.#match(NAME);
    if (name !== undefined) return void this.#tokens.push({ type: "name", text: name, line });
    const operator = this.#match(OPERATOR);
    if (operator === undefined) throw syntax(`'${first}' is unexpected`, line);
    const closing = CLOSING[operator];
    if (closing !== undefined) open.push(closing);
    else if (")]}".includes(operator) && open.pop() !== operator)
      throw syntax(`'${operator}' is unexpected`, line);
    this.#tokens.push({ type: "operator", text: operator, line });
  }

  #number(type: "integer" | "float", text: string, line: number): void {
    this.#tokens.push({ type, text, value: Number(text.replaceAll("_", "")), line });
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  /** Asked for places that only grow. */
  #lineAt(place: number): number {
    for (; this.#counted < place; this.#counted++) {
      if (this.#source.charCodeAt(this.#counted) === 10) this.#line++;
    }
    return this.#line;
  }

  #error(message: string, place: number): TemplateError {
    return syntax(message, this.#lineAt(place));
  }
}

export function syntax(message: string, line: number): TemplateError {
  return new TemplateError("syntax", `is not a Jinja template: ${message} (line ${line})`);
}
