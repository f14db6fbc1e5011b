/** Regular languages: expressions with "and" and "not", which a grammar cannot have, and what they lead to by a character. */
import { CharacterSet } from "./character-set.js";
import {
  asCounted,
  isAnyNumber,
  type Known,
  type Language,
  type Not,
  type OneCharacter,
  type Several,
  type Simple,
  type Then,
  type Times,
} from "./language-node.js";

type Made =
  | Omit<Simple, keyof Known>
  | Omit<OneCharacter, keyof Known>
  | Omit<Then, keyof Known>
  | Omit<Several, keyof Known>
  | Omit<Not, keyof Known>
  | Omit<Times, keyof Known>;

/** Languages that one grammar makes on its way. */
const MAX_LANGUAGES = 100_000;

/** Steps of one language on its way to a grammar, and of all in one schema: some tenths of a second, and some seconds. */
const MAX_STEPS = 1_000_000;
const MAX_STEPS_TOGETHER = 5_000_000;

/** What takes more states or steps than there may be. */
export class LanguageTooLarge extends Error {}

/** Makes languages, each once. One is for one grammar. */
export class Languages {
  readonly none: Language;
  readonly empty: Language;
  /** One character. */
  readonly any: Language;
  /** Every text. */
  readonly all: Language;
  readonly #known = new Map<string, Language>();
  readonly #derived = new Map<string, Language>();
  /** Steps that are left to what is being made; null where nothing is counted. */
  #left: number | null = null;
  #leftTogether = MAX_STEPS_TOGETHER;

  constructor() {
    this.none = this.#make("none", false, { kind: "none" });
    this.empty = this.#make("empty", true, { kind: "empty" });
    this.any = this.set(CharacterSet.all);
    this.all = this.times(this.any, 0, Infinity);
  }

  set(set: CharacterSet): Language {
    return set.isEmpty ? this.none : this.#make(`s${set.key}`, false, { kind: "set", set });
  }

