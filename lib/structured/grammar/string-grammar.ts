/** Strings by their length, their patterns and their format. */
import { parsePattern } from "../patterns/parse-pattern.js";
import { plainLanguage } from "./automaton.js";
import type { CharacterSet } from "./character-set.js";
import { choice, EMPTY, NOTHING, repetition, sequence, text, type Expression } from "./expression.js";
import { formatNamed, isCheckedAfter } from "./formats.js";
import { sayableSet, stringCharacter, type JsonRules } from "./json-text.js";
import { LanguageTooLarge, Languages } from "./language.js";
import type { Language, Times } from "./language-node.js";
import { NotInGrammar, patternLanguage } from "./pattern-language.js";
import type { GrammarRules } from "./rules.js";

/** What schemas ask of a string. */
export interface StringFacts {
  readonly minLength: number;
  /** Infinity where there is no bound. */
  readonly maxLength: number;
  readonly patterns: readonly string[];
  readonly formats: readonly string[];
}

/** Characters of a pattern that is translated. */
const MAX_PATTERN = 2000;
/**
 * Copies that counted repetitions make in one grammar. Of any character each costs the engine some 10 ms with a vocabulary
 * of 50,000 tokens; of letters or digits, less than one.
 */
const MAX_WIDE_COPIES = 64;
const MAX_COPIES = 1024;
/** Characters from which a set counts as wide. */
const WIDE = 1000;

/** Makes the rules of one grammar's strings. */
export class StringGrammar {
  readonly languages = new Languages();
  readonly #rules: GrammarRules;
  readonly #json: JsonRules;
  readonly #known = new Map<Language, Expression>();
  readonly #patterns = new Map<string, Language>();
  #wideCopiesLeft = MAX_WIDE_COPIES;
  #copiesLeft = MAX_COPIES;

  constructor(rules: GrammarRules, json: JsonRules) {
    this.#rules = rules;
    this.#json = json;
  }

  /** @param checkedAfter takes the keywords that the grammar does not say */
  string(facts: StringFacts, checkedAfter: Set<string>): Expression {
    return this.of(this.language(facts, checkedAfter), checkedAfter);
  }

  /** Every string of a language, with its quotation marks. */
  of(language: Language, checkedAfter: Set<string>): Expression {
    if (language === this.languages.all) return this.#json.string;
    const known = this.#known.get(language);
    if (known !== undefined) return known;
    const made = this.#rules.named(this.#rules.newName("string"), () =>
      sequence(text('"'), this.#inside(language, checkedAfter), text('"')),
    );
    this.#known.set(language, made);
    return made;
  }

  /** What a schema asks of a string's text, as far as it can be said. */
  language({ minLength, maxLength, patterns, formats }: StringFacts, checkedAfter: Set<string>): Language {
    const parts = patterns.map((pattern) => this.pattern(pattern, checkedAfter));
    for (const name of formats) {
      const format = formatNamed(name);
      if (format !== null && patterns.length === 0) parts.push(this.pattern(format.pattern, checkedAfter));
      const isOpen = format === null ? isCheckedAfter(name) : !format.isExact || patterns.length > 0;
      if (isOpen) checkedAfter.add(`format ${name}`);
    }
    const length = this.languages.times(this.languages.any, minLength, maxLength);
    return this.#joined([...parts, length], checkedAfter);
  }

  /** The texts in which a pattern finds something; all, where a grammar cannot say them. */
  pattern(pattern: string, checkedAfter: Set<string>): Language {
    const known = this.#patterns.get(pattern);
    if (known !== undefined) return known;
    let language = this.languages.all;
    try {
      if (pattern.length > MAX_PATTERN) throw new NotInGrammar("it is long");
      const tree = parsePattern(pattern);
      language = this.languages.limited(() =>
        plainLanguage(this.languages, patternLanguage(this.languages, tree)),
      );
    } catch (error) {
      if (!(error instanceof NotInGrammar) && !(error instanceof LanguageTooLarge)) throw error;
      checkedAfter.add("pattern");
    }
    this.#patterns.set(pattern, language);
    return language;
  }

  /** What is in all of them; where that is too large, in the first. */
  #joined(parts: readonly Language[], checkedAfter: Set<string>): Language {
    const { languages } = this;
    const [first = languages.all] = parts;
    try {
      return languages.limited(() => plainLanguage(languages, languages.and(...parts)));
    } catch (error) {
      if (!(error instanceof LanguageTooLarge)) throw error;
      checkedAfter.add(parts.length > 2 ? "several patterns" : "length beside pattern");
      return first;
    }
  }

  /** A plain language inside a string. */
  #inside(language: Language, checkedAfter: Set<string>, isPaid = false): Expression {
    switch (language.kind) {
      case "none":
        return NOTHING;
      case "empty":
        return EMPTY;
      case "set":
        return this.#character(language.set, checkedAfter);
      case "then":
        return sequence(
          this.#inside(language.first, checkedAfter, isPaid),
          this.#inside(language.rest, checkedAfter, isPaid),
        );
      case "or":
        return choice(...language.parts.map((part) => this.#inside(part, checkedAfter, isPaid)));
      case "times":
        return this.#times(language, checkedAfter, isPaid);
      default:
        throw new Error(`${language.kind} is in no grammar.`);
    }
  }

  #character(set: CharacterSet, checkedAfter: Set<string>): Expression {
    const sayable = sayableSet(set);
    if (sayable.key !== set.key) checkedAfter.add("pattern beyond ASCII");
    return stringCharacter(sayable);
  }

  #times(language: Times, checkedAfter: Set<string>, isPaid: boolean): Expression {
    const { part, min, max } = language;
    const isCounted = min > 1 || (max !== Infinity && max > 1);
    if (!isCounted || isPaid || this.#pay(language)) {
      return repetition(this.#inside(part, checkedAfter, isPaid || isCounted), min, max);
    }
    checkedAfter.add(part.kind === "set" ? "length" : "pattern");
    const copies = Math.min(min, 1);
    return repetition(this.#inside(part, checkedAfter), copies, Infinity);
  }

  /** Whether there are copies left for it; then they are taken. */
  #pay(language: Language): boolean {
    const { wide, narrow } = copiesIn(language);
    if (wide > this.#wideCopiesLeft || narrow > this.#copiesLeft) return false;
    this.#wideCopiesLeft -= wide;
    this.#copiesLeft -= narrow;
    return true;
  }
}

interface Copies {
  readonly wide: number;
  readonly narrow: number;
}

/** How many sets of characters there are when repetitions are written out. */
function copiesIn(language: Language): Copies {
  switch (language.kind) {
    case "set":
      return language.set.size >= WIDE ? { wide: 1, narrow: 0 } : { wide: 0, narrow: 1 };
    case "then":
      return sumOf([language.first, language.rest].map(copiesIn));
    case "or":
      return sumOf(language.parts.map(copiesIn));
    case "times": {
      const { wide, narrow } = copiesIn(language.part);
      const count = language.max === Infinity ? language.min + 1 : language.max;
      return { wide: wide * count, narrow: narrow * count };
    }
    default:
      return { wide: 0, narrow: 0 };
  }
}

function sumOf(copies: readonly Copies[]): Copies {
  return copies.reduce((sum, { wide, narrow }) => ({ wide: sum.wide + wide, narrow: sum.narrow + narrow }));
}
