/** From a template's text to its statements. */
import { ExpressionParser } from "./expression-parser.js";
import { tokenize } from "./lexer.js";
import type { Block, Expression, Signature, Statement, Target } from "./nodes.js";
import { readsOf } from "./reads.js";
import { TokenReader } from "./token-reader.js";

/** @throws TemplateError of kind "syntax" */
export function parseTemplate(template: string): Block {
  return new Parser(template).template();
}

class Parser {
  readonly #tokens: TokenReader;
  readonly #expressions: ExpressionParser;

  constructor(template: string) {
    this.#tokens = new TokenReader(tokenize(template));
    this.#expressions = new ExpressionParser(this.#tokens);
  }

  template(): Block {
    const body = this.#block([]);
    if (this.#tokens.current.type !== "end") throw this.#tokens.unexpected("a tag that begins something");
    return body;
  }

  /** Statements up to a tag with one of those names, which is then the current token. */
  #block(ends: readonly string[]): Block {
    const body: Statement[] = [];
    for (;;) {
      const token = this.#tokens.current;
      if (token.type === "data") {
        this.#tokens.next();
        body.push({ kind: "data", text: token.text });
      } else if (token.type === "printBegin") {
        this.#tokens.next();
        const value = this.#expressions.tuple();
        this.#tokens.expectEnd("printEnd");
        body.push({ kind: "print", value });
      } else if (token.type === "blockBegin") {
        const { following } = this.#tokens;
        if (following.type === "name" && ends.includes(following.text)) {
          this.#tokens.next();
          return body;
        }
        this.#tokens.next();
        body.push(...this.#tokens.deeper(() => this.#statement()));
      } else {
        if (ends.length > 0) throw this.#tokens.unexpected(`{% ${ends.join(" %} or {% ")} %}`);
        return body;
      }
    }
  }

  /** A block, its end tag and the rest of that. */
  #blockTo(end: string): Block {
    const body = this.#block([end]);
    this.#tokens.expectName(end);
    this.#tokens.expectEnd("blockEnd");
    return body;
  }

