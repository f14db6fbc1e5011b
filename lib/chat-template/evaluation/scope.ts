import type { Value } from "../python/values.js";

/** So many names are found faster one by one. */
const FEW = 8;

/** The variables of a template, a loop, a macro: what is set in one is seen within it alone. */
export class Scope {
  readonly #outer: Scope | null;
  readonly #names: string[] = [];
  readonly #values: Value[] = [];
  /** Of all of them, where they are not few. */
  #byName: Map<string, Value> | undefined;

  constructor(outer: Scope | null) {
    this.#outer = outer;
  }

  /** Null where it is None, undefined where nobody has set it. */
  find(name: string): Value | undefined {
    const value =
      this.#byName === undefined ? this.#values[this.#names.indexOf(name)] : this.#byName.get(name);
    return value === undefined ? this.#outer?.find(name) : value;
  }

  set(name: string, value: Value): void {
    if (this.#byName !== undefined) {
      this.#byName.set(name, value);
      return;
    }
    const place = this.#names.indexOf(name);
    if (place !== -1) this.#values[place] = value;
    else {
      this.#names.push(name);
      this.#values.push(value);
      if (this.#names.length > FEW) {
        this.#byName = new Map(this.#names.map((one, i) => [one, this.#values[i] ?? null]));
      }
    }
  }
}
