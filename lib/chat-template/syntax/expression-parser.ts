/** Expressions, as Jinja's parser reads them: from conditions down to names. */
import { NO_ARGUMENTS, parseArguments } from "./argument-parser.js";
import type { BinaryOperator, Comparison, Expression, FilterStep } from "./nodes.js";
import type { TokenReader } from "./token-reader.js";
import { Float, type Value } from "../python/values.js";

const COMPARISONS: readonly string[] = ["==", "!=", "<", "<=", ">", ">="];
const CONSTANTS: Readonly<Record<string, Value>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

export class ExpressionParser {
  readonly #tokens: TokenReader;

  constructor(tokens: TokenReader) {
    this.#tokens = tokens;
  }

  /** Anything that has a value. @throws TemplateError */
  expression(withCondition = true): Expression {
    return this.#tokens.deeper(() => (withCondition ? this.#condition() : this.#or()));
  }

  /** Several with commas between them are a tuple. `ends`: names that end it. @throws TemplateError */
  tuple({ withCondition = true, inBrackets = false, ends = [] }: TupleOptions = {}): Expression {
    const items: Expression[] = [];
    let isTuple = false;
    while (!this.#endsTuple(ends)) {
      if (items.length > 0) {
        if (!this.#tokens.skipOperator(",")) break;
        isTuple = true;
        if (this.#endsTuple(ends)) break;
      }
      items.push(this.expression(withCondition));
    }
    const [first] = items;
    if (first === undefined && !inBrackets) throw this.#tokens.unexpected("an expression");
    return isTuple || first === undefined ? { kind: "tuple", items } : first;
  }

  /** `| name(…) | name`, from the name on. @throws TemplateError */
  filterSteps(): FilterStep[] {
    const steps: FilterStep[] = [];
    do steps.push(this.#filterStep());
    while (this.#tokens.skipOperator("|"));
    return steps;
  }

  /** @throws TemplateError */
  call(of: Expression): Expression & { readonly kind: "call" } {
    return { kind: "call", of, args: parseArguments(this.#tokens, () => this.expression()) };
  }

  /** What can be called: a name with its attributes and items. @throws TemplateError */
  unary(): Expression {
    return this.#unary();
  }

  #endsTuple(ends: readonly string[]): boolean {
    const { type } = this.#tokens.current;
    if (type === "printEnd" || type === "blockEnd" || type === "end") return true;
    return this.#tokens.isOperator(")") || this.#tokens.isName(...ends);
  }

  #condition(): Expression {
    let value = this.#or();
    while (this.#tokens.skipName("if")) {
      const test = this.#or();
      const otherwise = this.#tokens.skipName("else") ? this.expression() : null;
      value = { kind: "if", test, value, otherwise };
    }
    return value;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#tokens.skipName("or")) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#tokens.skipName("and")) left = { kind: "and", left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    if (!this.#tokens.skipName("not")) return this.#comparison();
    return { kind: "not", of: this.#tokens.deeper(() => this.#not()) };
  }

  #comparison(): Expression {
    const first = this.#sum();
    const others: (readonly [Comparison, Expression])[] = [];
    for (;;) {
      const operator = this.#comparisonOperator();
      if (operator === undefined) break;
      others.push([operator, this.#sum()]);
    }
    return others.length === 0 ? first : { kind: "compare", first, others };
  }

  #comparisonOperator(): Comparison | undefined {
    const { current, following } = this.#tokens;
    if (this.#tokens.skipName("in")) return "in";
    if (this.#tokens.isName("not") && following.type === "name" && following.text === "in") {
      this.#tokens.next();
      this.#tokens.next();
      return "not in";
    }
    if (current.type !== "operator" || !COMPARISONS.includes(current.text)) return undefined;
    this.#tokens.next();
    return current.text as Comparison;
  }

  #sum(): Expression {
    return this.#binary(["+", "-"], () => this.#joined());
  }

  #joined(): Expression {
    const first = this.#product();
    const parts = [first];
    while (this.#tokens.skipOperator("~")) parts.push(this.#product());
    return parts.length === 1 ? first : { kind: "join", parts };
  }

  #product(): Expression {
    return this.#binary(["*", "/", "//", "%"], () => this.#binary(["**"], () => this.#unary()));
  }

  #binary(operators: readonly BinaryOperator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = operators.find((text) => this.#tokens.isOperator(text));
      if (operator === undefined) return left;
      this.#tokens.next();
      left = { kind: "binary", operator, left, right: operand() };
    }
  }

  #unary(withFilters = true): Expression {
    let value: Expression;
    if (this.#tokens.isOperator("-", "+")) {
      const sign = this.#tokens.skipOperator("-") ? "-" : "+";
      if (sign === "+") this.#tokens.next();
      value = { kind: "sign", sign, of: this.#tokens.deeper(() => this.#unary(false)) };
    } else value = this.#primary();
    value = this.#postfix(value);
    return withFilters ? this.#filters(value) : value;
  }

  #primary(): Expression {
    const token = this.#tokens.current;
    if (token.type === "name") {
      this.#tokens.next();
      const value = Object.hasOwn(CONSTANTS, token.text) ? CONSTANTS[token.text] : undefined;
      return value === undefined ? { kind: "name", name: token.text } : { kind: "constant", value };
    }
    if (token.type === "string") return { kind: "constant", value: this.#strings() };
    if (token.type === "integer" || token.type === "float") {
      this.#tokens.next();
      const { value, type } = token;
      return {
        kind: "constant",
        value: type === "float" && Number.isInteger(value) ? new Float(value) : value,
      };
    }
    if (this.#tokens.skipOperator("(")) {
      const value = this.tuple({ inBrackets: true });
      this.#tokens.expectOperator(")");
      return value;
    }
    if (this.#tokens.skipOperator("["))
      return { kind: "list", items: this.#tokens.listed("]", () => this.expression()) };
    if (this.#tokens.skipOperator("{")) {
      return { kind: "dict", entries: this.#tokens.listed("}", () => this.#entry()) };
    }
    throw this.#tokens.unexpected("an expression");
  }

  /** Strings beside one another are one. */
  #strings(): string {
    const texts: string[] = [];
    for (let token = this.#tokens.current; token.type === "string"; token = this.#tokens.current) {
      texts.push(token.text);
      this.#tokens.next();
    }
    return texts.join("");
  }

  #entry(): readonly [Expression, Expression] {
    const key = this.expression();
    this.#tokens.expectOperator(":");
    return [key, this.expression()];
  }

  #postfix(value: Expression): Expression {
    for (;;) {
      if (this.#tokens.skipOperator(".")) value = this.#dotted(value);
      else if (this.#tokens.skipOperator("[")) value = this.#subscripted(value);
      else if (this.#tokens.isOperator("(")) value = this.call(value);
      else return value;
    }
  }

  #dotted(of: Expression): Expression {
    const token = this.#tokens.next();
    if (token.type === "name") return { kind: "attribute", of, name: token.text };
    if (token.type === "integer") return { kind: "item", of, key: { kind: "constant", value: token.value } };
    throw this.#tokens.fault("expected a name or a number behind a dot");
  }

  #subscripted(of: Expression): Expression {
    const bounds: (Expression | null)[] = [];
    let bound: Expression | null = null;
    const ends = (): boolean => this.#tokens.isOperator("]", ",");
    if (!this.#tokens.isOperator(":")) bound = this.expression();
    while (this.#tokens.skipOperator(":")) {
      bounds.push(bound);
      bound = ends() || this.#tokens.isOperator(":") ? null : this.expression();
    }
    if (this.#tokens.isOperator(",")) throw this.#tokens.fault("an index is a tuple");
    this.#tokens.expectOperator("]");
    if (bounds.length === 0 && bound !== null) return { kind: "item", of, key: bound };
    const [from, to = null, step = null, ...others] = [...bounds, bound];
    if (others.length > 0) throw this.#tokens.fault("a slice has more than three parts");
    return { kind: "slice", of, bounds: [from, to, step] };
  }

  #filters(value: Expression): Expression {
    for (;;) {
      if (this.#tokens.skipOperator("|")) value = { kind: "filter", of: value, ...this.#filterStep() };
      else if (this.#tokens.skipName("is")) value = this.#test(value);
      // Calls are valid behind both.
      else if (this.#tokens.isOperator("(")) value = this.call(value);
      else return value;
    }
  }

  #filterStep(): FilterStep {
    const name = this.#dottedName();
    return {
      name,
      args: this.#tokens.isOperator("(")
        ? parseArguments(this.#tokens, () => this.expression())
        : NO_ARGUMENTS,
    };
  }

  #test(of: Expression): Expression {
    const isNegated = this.#tokens.skipName("not");
    const name = this.#dottedName();
    let args = NO_ARGUMENTS;
    const { type } = this.#tokens.current;
    const isValue =
      ["name", "string", "integer", "float"].includes(type) || this.#tokens.isOperator("[", "{");
    if (this.#tokens.isOperator("(")) args = parseArguments(this.#tokens, () => this.expression());
    else if (isValue && !this.#tokens.isName("else", "or", "and", "if")) {
      if (this.#tokens.isName("is")) throw this.#tokens.fault("a test stands behind a test");
      args = { ...NO_ARGUMENTS, positional: [this.#postfix(this.#primary())] };
    }
    const test: Expression = { kind: "test", of, name, args };
    return isNegated ? { kind: "not", of: test } : test;
  }

  #dottedName(): string {
    let name = this.#tokens.expectName();
    while (this.#tokens.skipOperator(".")) name += `.${this.#tokens.expectName()}`;
    return name;
  }
}

/** How a tuple is read. */
interface TupleOptions {
  readonly withCondition?: boolean;
  readonly inBrackets?: boolean;
  readonly ends?: readonly string[];
}
