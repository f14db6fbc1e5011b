import { itemOf } from "../python/attributes.js";
import { failed } from "../template-error.js";
import { Undefined, type Value } from "../python/values.js";
import type { Work } from "../work.js";

/** Reads what a filter's `attribute` names: "a.b.0", or an index. */
export function attributeGetter(attribute: Value, work: Work, otherwise?: Value): (item: Value) => Value {
  if (typeof attribute !== "string" && typeof attribute !== "number") {
    throw failed("an attribute is neither a name nor an index");
  }
  const path = String(attribute)
    .split(".")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return (item) => {
    let value = item;
    for (const part of path) {
      value = itemOf(value, part, work);
      if (value instanceof Undefined && otherwise !== undefined) value = otherwise;
    }
    return value;
  };
}
