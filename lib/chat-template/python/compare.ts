/** Python's ==, < and in. */
import { failed } from "../template-error.js";
import {
  Dict,
  isList,
  itemsIn,
  keyOf,
  numberOf,
  Sequence,
  Stream,
  typeName,
  Undefined,
  type Value,
} from "./values.js";
import type { Work } from "../work.js";

export function areEqual(left: Value, right: Value, work: Work): boolean {
  work.step();
  if (typeof left === "string" && typeof right === "string") {
    if (left.length !== right.length) return false;
    work.read(left.length);
    return left === right;
  }
  if (left === right) return true;
  if (typeof left === "string" || typeof right === "string" || left === null || right === null) return false;
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined || b !== undefined) return a === b;
  if (left instanceof Undefined) return right instanceof Undefined;
  if (left instanceof Dict)
    return right instanceof Dict && work.deeper(() => areEqualDicts(left, right, work));
  const [mine, others] = [rowOf(left), rowOf(right)];
  if (mine === undefined || others === undefined || typeName(left) !== typeName(right)) return false;
  if (mine.length !== others.length) return false;
  return work.deeper(() => mine.every((item, i) => areEqual(item, others[i] ?? null, work)));
}

/** Lists and tuples; undefined for anything else. */
function rowOf(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value;
  return value instanceof Sequence ? value.items : undefined;
}

function areEqualDicts(left: Dict, right: Dict, work: Work): boolean {
  if (left.size !== right.size) return false;
  for (const [key, item] of left) {
    const other = right.get(key);
    if (other === undefined || !areEqual(item, other, work)) return false;
  }
  return true;
}

/** Below, at or above 0. @throws TemplateError for what has no order */
export function compare(left: Value, right: Value, work: Work): number {
  work.step();
  if (typeof left === "string" && typeof right === "string") {
    work.read(Math.min(left.length, right.length));
    return compareTexts(left, right);
  }
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return a - b;
  if (left instanceof Undefined) left.fail();
  if (right instanceof Undefined) right.fail();
  const [mine, others] = [rowOf(left), rowOf(right)];
  if (mine === undefined || others === undefined || typeName(left) !== typeName(right)) {
    throw failed(`'${typeName(left)}' and '${typeName(right)}' are compared by order`);
  }
  return work.deeper(() => {
    for (const [i, item] of mine.entries()) {
      const other = others[i];
      if (other === undefined) return 1;
      if (!areEqual(item, other, work)) return compare(item, other, work);
    }
    return mine.length - others.length;
  });
}

/** Whether `item` is in `container`. @throws TemplateError for what can hold nothing */
export function contains(container: Value, item: Value, work: Work): boolean {
  if (typeof container === "string") {
    if (item instanceof Undefined) item.fail();
    if (typeof item !== "string") throw failed(`a '${typeName(item)}' is looked for in a text`);
    work.read(container.length);
    return container.includes(item);
  }
  if (container instanceof Dict) return container.has(keyOf(item));
  const items = container instanceof Stream ? container.take() : itemsIn(container);
  if (items === undefined) throw failed(`something is looked for in a '${typeName(container)}'`);
  return items.some((one) => areEqual(one, item, work));
}

/** By code points; JavaScript compares by units of 16 bits. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    const surrogates = [left, right].map((unit) => unit >= 0xd800 && unit <= 0xdfff);
    if (surrogates[0] !== surrogates[1]) return surrogates[0] ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}
