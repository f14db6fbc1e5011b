/** From a template's statements to its text. */
import { textOf } from "../python/text.js";
import {
  Dict,
  Func,
  isTrue,
  iterate,
  Loop,
  Namespace,
  tuple,
  typeName,
  Undefined,
  type Value,
} from "../python/values.js";
import type { Block, Signature, Statement, Target } from "../syntax/nodes.js";
import { failed } from "../template-error.js";
import type { Work } from "../work.js";
import { ExpressionEvaluator } from "./expression-evaluator.js";
import { Scope } from "./scope.js";

/** What a block ends its loop with. */
type Signal = "break" | "continue" | undefined;
type ForStatement = Extract<Statement, { kind: "for" }>;

/** Variables of its own for each turn of a loop, in items that a step reads. */
const COST_OF_TURN = 32;

/** The text of a template. @throws TemplateError */
export function renderBlock(body: Block, variables: ReadonlyMap<string, Value>, work: Work): string {
  const scope = new Scope(null);
  for (const [name, value] of variables) scope.set(name, value);
  // As Jinja has it: the template's own variables are above those that it is given.
  return new Renderer(work).text(body, new Scope(scope));
}

class Renderer {
  readonly #work: Work;
  readonly #expressions: ExpressionEvaluator;

  constructor(work: Work) {
    this.#work = work;
    this.#expressions = new ExpressionEvaluator(work);
  }

  /** What a block writes. */
  text(body: Block, scope: Scope): string {
    const out: string[] = [];
    this.#run(body, scope, out);
    return out.join("");
  }

  #run(body: Block, scope: Scope, out: string[]): Signal {
    for (const statement of body) {
      this.#work.step();
      const signal = this.#statement(statement, scope, out);
      if (signal !== undefined) return signal;
    }
    return undefined;
  }

  #nested(body: Block, scope: Scope, out: string[]): Signal {
    this.#work.enter();
    const signal = this.#run(body, scope, out);
    this.#work.leave();
    return signal;
  }

  #statement(statement: Statement, scope: Scope, out: string[]): Signal {
    switch (statement.kind) {
      case "data":
        out.push(this.#work.made(statement.text));
        return undefined;
      case "print":
        out.push(this.#work.made(textOf(this.#expressions.evaluate(statement.value, scope), this.#work)));
        return undefined;
      case "if": {
        const branch = statement.branches.find(({ test }) => isTrue(this.#expressions.evaluate(test, scope)));
        return this.#nested(branch?.body ?? statement.otherwise, scope, out);
      }
      case "for":
        this.#for(statement, this.#expressions.evaluate(statement.items, scope), scope, out, 0);
        return undefined;
      case "set":
        this.#assign(statement.target, this.#expressions.evaluate(statement.value, scope), scope);
        return undefined;
      case "setBlock": {
        const text = this.#inner(statement.body, scope);
        this.#assign(statement.target, this.#expressions.filtered(text, statement.filters, scope), scope);
        return undefined;
      }
      case "with": {
        const inner = new Scope(scope);
        for (const [target, value] of statement.values) {
          this.#assign(target, this.#expressions.evaluate(value, scope), inner);
        }
        return this.#nested(statement.body, inner, out);
      }
      case "macro": {
        const { name, signature, body } = statement;
        scope.set(name, this.#macro(name, signature, body, scope));
        return undefined;
      }
      case "callBlock": {
        const caller = this.#macro("caller", statement.signature, statement.body, scope);
        const of = this.#expressions.evaluate(statement.call.of, scope);
        const { args, named } = this.#expressions.given(statement.call.args, scope);
        const result = this.#expressions.call(of, { args, named: new Map([...named, ["caller", caller]]) });
        out.push(this.#work.made(textOf(result, this.#work)));
        return undefined;
      }
      case "filterBlock": {
        const text = this.#inner(statement.body, scope);
        const result = this.#expressions.filtered(text, statement.filters, scope);
        out.push(this.#work.made(textOf(result, this.#work)));
        return undefined;
      }
      case "scope":
        out.push(this.#inner(statement.body, scope));
        return undefined;
      case "break":
      case "continue":
        return statement.kind;
    }
  }

  /** The text of a block that has variables of its own. */
  #inner(body: Block, scope: Scope): string {
    return this.#work.deeper(() => this.text(body, new Scope(scope)));
  }

  #for(statement: ForStatement, value: Value, scope: Scope, out: string[], depth0: number): void {
    const { target, test, isRecursive, body, otherwise } = statement;
    const all = iterate(value);
    this.#work.read(all.length);
    const scopeOf = (item: Value): Scope => {
      const inner = new Scope(scope);
      this.#assign(target, item, inner);
      return inner;
    };
    const items =
      test === null ? all : all.filter((item) => isTrue(this.#expressions.evaluate(test, scopeOf(item))));
    const recurse = (children: Value): Value => {
      const inside: string[] = [];
      this.#for(statement, children, scope, inside, depth0 + 1);
      return inside.join("");
    };
    const loop = new Loop(items, depth0, isRecursive ? recurse : null);
    for (const [index0, item] of items.entries()) {
      this.#work.read(COST_OF_TURN);
      loop.index0 = index0;
      const inner = scopeOf(item);
      inner.set("loop", loop);
      if (this.#nested(body, inner, out) === "break") break;
    }
    if (items.length === 0) this.#nested(otherwise, new Scope(scope), out);
  }

  #assign(target: Target, value: Value, scope: Scope): void {
    if (target.kind === "name") return scope.set(target.name, value);
    if (target.kind === "field") {
      const namespace = scope.find(target.namespace);
      if (!(namespace instanceof Namespace)) throw failed("a field is set of what is no namespace");
      namespace.fields.set(target.name, value);
      return;
    }
    const items = iterate(value);
    const { targets } = target;
    if (items.length !== targets.length) {
      throw failed(`${targets.length} names are given ${items.length} values of a '${typeName(value)}'`);
    }
    for (const [i, one] of targets.entries()) this.#assign(one, items[i] ?? null, scope);
  }

  #macro(name: string, { parameters, reads }: Signature, body: Block, outer: Scope): Func {
    return new Func(name, (args, named) => {
      const scope = new Scope(outer);
      const others = new Map(named);
      this.#setParameters(name, parameters, args, others, scope);
      if (reads.caller) {
        scope.set("caller", others.get("caller") ?? new Undefined("No caller defined"));
        others.delete("caller");
      }
      if (reads.kwargs) scope.set("kwargs", new Dict(others));
      else if (others.size > 0) throw failed(`macro '${name}' takes no argument '${[...others.keys()][0]}'`);
      const more = args.slice(parameters.length);
      if (reads.varargs) scope.set("varargs", tuple(more));
      else if (more.length > 0) {
        throw failed(`macro '${name}' takes at most ${parameters.length} arguments`);
      }
      return this.text(body, scope);
    });
  }

  /** Takes what has a parameter out of `named`. */
  #setParameters(
    macro: string,
    parameters: Signature["parameters"],
    args: readonly Value[],
    named: Map<string, Value>,
    scope: Scope,
  ): void {
    for (const [i, { name, otherwise }] of parameters.entries()) {
      const byName = named.get(name);
      if (i < args.length && byName !== undefined) throw failed(`macro '${macro}' is given '${name}' twice`);
      named.delete(name);
      const given = i < args.length ? args[i] : byName;
      const isAbsent = given === undefined && otherwise !== null;
      const value = isAbsent ? this.#expressions.evaluate(otherwise, scope) : given;
      scope.set(name, value === undefined ? new Undefined(`parameter '${name}' was not provided`) : value);
    }
  }
}
