/** What a grammar's rules consist of, made so that nothing in it is idle. */
import { CharacterSet } from "./character-set.js";

/** A part of a rule. */
export type Expression =
  /** No text at all, not even the empty one. */
  | { readonly kind: "nothing" }
  | { readonly kind: "text"; readonly text: string }
  /** One character. */
  | { readonly kind: "characters"; readonly set: CharacterSet }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  /** `max` is Infinity where there is no bound. */
  | { readonly kind: "repetition"; readonly part: Expression; readonly min: number; readonly max: number }
  | { readonly kind: "rule"; readonly name: string };

export const NOTHING: Expression = { kind: "nothing" };
export const EMPTY: Expression = { kind: "text", text: "" };

export function text(value: string): Expression {
  return { kind: "text", text: value };
}

export function rule(name: string): Expression {
  return { kind: "rule", name };
}

export function characters(set: CharacterSet): Expression {
  return set.isEmpty ? NOTHING : { kind: "characters", set };
}

/** One after the other. */
export function sequence(...parts: readonly Expression[]): Expression {
  const flat: Expression[] = [];
  for (const part of parts.flatMap((one) => (one.kind === "sequence" ? one.parts : [one]))) {
    if (part.kind === "nothing") return NOTHING;
    const before = flat.at(-1);
    if (part.kind === "text" && before?.kind === "text")
      flat[flat.length - 1] = text(before.text + part.text);
    else if (!isEmpty(part)) flat.push(part);
  }
  const [only = EMPTY] = flat;
  return flat.length > 1 ? { kind: "sequence", parts: flat } : only;
}

/** One of them. */
export function choice(...options: readonly Expression[]): Expression {
  const flat: Expression[] = [];
  let set = CharacterSet.none;
  let isOptional = false;
  for (const option of options.flatMap((one) => (one.kind === "choice" ? one.options : [one]))) {
    if (option.kind === "nothing") continue;
    if (isEmpty(option)) isOptional = true;
    else if (option.kind === "characters") set = set.or(option.set);
    else if (!flat.some((other) => isSame(other, option))) flat.push(option);
  }
  if (!set.isEmpty) flat.unshift(characters(set));
  if (isOptional) flat.push(EMPTY);
  const [only = NOTHING] = flat;
  return flat.length > 1 ? { kind: "choice", options: flat } : only;
}

export function optional(part: Expression): Expression {
  return choice(part, EMPTY);
}

/** @param max Infinity where there is no bound */
export function repetition(part: Expression, min: number, max: number): Expression {
  if (min > max) return NOTHING;
  if (part.kind === "nothing") return min === 0 ? EMPTY : NOTHING;
  if (max === 0 || isEmpty(part)) return EMPTY;
  if (max === 1) return min === 1 ? part : optional(part);
  return { kind: "repetition", part, min, max };
}

export function isEmpty(part: Expression): boolean {
  return part.kind === "text" && part.text === "";
}

function isSame(one: Expression, other: Expression): boolean {
  if (one.kind === "rule") return other.kind === "rule" && one.name === other.name;
  return one.kind === "text" && other.kind === "text" && one.text === other.text;
}

/** The names of the rules in it. */
export function rulesIn(part: Expression): string[] {
  if (part.kind === "rule") return [part.name];
  if (part.kind === "sequence") return part.parts.flatMap(rulesIn);
  if (part.kind === "choice") return part.options.flatMap(rulesIn);
  return part.kind === "repetition" ? rulesIn(part.part) : [];
}

/** The same with other things in place of rules. */
export function withRules(part: Expression, replace: (name: string) => Expression): Expression {
  switch (part.kind) {
    case "rule":
      return replace(part.name);
    case "sequence":
      return sequence(...part.parts.map((inside) => withRules(inside, replace)));
    case "choice":
      return choice(...part.options.map((inside) => withRules(inside, replace)));
    case "repetition":
      return repetition(withRules(part.part, replace), part.min, part.max);
    default:
      return part;
  }
}