  #statement(): Statement[] {
    const name = this.#tokens.expectName();
    switch (name) {
      case "if":
        return [this.#if()];
      case "for":
        return [this.#for()];
      case "set":
        return [this.#set()];
      case "macro":
        return [this.#macro()];
      case "call":
        return [this.#callBlock()];
      case "with":
        return [this.#with()];
      case "filter":
        return [this.#filterBlock()];
      case "generation":
        return [this.#generation()];
      case "print":
        return this.#print();
      case "break":
      case "continue":
        this.#tokens.expectEnd("blockEnd");
        return [{ kind: name }];
      default:
        throw this.#tokens.fault(`there is no tag {% ${name} %}`);
    }
  }

  #if(): Statement {
    const branches: { test: Expression; body: Block }[] = [];
    do {
      const test = this.#expressions.tuple({ withCondition: false });
      this.#tokens.expectEnd("blockEnd");
      branches.push({ test, body: this.#block(["elif", "else", "endif"]) });
    } while (this.#tokens.skipName("elif"));
    const otherwise = this.#otherwise("endif");
    return { kind: "if", branches, otherwise };
  }

  /** `{% else %}`, where there is one, and the end. */
  #otherwise(end: string): Block {
    if (this.#tokens.skipName("else")) {
      this.#tokens.expectEnd("blockEnd");
      return this.#blockTo(end);
    }
    this.#tokens.expectName(end);
    this.#tokens.expectEnd("blockEnd");
    return [];
  }

  #for(): Statement {
    const target = this.#target();
    this.#tokens.expectName("in");
    const items = this.#expressions.tuple({ withCondition: false, ends: ["recursive"] });
    const test = this.#tokens.skipName("if") ? this.#expressions.expression() : null;
    const isRecursive = this.#tokens.skipName("recursive");
    this.#tokens.expectEnd("blockEnd");
    const body = this.#block(["else", "endfor"]);
    return { kind: "for", target, items, test, isRecursive, body, otherwise: this.#otherwise("endfor") };
  }

  #set(): Statement {
    const target = this.#target(true);
    if (this.#tokens.skipOperator("=")) {
      const value = this.#expressions.tuple();
      this.#tokens.expectEnd("blockEnd");
      return { kind: "set", target, value };
    }
    const filters = this.#tokens.skipOperator("|") ? this.#expressions.filterSteps() : [];
    this.#tokens.expectEnd("blockEnd");
    return { kind: "setBlock", target, filters, body: this.#blockTo("endset") };
  }

  /** What is assigned to: a name, several, or a field of a namespace. */
  #target(withField = false): Target {
    const targets: Target[] = [];
    let isTuple = false;
    do {
      if (targets.length > 0 && this.#tokens.current.type !== "name" && !this.#tokens.isOperator("(")) break;
      if (this.#tokens.skipOperator("(")) {
        targets.push(this.#target());
        this.#tokens.expectOperator(")");
      } else targets.push(this.#named(withField));
      if (this.#tokens.isOperator(",")) isTuple = true;
    } while (this.#tokens.skipOperator(",") && !this.#tokens.isName("in"));
    const [first] = targets;
    return isTuple || first === undefined ? { kind: "tuple", targets } : first;
  }

  #named(withField: boolean): Target {
    const name = this.#tokens.expectName();
    if (["true", "false", "none", "True", "False", "None"].includes(name)) {
      throw this.#tokens.fault(`'${name}' is assigned to`);
    }
    if (withField && this.#tokens.skipOperator(".")) {
      return { kind: "field", namespace: name, name: this.#tokens.expectName() };
    }
    return { kind: "name", name };
  }

  #macro(): Statement {
    const name = this.#tokens.expectName();
    const parameters = this.#parameters();
    this.#tokens.expectEnd("blockEnd");
    const body = this.#blockTo("endmacro");
    return { kind: "macro", name, signature: { parameters, reads: readsOf(parameters, body) }, body };
  }

  #callBlock(): Statement {
    const parameters = this.#tokens.isOperator("(") ? this.#parameters() : [];
    const call = this.#expressions.expression();
    if (call.kind !== "call") throw this.#tokens.fault("expected a call");
    this.#tokens.expectEnd("blockEnd");
    const body = this.#blockTo("endcall");
    return { kind: "callBlock", call, signature: { parameters, reads: readsOf(parameters, body) }, body };
  }

  #parameters(): Signature["parameters"] {
    const parameters: { name: string; otherwise: Expression | null }[] = [];
    this.#tokens.expectOperator("(");
    while (!this.#tokens.isOperator(")")) {
      if (parameters.length > 0) this.#tokens.expectOperator(",");
      const name = this.#tokens.expectName();
      const otherwise = this.#tokens.skipOperator("=") ? this.#expressions.expression() : null;
      if (otherwise === null && parameters.at(-1)?.otherwise) {
        throw this.#tokens.fault("a parameter without a default stands behind one with one");
      }
      parameters.push({ name, otherwise });
    }
    this.#tokens.expectOperator(")");
    return parameters;
  }

  #with(): Statement {
    const values: (readonly [Target, Expression])[] = [];
    while (this.#tokens.current.type !== "blockEnd") {
      if (values.length > 0) this.#tokens.expectOperator(",");
      const target = this.#named(false);
      this.#tokens.expectOperator("=");
      values.push([target, this.#expressions.expression()]);
    }
    this.#tokens.expectEnd("blockEnd");
    return { kind: "with", values, body: this.#blockTo("endwith") };
  }

  #filterBlock(): Statement {
    const filters = this.#expressions.filterSteps();
    this.#tokens.expectEnd("blockEnd");
    return { kind: "filterBlock", filters, body: this.#blockTo("endfilter") };
  }

  /** Marks what the assistant says, for training: it writes what stands in it. */
  #generation(): Statement {
    this.#tokens.expectEnd("blockEnd");
    return { kind: "scope", body: this.#blockTo("endgeneration") };
  }

  #print(): Statement[] {
    const values: Statement[] = [];
    while (this.#tokens.current.type !== "blockEnd") {
      if (values.length > 0) this.#tokens.expectOperator(",");
      values.push({ kind: "print", value: this.#expressions.expression() });
    }
    this.#tokens.expectEnd("blockEnd");
    return values;
  }
}
