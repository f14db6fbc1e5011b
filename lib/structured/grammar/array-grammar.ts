/** Lists: what has a place of its own, and what comes behind. */
import type { SchemaObject } from "../json-schema/visit-schemas.js";
import type { Compilation } from "./compilation.js";
import { NOTHING, optional, repetition, sequence, type Expression } from "./expression.js";
import { listOf, numberOf, restBy } from "./schema-set.js";

/** Counted repetitions of an element. */
const MAX_COUNT = 256;

export function arrayGrammar(members: readonly SchemaObject[], context: Compilation): Expression {
  const { json, rules, checkedAfter } = context;
  for (const member of members) {
    if ((member["uniqueItems"] ?? false) !== false) checkedAfter.add("uniqueItems");
    if (member["contains"] !== undefined) checkedAfter.add("contains");
  }
  const placed = Math.max(...members.map((member) => placesOf(member).length));
  const rest = context.value(members.map((member) => restOf(member, checkedAfter)));
  let min = Math.max(0, ...members.map((member) => leastOf(member)));
  let max = Math.min(Infinity, ...members.map((member) => numberOf(member, "maxItems") ?? Infinity));
  if (rest === NOTHING) max = Math.min(max, placed);
  if (min > max) return NOTHING;
  if (min - placed > MAX_COUNT || (max - placed > MAX_COUNT && max !== Infinity)) {
    checkedAfter.add("minItems, maxItems");
    if (max - placed > MAX_COUNT) max = Infinity;
    min = Math.min(min, placed + MAX_COUNT);
  }
  const element = (index: number): Expression =>
    context.value(members.map((member) => placesOf(member)[index] ?? restOf(member, checkedAfter)));
  if (placed === 0) {
    const one = rules.named(rules.newName("item"), () => rest);
    return json.list(json.listed(one, min, max));
  }
  // From the last place to the first: what comes behind is there only where all before it is.
  let behind = repetition(sequence(json.comma, rest), Math.max(min - placed, 0), Math.max(max - placed, 0));
  for (let index = Math.min(placed, max) - 1; index >= 0; index--) {
    const own = sequence(index === 0 ? sequence() : json.comma, element(index), behind);
    behind = rules.named(rules.newName("place"), () => (index < min ? own : optional(own)));
  }
  return json.list(behind);
}

/** The schemas of elements that have places, as both drafts write them. */
function placesOf(member: SchemaObject): readonly unknown[] {
  const { prefixItems, items } = member;
  return prefixItems === undefined && Array.isArray(items) ? items : listOf(member, "prefixItems");
}

/** The schema of the elements behind those. */
function restOf(member: SchemaObject, checkedAfter: Set<string>): unknown {
  const { prefixItems, items, contains } = member;
  const keyword = prefixItems === undefined && Array.isArray(items) ? "additionalItems" : "items";
  // What `contains` finds counts as evaluated.
  if (contains !== undefined) return member[keyword] ?? true;
  return restBy(member, keyword, "unevaluatedItems", checkedAfter) ?? true;
}

function leastOf(member: SchemaObject): number {
  const least = numberOf(member, "minItems") ?? 0;
  if (member["contains"] === undefined) return least;
  return Math.max(least, numberOf(member, "minContains") ?? 1);
}
