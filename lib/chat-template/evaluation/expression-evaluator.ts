/** What an expression gives. */
import { attributeOf, itemOf, sliceOf } from "../python/attributes.js";
import { areEqual, compare, contains } from "../python/compare.js";
import { textOf } from "../python/text.js";
import {
  Dict,
  Func,
  isTrue,
  iterate,
  keyOf,
  Loop,
  NOT_NAMED,
  tuple,
  typeName,
  Undefined,
  type NamedArguments,
  type Value,
} from "../python/values.js";
import { FILTERS } from "../filters/filters.js";
import type { Runtime } from "../filters/runtime.js";
import { TESTS } from "../filters/tests.js";
import type { Arguments, Comparison, Expression, FilterStep } from "../syntax/nodes.js";
import { failed } from "../template-error.js";
import type { Work } from "../work.js";
import { binary, joined, signed } from "./operators.js";
import type { Scope } from "./scope.js";

/** Arguments after their evaluation. */
export interface Given {
  readonly args: readonly Value[];
  readonly named: NamedArguments;
}

export class ExpressionEvaluator implements Runtime {
  readonly work: Work;

  constructor(work: Work) {
    this.work = work;
  }

  /** @throws TemplateError */
  evaluate(expression: Expression, scope: Scope): Value {
    this.work.step();
    if (expression.kind === "constant") return expression.value;
    if (expression.kind === "name") {
      const value = scope.find(expression.name);
      return value === undefined ? new Undefined(`'${expression.name}' is undefined`) : value;
    }
    this.work.enter();
    const value = this.#compound(expression, scope);
    this.work.leave();
    return value;
  }

  filter(name: string, value: Value, args: readonly Value[], named: NamedArguments): Value {
    const filter = FILTERS.get(name);
    if (filter === undefined) throw failed(`there is no filter '${name}'`);
    this.work.step();
    return filter(value, args, named, this);
  }

  test(name: string, value: Value, args: readonly Value[], named: NamedArguments): boolean {
    const test = TESTS.get(name);
    if (test === undefined) throw failed(`there is no test '${name}'`);
    this.work.step();
    return test(value, args, named, this);
  }

  /** @throws TemplateError */
  filtered(value: Value, steps: readonly FilterStep[], scope: Scope): Value {
    return steps.reduce((result, { name, args }) => {
      const given = this.given(args, scope);
      return this.filter(name, result, given.args, given.named);
    }, value);
  }

  /** @throws TemplateError */
  call(of: Value, { args, named }: Given): Value {
    if (of instanceof Undefined) return of.fail();
    if (of instanceof Func) return this.work.deeper(() => of.call(args, named));
    if (of instanceof Loop && of.recurse !== null) {
      const { recurse } = of;
      return this.work.deeper(() => recurse(args[0] ?? null));
    }
    throw failed(`a '${typeName(of)}' is called`);
  }

  /** @throws TemplateError */
  given({ positional, named, rest, namedRest }: Arguments, scope: Scope): Given {
    const args = positional.map((argument) => this.evaluate(argument, scope));
    if (rest !== null) {
      const more = iterate(this.evaluate(rest, scope));
      this.work.read(more.length * 16);
      args.push(...more);
    }
    if (named.length === 0 && namedRest === null) return { args, named: NOT_NAMED };
    const byName = new Map(named.map(([name, value]) => [name, this.evaluate(value, scope)]));
    const others = namedRest === null ? null : this.evaluate(namedRest, scope);
    if (others !== null && !(others instanceof Dict))
      throw failed(`a '${typeName(others)}' stands behind **`);
    for (const [name, value] of others ?? []) {
      if (typeof name !== "string" || byName.has(name)) throw failed(`the argument '${name}' is given twice`);
      byName.set(name, value);
    }
    return { args, named: byName };
  }

  #compound(expression: Exclude<Expression, { kind: "constant" | "name" }>, scope: Scope): Value {
    const { work } = this;
    switch (expression.kind) {
      case "list":
        return this.#all(expression.items, scope);
      case "tuple":
        return tuple(this.#all(expression.items, scope));
      case "dict":
        return this.#dict(expression.entries, scope);
      case "attribute":
        return attributeOf(this.evaluate(expression.of, scope), expression.name, work);
      case "item":
        return itemOf(this.evaluate(expression.of, scope), this.evaluate(expression.key, scope), work);
      case "slice": {
        const [from, to, step] = expression.bounds.map((bound) =>
          bound === null ? undefined : this.evaluate(bound, scope),
        );
        return sliceOf(this.evaluate(expression.of, scope), [from, to, step], work);
      }
      case "call": {
        const of = this.evaluate(expression.of, scope);
        return this.call(of, this.given(expression.args, scope));
      }
      case "filter": {
        const of = this.evaluate(expression.of, scope);
        const { args, named } = this.given(expression.args, scope);
        return this.filter(expression.name, of, args, named);
      }
      case "test": {
        const of = this.evaluate(expression.of, scope);
        const { args, named } = this.given(expression.args, scope);
        return this.test(expression.name, of, args, named);
      }
      case "not":
        return !isTrue(this.evaluate(expression.of, scope));
      case "sign":
        return signed(expression.sign, this.evaluate(expression.of, scope));
      case "and": {
        const left = this.evaluate(expression.left, scope);
        return isTrue(left) ? this.evaluate(expression.right, scope) : left;
      }
      case "or": {
        const left = this.evaluate(expression.left, scope);
        return isTrue(left) ? left : this.evaluate(expression.right, scope);
      }
      case "binary":
        return binary(
          expression.operator,
          this.evaluate(expression.left, scope),
          this.evaluate(expression.right, scope),
          work,
        );
      case "join":
        return this.#joined(expression.parts, scope);
      case "compare":
        return this.#compared(expression.first, expression.others, scope);
      case "if": {
        if (isTrue(this.evaluate(expression.test, scope))) return this.evaluate(expression.value, scope);
        const { otherwise } = expression;
        return otherwise === null
          ? new Undefined("the condition is false and there is no else")
          : this.evaluate(otherwise, scope);
      }
    }
  }

  #all(expressions: readonly Expression[], scope: Scope): Value[] {
    return expressions.map((expression) => this.evaluate(expression, scope));
  }

  #dict(entries: readonly (readonly [Expression, Expression])[], scope: Scope): Dict {
    const dict = new Dict();
    for (const [key, item] of entries) dict.set(keyOf(this.evaluate(key, scope)), this.evaluate(item, scope));
    return dict;
  }

  #joined(parts: readonly Expression[], scope: Scope): string {
    const texts = parts.map((part) => textOf(this.evaluate(part, scope), this.work));
    return joined(texts, this.work);
  }

  #compared(
    first: Expression,
    others: readonly (readonly [Comparison, Expression])[],
    scope: Scope,
  ): boolean {
    let left = this.evaluate(first, scope);
    for (const [operator, expression] of others) {
      const right = this.evaluate(expression, scope);
      if (!this.#holds(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  #holds(operator: Comparison, left: Value, right: Value): boolean {
    const { work } = this;
    switch (operator) {
      case "==":
        return areEqual(left, right, work);
      case "!=":
        return !areEqual(left, right, work);
      case "in":
        return contains(right, left, work);
      case "not in":
        return !contains(right, left, work);
      case "<":
        return compare(left, right, work) < 0;
      case "<=":
        return compare(left, right, work) <= 0;
      case ">":
        return compare(left, right, work) > 0;
      case ">=":
        return compare(left, right, work) >= 0;
    }
  }
}
