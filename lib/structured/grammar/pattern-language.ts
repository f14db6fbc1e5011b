/** The texts in which a regular expression of JSON Schema finds something. */
import type { PatternNode, PatternPlace } from "../patterns/parse-pattern.js";
import { CharacterSet } from "./character-set.js";
import type { Languages } from "./language.js";
import type { Language } from "./language-node.js";

/** What a grammar does not say of an expression: whether words begin or end, and what stands behind a place. */
export class NotInGrammar extends Error {}

/** What may follow, from the beginning of the text or from somewhere else. */
type Rest = (isAtStart: boolean) => Language;

/**
 * Every text that has a match, wherever it is.
 *
 * @throws {@link NotInGrammar}
 */
export function patternLanguage(languages: Languages, tree: PatternNode): Language {
  return new Translation(languages).search(tree);
}

class Translation {
  readonly #languages: Languages;

  constructor(languages: Languages) {
    this.#languages = languages;
  }

  search(tree: PatternNode): Language {
    const { all, any, none } = this.#languages;
    if (!hasPlace(tree)) return this.#languages.sequence(all, this.#plain(tree), all);
    const match = this.#match(tree, () => all);
    const later = match(false);
    const somewhere =
      later === none ? none : this.#languages.sequence(this.#languages.times(any, 1, Infinity), later);
    return this.#languages.or(match(true), somewhere);
  }

  #match(node: PatternNode, rest: Rest): Rest {
    const languages = this.#languages;
    if (!hasPlace(node)) return this.#plainThen(this.#plain(node), rest);
    switch (node.kind) {
      case "place":
        return this.#place(node.source, rest);
      case "sequence":
        return node.parts.reduceRight((after, part) => this.#match(part, after), rest);
      case "choice": {
        const options = node.options.map((option) => this.#match(option, rest));
        return once((isAtStart) => languages.or(...options.map((option) => option(isAtStart))));
      }
      case "repetition": {
        // What is bound to a place is there once or not at all: more often makes no difference that matters.
        const there = this.#match(node.part, rest);
        if (node.min === 1 && node.max === 1) return there;
        if (node.min === 0 && node.max === 1)
          return once((isAtStart) => languages.or(there(isAtStart), rest(isAtStart)));
        throw new NotInGrammar("it repeats what is bound to a place");
      }
      case "look": {
        if (node.direction === "behind") throw new NotInGrammar("it looks behind");
        const found = this.#match(node.part, () => languages.all);
        return once((isAtStart) => {
          const here = found(isAtStart);
          return languages.and(node.isNegative ? languages.not(here) : here, rest(isAtStart));
        });
      }
      case "character":
        return this.#plainThen(this.#plain(node), rest);
    }
  }

  #plainThen(language: Language, rest: Rest): Rest {
    const languages = this.#languages;
    if (!language.hasEmpty) return once(() => languages.sequence(language, rest(false)));
    return once((isAtStart) => {
      const after = rest(isAtStart);
      const later = rest(false);
      if (after === later) return languages.sequence(language, after);
      const some = languages.and(language, languages.times(languages.any, 1, Infinity));
      return languages.or(after, languages.sequence(some, later));
    });
  }

  #place(place: PatternPlace, rest: Rest): Rest {
    const languages = this.#languages;
    if (place === "^") return (isAtStart) => (isAtStart ? rest(true) : languages.none);
    if (place === "$") {
      return (isAtStart) => (rest(isAtStart).hasEmpty ? languages.empty : languages.none);
    }
    throw new NotInGrammar("it asks whether a word begins or ends");
  }

  #plain(node: PatternNode): Language {
    const languages = this.#languages;
    switch (node.kind) {
      case "character":
        return languages.set(CharacterSet.ofAtom(node.source));
      case "sequence":
        return languages.sequence(...node.parts.map((part) => this.#plain(part)));
      case "choice":
        return languages.or(...node.options.map((option) => this.#plain(option)));
      case "repetition":
        return languages.times(this.#plain(node.part), node.min, node.max);
      default:
        throw new NotInGrammar("it has a place inside");
    }
  }
}

/** The same, asked once for each place: what is asked for by every part before it would take for ever. */
function once(rest: Rest): Rest {
  const known = new Map<boolean, Language>();
  return (isAtStart) => {
    const language = known.get(isAtStart) ?? rest(isAtStart);
    known.set(isAtStart, language);
    return language;
  };
}

function hasPlace(node: PatternNode): boolean {
  switch (node.kind) {
    case "character":
      return false;
    case "sequence":
      return node.parts.some(hasPlace);
    case "choice":
      return node.options.some(hasPlace);
    case "repetition":
      return hasPlace(node.part);
    default:
      return true;
  }
}
