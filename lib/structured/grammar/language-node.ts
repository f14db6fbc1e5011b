/** What a regular language is made of. */
import type { CharacterSet } from "./character-set.js";

/** What is known of every language. */
export interface Known {
  readonly id: number;
  /** Whether the empty text is one of it. */
  readonly hasEmpty: boolean;
}

/** No text, or the empty one. */
export interface Simple extends Known {
  readonly kind: "none" | "empty";
}

export interface OneCharacter extends Known {
  readonly kind: "set";
  readonly set: CharacterSet;
}

/** The first, and then the rest. */
export interface Then extends Known {
  readonly kind: "then";
  readonly first: Language;
  readonly rest: Language;
}

export interface Several extends Known {
  readonly kind: "or" | "and";
  readonly parts: readonly Language[];
}

export interface Not extends Known {
  readonly kind: "not";
  readonly part: Language;
}

/** `max` is Infinity where there is no bound. */
export interface Times extends Known {
  readonly kind: "times";
  readonly part: Language;
  readonly min: number;
  readonly max: number;
}

/** A language. Equal ones, as far as that is seen, are one object. */
export type Language = Simple | OneCharacter | Then | Several | Not | Times;

/** Whether it is any number of some characters. */
export function isAnyNumber(language: Language): boolean {
  return (
    language.kind === "times" &&
    language.min === 0 &&
    language.max === Infinity &&
    language.part.kind === "set"
  );
}

/** Some characters so many times; null for another language. */
export function asCounted(language: Language): { set: CharacterSet; min: number; max: number } | null {
  if (language.kind === "set") return { set: language.set, min: 1, max: 1 };
  if (language.kind !== "times" || language.part.kind !== "set") return null;
  return { set: language.part.set, min: language.min, max: language.max };
}
