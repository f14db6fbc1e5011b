import type { Value } from "../python/values.js";

/** The variables of a template, a loop, a macro: what is set in one is seen within it alone. */
export class Scope {
  readonly #values = new Map<string, Value>();
  readonly #outer: Scope | null;

  constructor(outer: Scope | null) {
    this.#outer = outer;
  }

  /** Null where it is None, undefined where nobody has set it. */
  find(name: string): Value | undefined {
    const value = this.#values.get(name);
    return value === undefined ? this.#outer?.find(name) : value;
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }
}
