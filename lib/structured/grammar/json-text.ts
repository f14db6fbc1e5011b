/** JSON as text: what its values look like whatever a schema says. */
import { CharacterSet } from "./character-set.js";
import {
  characters,
  choice,
  EMPTY,
  optional,
  repetition,
  sequence,
  text,
  type Expression,
} from "./expression.js";
import type { GrammarRules } from "./rules.js";

/** Digits that JavaScript writes at most: those of 10^21 - 1, and those behind the point of 1.2345678901234567e-6. */
export const MAX_INTEGER_DIGITS = 21;
export const MAX_FRACTION_DIGITS = 22;
/** Spaces and tabs in front of a line. */
const MAX_INDENT = 40;

/** What is written as an escape. */
const CONTROLS = CharacterSet.of([[0, 0x1f]]);
const ESCAPED = CONTROLS.or(CharacterSet.from('"\\'));
const SHORT_ESCAPES: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["\\", "\\"],
  ["\b", "b"],
  ["\f", "f"],
  ["\n", "n"],
  ["\r", "r"],
  ["\t", "t"],
];
const HEX = CharacterSet.from("0123456789abcdefABCDEF");
export const DIGIT = characters(CharacterSet.digits);

/** Characters beyond ASCII that are written out one by one. */
const MAX_WRITTEN_OUT = 32;

/**
 * The least set with these characters that the engine reads right: of those beyond ASCII, few of them, or all. Its classes go
 * wrong for others.
 */
export function sayableSet(set: CharacterSet): CharacterSet {
  const beyond = set.without(CharacterSet.ascii);
  return beyond.size <= MAX_WRITTEN_OUT ? set : set.or(CharacterSet.ascii.not());
}

/** One of these characters inside a string, as JSON writes it. The set is a {@link sayableSet}. */
export function stringCharacter(set: CharacterSet): Expression {
  const raw = set.without(ESCAPED);
  const beyond = raw.without(CharacterSet.ascii);
  const isWrittenOut = beyond.size <= MAX_WRITTEN_OUT;
  const plain = isWrittenOut ? raw.and(CharacterSet.ascii) : raw;
  const short = SHORT_ESCAPES.filter(([character]) => set.has(character.charCodeAt(0)));
  const letters = characters(CharacterSet.from(short.map(([, letter]) => letter).join("")));
  const isEveryControl = CONTROLS.and(set).key === CONTROLS.key;
  const codes = isEveryControl
    ? sequence(characters(CharacterSet.from("01")), characters(HEX))
    : choice(...[0, 1].map((high) => sequence(text(String(high)), controlsFrom(set, high * 16))));
  return choice(
    plain.size === 1 ? text(String.fromCodePoint(plain.first)) : characters(plain),
    ...(isWrittenOut ? beyond.codes() : []).map((code) => text(String.fromCodePoint(code))),
    sequence(text("\\"), letters),
    sequence(text("\\u00"), codes),
  );
}

/** The last digit of the sixteen controls from this one on that are in the set. */
function controlsFrom(set: CharacterSet, first: number): Expression {
  const codes = Array.from({ length: 16 }, (_, index) => index).filter((index) => set.has(first + index));
  const digits = codes.map((code) => code.toString(16)).join("");
  return characters(CharacterSet.from(digits + digits.toUpperCase()));
}

/** A value that is written out: JSON.stringify's text. */
export function literal(value: unknown): Expression {
  return text(JSON.stringify(value));
}

/** What JSON is made of, as rules. */
export class JsonRules {
  readonly #rules: GrammarRules;

  constructor(rules: GrammarRules) {
    this.#rules = rules;
  }

  /** Between the parts of a list or an object: nothing, a space, or a new line with its indentation. */
  get gap(): Expression {
    const indent = repetition(characters(CharacterSet.from(" \t")), 0, MAX_INDENT);
    return this.#rules.named("gap", () => choice(text(" "), sequence(text("\n"), indent), EMPTY));
  }

  /** Between a name and its value. */
  get colon(): Expression {
    return this.#rules.named("colon", () => sequence(text(":"), optional(text(" "))));
  }

  /** Any string, with any escapes. */
  get string(): Expression {
    return this.#rules.named("string", () => sequence(text('"'), this.stringRest, text('"')));
  }

  /** What may stand inside a string after anything else. */
  get stringRest(): Expression {
    const raw = characters(ESCAPED.not());
    const short = characters(CharacterSet.from('"\\/bfnrt'));
    const hex = repetition(characters(HEX), 4, 4);
    return repetition(
      choice(
        raw,
        sequence(
          text("\\"),
          this.#rules.named("escape", () => choice(short, sequence(text("u"), hex))),
        ),
      ),
      0,
      Infinity,
    );
  }

  get integer(): Expression {
    return this.#rules.named("integer", () =>
      choice(text("0"), sequence(optional(text("-")), nonZeroDigits())),
    );
  }

  get number(): Expression {
    return this.#rules.named("number", () => {
      const fraction = sequence(text("."), repetition(DIGIT, 1, MAX_FRACTION_DIGITS));
      const sign = optional(characters(CharacterSet.from("+-")));
      const exponent = sequence(characters(CharacterSet.from("eE")), sign, repetition(DIGIT, 1, 3));
      return sequence(optional(text("-")), wholeDigits(), optional(fraction), optional(exponent));
    });
  }

  get any(): Expression {
    return this.#rules.named("any", () =>
      choice(
        this.anyObject,
        this.anyList,
        this.string,
        this.number,
        text("true"),
        text("false"),
        text("null"),
      ),
    );
  }

  get anyObject(): Expression {
    return this.#rules.named("object", () =>
      this.object(this.listed(sequence(this.string, this.colon, this.any), 0, Infinity)),
    );
  }

  get anyList(): Expression {
    return this.#rules.named("list", () => this.list(this.listed(this.any, 0, Infinity)));
  }

  /** Some of a kind with commas between them. */
  listed(part: Expression, min: number, max: number): Expression {
    if (max === 0) return EMPTY;
    const more = repetition(sequence(this.comma, part), Math.max(min - 1, 0), max - 1);
    const all = sequence(part, more);
    return min === 0 ? optional(all) : all;
  }

  get comma(): Expression {
    return sequence(text(","), this.gap);
  }

  object(inside: Expression): Expression {
    return sequence(text("{"), this.gap, inside, this.#end("}"));
  }

  list(inside: Expression): Expression {
    return sequence(text("["), this.gap, inside, this.#end("]"));
  }

  #end(bracket: string): Expression {
    return sequence(this.gap, text(bracket));
  }
}

/** The digits of a whole number: none in front that says nothing. */
function wholeDigits(): Expression {
  return choice(text("0"), nonZeroDigits());
}

function nonZeroDigits(): Expression {
  const first = characters(CharacterSet.of([[0x31, 0x39]]));
  return sequence(first, repetition(DIGIT, 0, MAX_INTEGER_DIGITS - 1));
}