  /**
   * Makes something in a bounded number of steps.
   *
   * @throws {@link LanguageTooLarge}
   */
  limited<Made>(make: () => Made): Made {
    const limit = Math.min(MAX_STEPS, this.#leftTogether);
    this.#left = limit;
    try {
      return make();
    } finally {
      this.#leftTogether -= Math.min(limit, limit - this.#left);
      this.#left = null;
    }
  }

  /** One of these texts. */
  texts(texts: readonly string[]): Language {
    const [first] = texts;
    if (first === undefined) return this.none;
    const byCharacter = new Map<string, string[]>();
    for (const text of new Set(texts)) {
      const [character] = text;
      if (character === undefined) continue;
      const rests = byCharacter.get(character) ?? [];
      byCharacter.set(character, [...rests, text.slice(character.length)]);
    }
    const options = [...byCharacter].map(([character, rests]) =>
      this.#pair(this.set(CharacterSet.from(character)), this.texts(rests)),
    );
    return this.or(...options, ...(texts.includes("") ? [this.empty] : []));
  }

  sequence(...parts: readonly Language[]): Language {
    return parts.reduceRight((rest, first) => this.#pair(first, rest), this.empty);
  }

  or(...parts: readonly Language[]): Language {
    const flat = this.#flat("or", parts).filter((part) => part !== this.none);
    if (flat.includes(this.all)) return this.all;
    const sets = flat.flatMap((part) => (part.kind === "set" ? [part.set] : []));
    const others = flat.filter((part): boolean => part.kind !== "set");
    if (sets.length > 0) others.unshift(this.set(sets.reduce((sum, set) => sum.or(set))));
    return this.#several("or", others, this.none);
  }

  and(...parts: readonly Language[]): Language {
    const flat = this.#flat("and", parts).filter((part) => part !== this.all);
    if (flat.includes(this.none)) return this.none;
    if (flat.includes(this.empty)) return flat.every(({ hasEmpty }) => hasEmpty) ? this.empty : this.none;
    const counted = flat.filter((part) => asCounted(part) !== null);
    const others = flat.filter((part) => !counted.includes(part));
    const [first, ...more] = counted;
    if (first !== undefined) others.push(more.reduce((all, part) => this.#bothCounted(all, part), first));
    return this.#several("and", others, this.all);
  }

  not(part: Language): Language {
    if (part === this.none) return this.all;
    if (part === this.all) return this.none;
    return part.kind === "not" ? part.part : this.#make(`!${part.id}`, !part.hasEmpty, { kind: "not", part });
  }

  times(part: Language, min: number, max: number): Language {
    if (min > max) return this.none;
    if (part === this.none) return min === 0 ? this.empty : this.none;
    if (max === 0 || part === this.empty) return this.empty;
    if (min === 1 && max === 1) return part;
    if (part.kind === "times" && part.min === 0 && part.max === Infinity) return part;
    const key = `${part.id}{${min},${max}}`;
    return this.#make(key, min === 0 || part.hasEmpty, { kind: "times", part, min, max });
  }

  has(language: Language, text: string): boolean {
    let left = language;
    for (const character of text) left = this.after(left, character.codePointAt(0) ?? 0);
    return left.hasEmpty;
  }

  /** What may follow a character. */
  after(language: Language, code: number): Language {
    const key = `${language.id} ${code}`;
    const known = this.#derived.get(key);
    if (known !== undefined) return known;
    const made = this.#after(language, code);
    this.#derived.set(key, made);
    return made;
  }

  /** Sets of characters, all of which lead to the same language each. */
  classes(language: Language): CharacterSet[] {
    switch (language.kind) {
      case "set":
        return [language.set, language.set.not()].filter((set) => !set.isEmpty);
      case "then":
        return language.first.hasEmpty
          ? this.#refined(this.classes(language.first), this.classes(language.rest))
          : this.classes(language.first);
      case "or":
      case "and":
        return language.parts
          .map((part) => this.classes(part))
          .reduce((some, others) => this.#refined(some, others), [CharacterSet.all]);
      case "not":
      case "times":
        return this.classes(language.part);
      default:
        return [CharacterSet.all];
    }
  }

  #after(language: Language, code: number): Language {
    switch (language.kind) {
      case "set":
        return language.set.has(code) ? this.empty : this.none;
      case "then": {
        const { first, rest } = language;
        const after = this.sequence(this.after(first, code), rest);
        return first.hasEmpty ? this.or(after, this.after(rest, code)) : after;
      }
      case "or":
        return this.or(...language.parts.map((part) => this.after(part, code)));
      case "and":
        return this.and(...language.parts.map((part) => this.after(part, code)));
      case "not":
        return this.not(this.after(language.part, code));
      case "times": {
        const { part, min, max } = language;
        const left = this.times(part, Math.max(min - 1, 0), max - 1);
        return this.sequence(this.after(part, code), left);
      }
      default:
        return this.none;
    }
  }

  #pair(first: Language, rest: Language): Language {
    if (first === this.none || rest === this.none) return this.none;
    if (first === this.empty) return rest;
    if (rest === this.empty) return first;
    const isBeforeAll = rest === this.all || (rest.kind === "then" && rest.first === this.all);
    if (isBeforeAll && isAnyNumber(first)) return rest;
    if (first.kind === "then") return this.#pair(first.first, this.#pair(first.rest, rest));
    const hasEmpty = first.hasEmpty && rest.hasEmpty;
    return this.#make(`(${first.id}.${rest.id})`, hasEmpty, { kind: "then", first, rest });
  }

  #several(kind: "or" | "and", parts: readonly Language[], neutral: Language): Language {
    this.#spend(parts.length);
    const [only = neutral] = parts;
    if (parts.length < 2) return only;
    const sorted = parts.toSorted((a, b) => a.id - b.id);
    const has = ({ hasEmpty }: Language): boolean => hasEmpty;
    const hasEmpty = kind === "or" ? sorted.some(has) : sorted.every(has);
    return this.#make(`${kind}(${sorted.map(({ id }) => id).join(",")})`, hasEmpty, { kind, parts: sorted });
  }

  #refined(some: readonly CharacterSet[], others: readonly CharacterSet[]): CharacterSet[] {
    const [only] = others;
    if (only === undefined || (others.length === 1 && only.key === CharacterSet.all.key)) return [...some];
    return some.flatMap((one) =>
      others
        .map((other) => {
          this.#spend(one.ranges.length + other.ranges.length);
          return one.and(other);
        })
        .filter((set) => !set.isEmpty),
    );
  }

  #spend(steps: number): void {
    if (this.#left === null) return;
    this.#left -= steps;
    if (this.#left < 0) throw new LanguageTooLarge(`it takes more than ${MAX_STEPS} steps`);
  }

  #flat(kind: "or" | "and", parts: readonly Language[]): Language[] {
    return [...new Set(parts.flatMap((part) => (part.kind === kind ? part.parts : [part])))];
  }

  /** What two have in common that count characters. */
  #bothCounted(one: Language, other: Language): Language {
    const [a, b] = [asCounted(one), asCounted(other)];
    if (a === null || b === null) return this.none;
    const [min, max] = [Math.max(a.min, b.min), Math.min(a.max, b.max)];
    return this.times(this.set(a.set.and(b.set)), min, max);
  }

  #make(key: string, hasEmpty: boolean, made: Made): Language {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_LANGUAGES)
      throw new LanguageTooLarge(`it takes more than ${MAX_LANGUAGES} steps`);
    const language = { ...made, id: this.#known.size, hasEmpty } as Language;
    this.#known.set(key, language);
    return language;
  }
}
