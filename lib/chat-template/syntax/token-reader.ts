/** The tokens of a template, one after the other. */
import { syntax, type Token } from "./lexer.js";
import type { TemplateError } from "../template-error.js";

/** Expressions and blocks inside one another; a parser that recurses must end before JavaScript's stack does. */
const DEPTH = 200;

export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[this.#at] ?? { type: "end", line: 0 };
  }

  get following(): Token {
    return this.#tokens[this.#at + 1] ?? { type: "end", line: 0 };
  }

  next(): Token {
    const token = this.current;
    this.#at++;
    return token;
  }

  isOperator(...texts: readonly string[]): boolean {
    const token = this.current;
    return token.type === "operator" && texts.includes(token.text);
  }

  isName(...texts: readonly string[]): boolean {
    const token = this.current;
    return token.type === "name" && texts.includes(token.text);
  }

  /** Goes on where the current token is that operator. */
  skipOperator(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.#at++;
    return true;
  }

  skipName(text: string): boolean {
    if (!this.isName(text)) return false;
    this.#at++;
    return true;
  }

  /** @throws TemplateError */
  expectOperator(text: string): void {
    if (!this.skipOperator(text)) throw this.unexpected(`'${text}'`);
  }

  /** @throws TemplateError */
  expectName(text?: string): string {
    const token = this.current;
    if (token.type !== "name" || (text !== undefined && token.text !== text)) {
      throw this.unexpected(text === undefined ? "a name" : `'${text}'`);
    }
    this.#at++;
    return token.text;
  }

  /** @throws TemplateError */
  expectEnd(type: "blockEnd" | "printEnd"): void {
    if (this.current.type !== type) throw this.unexpected("the end of the tag");
    this.#at++;
  }

  /** Items with commas between them, and one at the end perhaps, up to a closing bracket. @throws TemplateError */
  listed<Item>(close: string, item: () => Item): Item[] {
    const items: Item[] = [];
    while (!this.isOperator(close)) {
      if (items.length > 0) this.expectOperator(",");
      if (this.isOperator(close)) break;
      items.push(item());
    }
    this.expectOperator(close);
    return items;
  }

  /** Parses what is one level deeper. @throws TemplateError */
  deeper<Result>(parse: () => Result): Result {
    if (++this.#depth > DEPTH) throw syntax(`more than ${DEPTH} levels are nested`, this.current.line);
    const result = parse();
    this.#depth--;
    return result;
  }

  unexpected(expected: string): TemplateError {
    const token = this.current;
    const came =
      "text" in token ? `'${token.text.slice(0, 30)}'` : token.type === "end" ? "its end" : "a tag";
    return syntax(`expected ${expected} but found ${came}`, token.line);
  }

  fault(message: string): TemplateError {
    return syntax(message, this.current.line);
  }
}
