/** A grammar's rules, and how they are written for the engine. */
import type { CharacterSet } from "./character-set.js";
import { type CharacterRange } from "./character-set.js";
import { isEmpty, NOTHING, rule, rulesIn, withRules, type Expression } from "./expression.js";

const LAST_CHARACTER = 0x10ffff;

/** Rules by name, collected while a schema is gone through. */
export class GrammarRules {
  readonly #rules = new Map<string, Expression>();
  #count = 0;

  /** Defines a rule that has a name of its own, once. */
  named(name: string, make: () => Expression): Expression {
    if (!this.#rules.has(name)) {
      this.#rules.set(name, NOTHING); // so that it may be part of itself
      this.#rules.set(name, make());
    }
    return rule(name);
  }

  /** Defines a rule by a name that {@link newName} gave. */
  define(name: string, body: Expression): void {
    this.#rules.set(name, body);
  }

  /** A rule's name that no other has. */
  newName(kind: string): string {
    return `${kind}_${++this.#count}`;
  }

  /**
   * The rules as text, `root` first: those that lead to some text and that `root` needs.
   *
   * @returns null where nothing at all can be said
   */
  write(root: Expression): string | null {
    const all = new Map([["root", root], ...this.#rules]);
    const fruitful = fruitfulRules(all);
    if (!fruitful.has("root")) return null;
    const pruned = new Map(
      [...all]
        .filter(([name]) => fruitful.has(name))
        .map(([name, body]) => [
          name,
          withRules(body, (other) => (fruitful.has(other) ? rule(other) : NOTHING)),
        ]),
    );
    return new Writer(pruned).write();
  }
}

/** The rules that lead to an end. */
function fruitfulRules(rules: ReadonlyMap<string, Expression>): ReadonlySet<string> {
  const fruitful = new Set<string>();
  const leads = (part: Expression): boolean => {
    if (part.kind === "nothing") return false;
    if (part.kind === "rule") return fruitful.has(part.name);
    if (part.kind === "sequence") return part.parts.every(leads);
    if (part.kind === "choice") return part.options.some(leads);
    return part.kind !== "repetition" || part.min === 0 || leads(part.part);
  };
  for (let before = -1; before < fruitful.size;) {
    before = fruitful.size;
    for (const [name, body] of rules) if (!fruitful.has(name) && leads(body)) fruitful.add(name);
  }
  return fruitful;
}

class Writer {
  readonly #rules: ReadonlyMap<string, Expression>;
  /** Rules that writing itself needs, by what they say. */
  readonly #loops = new Map<string, string>();
  readonly #lines: string[] = [];

  constructor(rules: ReadonlyMap<string, Expression>) {
    this.#rules = rules;
  }

  write(): string {
    const reached = new Set(["root"]);
    for (const name of reached) {
      const body = this.#rules.get(name) ?? NOTHING;
      for (const other of rulesIn(body)) reached.add(other);
      this.#lines.push(`${name} ::= ${this.#options(body)}`);
    }
    return `${this.#lines.join("\n")}\n`;
  }

  #options(part: Expression): string {
    if (part.kind !== "choice") return this.#part(part);
    return part.options.map((option) => this.#part(option)).join(" | ");
  }

  #part(part: Expression): string {
    switch (part.kind) {
      case "nothing":
        throw new Error("A rule that leads to nothing is left.");
      case "text":
        return `"${Array.from(part.text, (character) => escaped(character, '"')).join("")}"`;
      case "characters":
        return classOf(part.set);
      case "rule":
        return part.name;
      case "sequence":
        return part.parts.map((inside) => this.#atom(inside)).join(" ");
      case "choice":
        return `(${this.#options(part)})`;
      case "repetition":
        return this.#repetition(part);
    }
  }

  #atom(part: Expression): string {
    return part.kind === "sequence" ? `(${this.#part(part)})` : this.#part(part);
  }

  #repetition({ part, min, max }: Extract<Expression, { kind: "repetition" }>): string {
    const inside = this.#atom(part.kind === "repetition" ? { kind: "sequence", parts: [part] } : part);
    if (max !== Infinity) return min === max ? `${inside}{${min}}` : `${inside}{${min},${max}}`;
    const loop = part.kind === "choice" ? this.#loop(part.options) : null;
    const least = min === 0 ? "" : min === 1 ? `${inside} ` : `${inside}{${min}} `;
    return loop === null ? `${least}${inside}*` : `${least}${loop}`;
  }

  /**
   * Any number of characters and of what takes several, escapes for instance. The engine's masks are ready beforehand for
   * a class that is repeated, and are made token by token, in tens of milliseconds, where a choice is.
   */
  #loop(options: readonly Expression[]): string | null {
    const set = options.find((option) => option.kind === "characters");
    const others = options.filter((option) => option !== set && !isEmpty(option));
    if (set === undefined || others.length === 0) return null;
    const run = `${this.#part(set)}*`;
    const rest = others.map((option) => this.#atom(option)).join(" | ");
    const key = `${run} ${rest}`;
    const known = this.#loops.get(key);
    if (known !== undefined) return known;
    const name = `run_${this.#loops.size + 1}`;
    this.#loops.set(key, name);
    this.#lines.push(`${name} ::= ${run} | ${run} (${rest}) ${name}`);
    return name;
  }
}

/** A class of characters: ASCII, or what it leaves out of that. The engine reads no other class right. */
function classOf(set: CharacterSet): string {
  const isOpen = set.has(LAST_CHARACTER);
  const ranges = (isOpen ? set.not() : set).ranges;
  return `[${isOpen ? "^" : ""}${ranges.map((range) => rangeText(range)).join("")}]`;
}

function rangeText([first, last]: CharacterRange): string {
  const from = escaped(String.fromCodePoint(first), "]^-[");
  const to = escaped(String.fromCodePoint(last), "]^-[");
  if (first === last) return from;
  return first + 1 === last ? from + to : `${from}-${to}`;
}

function escaped(character: string, special: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\\" || special.includes(character)) {
    return special === '"' || character === "\\" ? `\\${character}` : hex(code);
  }
  return code >= 0x20 && code < 0x7f ? character : hex(code);
}

function hex(code: number): string {
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
